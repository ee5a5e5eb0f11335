"""Makers' codes: another name of one thing for ever, in the log and checked against it."""

import pytest

from biobank.custody.queries import newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, Kind
from biobank.custody.steps import AskedBack, UnknownItem
from biobank.items.aliases import AliasRefused
from biobank.items.models import ItemAlias
from biobank.items.queries import children_of
from biobank.processing.choices import ChildrenRefused
from tests.floor import PAPER

CODE = "FR90000001"
PLASMA = {"specification": "plasma", "volume_microlitres": 500}


def label(floor, item, code=CODE, issuer="FluidX", by=None, **asked):
    return floor.step(item, Action.LABEL, by, details={"issuer": issuer, "code": code}, **asked)


def aliases(floor, item):
    number = floor.now(item).id
    return [
        (each.issuer, each.value) for each in floor.work.session.query(ItemAlias).filter_by(item_id=number)
    ]


def found(floor):
    return [str(finding.sentence) for finding in state_findings(floor.work)]


def test_a_scan_of_either_code_finds_the_tube(floor):
    tube = floor.received()["1ED04"]
    done = label(floor, tube, " fr90000001 ", by=floor.clinic)
    assert (done.item.state, done.event["details"]) == (
        "received",
        {"issuer": "FluidX", "code": " fr90000001 "},
    )
    assert aliases(floor, tube) == [("FluidX", CODE)]
    assert floor.now(CODE).identifier == tube
    assert found(floor) == []


def test_the_same_code_told_again_is_the_earlier_event(floor):
    tube = floor.received()["1ED04"]
    first = label(floor, tube)
    floor.step(tube, Action.FREEZE)
    again = label(floor, tube, issuer="fluidx")
    assert again.repeated
    assert again.event["sequence"] == first.event["sequence"]
    assert aliases(floor, tube) == [("FluidX", CODE)]


@pytest.mark.parametrize("kind", [Kind.BOX, Kind.RACK])
def test_boxes_and_racks_have_makers_too(floor, kind):
    unit = floor.unit(kind, "Rack 1", rows=8, columns=12).identifier
    label(floor, unit, "SA90000042")
    assert floor.now("SA90000042").identifier == unit
    assert found(floor) == []


def test_a_code_of_another_thing_is_asked_back_and_then_both_are_held(floor):
    tubes = floor.received()
    mine, other = tubes["1ED04"], tubes["1ED10"]
    label(floor, mine)
    with pytest.raises(AskedBack, match=r"FR90000001 \(FluidX\) is on T .* already, and one code cannot be"):
        label(floor, other)
    assert aliases(floor, other) == []
    done = label(floor, other, confirmation="both bear it")
    assert done.event["flags"] == ["code_on_another"]
    assert (aliases(floor, other), aliases(floor, mine)) == ([], [("FluidX", CODE)])
    assert (floor.cases(other)[-1], floor.holds(mine), floor.holds(other)) == (
        "code_on_another",
        {"discrepancy"},
        {"discrepancy"},
    )
    assert "in quarantine until it is known" in done.alerts[-1].text
    assert floor.now(CODE).identifier == mine
    assert found(floor) == []


def test_what_comes_from_paper_is_taken_with_its_flag(floor):
    tubes = floor.received()
    label(floor, tubes["1ED04"])
    done = label(floor, tubes["1ED10"], source=PAPER)
    assert done.event["flags"] == ["code_on_another"]


def test_two_makers_may_use_one_number_and_then_our_own_label_is_asked_for(floor):
    tubes = floor.received()
    label(floor, tubes["1ED04"])
    label(floor, tubes["1ED10"], issuer="Other maker")
    with pytest.raises(UnknownItem, match="on several items; scan our own label"):
        floor.now(CODE)


def test_a_code_is_never_taken_back(floor):
    tube = floor.received()["1ED04"]
    done = label(floor, tube)
    with pytest.raises(Exception, match="Only the newest step"):
        floor.step(tube, Action.CORRECT, details={"undo": True}, corrects=done.event["sequence"])


@pytest.mark.parametrize(
    ("issuer", "code", "sentence"),
    [
        ("", CODE, "Say whose code it is"),
        (None, CODE, "Say whose code it is"),
        ("x" * 41, CODE, "Say whose code it is"),
        ("FluidX", "", "Scan the maker's code"),
        ("FluidX", 12, "Scan the maker's code"),
        ("FluidX", "two words", "Scan the maker's code"),
        ("FluidX", "X" * 81, "Scan the maker's code"),
        ("FluidX", "T483134562451", "one of our own codes"),
        ("FluidX", "T483134562452", "one of our own codes"),
        ("FluidX", "A100000001", "the shape of a participant code"),
    ],
)
def test_what_is_no_code_of_a_maker_is_refused(floor, issuer, code, sentence):
    tube = floor.received()["1ED04"]
    with pytest.raises(AliasRefused, match=sentence):
        label(floor, tube, code, issuer)
    assert newest_events(floor.work, tube, 1)[0]["action"] == "receive"


def test_an_alias_that_the_log_does_not_tell_is_found(floor):
    tubes = floor.received()
    label(floor, tubes["1ED04"])
    floor.work.session.add(
        ItemAlias(item_id=floor.now(tubes["1ED10"]).id, issuer="FluidX", value="FR90000002")
    )
    floor.work.flush()
    assert found(floor) == [f"{tubes['1ED10']} is stored with aliases ['FR90000002 (fluidx)'], not []."]


def test_an_alias_that_was_changed_is_found(floor):
    tube = floor.received()["1ED04"]
    label(floor, tube)
    floor.work.session.query(ItemAlias).one().value = "FR90000009"
    floor.work.flush()
    assert found(floor) == [
        f"{tube} is stored with aliases ['FR90000009 (fluidx)'], not ['FR90000001 (fluidx)']."
    ]


# Aliquots into tubes that bear codes already.


def aliquot(floor, tube, *children, **asked):
    return floor.step(tube, Action.ALIQUOT, details={"children": list(children)}, **asked)


def test_aliquots_are_born_into_coded_tubes(floor):
    tube = floor.received()["1ED04"]
    aliquot(floor, tube, *(PLASMA | {"issuer": "FluidX", "code": f"FR9000000{n}"} for n in (1, 2)), PLASMA)
    children = children_of(floor.work, floor.now(tube).id)
    assert [aliases(floor, child.identifier) for child in children] == [
        [("FluidX", "FR90000001")],
        [("FluidX", "FR90000002")],
        [],
    ]
    assert floor.now("FR90000002").identifier == children[1].identifier
    assert label(floor, children[0].identifier).repeated
    assert found(floor) == []


def test_a_code_of_another_thing_on_an_aliquot_is_asked_back_and_then_both_are_held(floor):
    tubes = floor.received()
    label(floor, tubes["1ED10"])
    coded = PLASMA | {"issuer": "FluidX", "code": CODE}
    with pytest.raises(AskedBack, match="one code cannot be on two things"):
        aliquot(floor, tubes["1ED04"], coded)
    aliquot(floor, tubes["1ED04"], coded, confirmation="it is in it")
    (child,) = children_of(floor.work, floor.now(tubes["1ED04"]).id)
    assert aliases(floor, child.identifier) == []
    assert floor.holds(child.identifier) == floor.holds(tubes["1ED10"]) == {"discrepancy"}
    assert floor.cases(tubes["1ED04"])[-1] == "code_on_another"
    assert found(floor) == []


@pytest.mark.parametrize(
    ("children", "sentence"),
    [
        ([{"issuer": "FluidX"}], "Child 1: Scan the maker's code"),
        ([{"code": CODE}], "Child 1: Say whose code it is"),
        (
            [{"issuer": "FluidX", "code": CODE}, {"issuer": "fluidx", "code": "fr90000001"}],
            "Children 1 and 2",
        ),
        ([{"maker": "FluidX"}], "the issuer and code of a tube that bears one, and nothing else"),
    ],
)
def test_codes_of_aliquots_are_told_whole_and_once(floor, children, sentence):
    tube = floor.received()["1ED04"]
    with pytest.raises(ChildrenRefused, match=sentence):
        aliquot(floor, tube, *(PLASMA | child for child in children))
    with pytest.raises(AliasRefused, match="participant code"):
        aliquot(floor, tube, PLASMA | {"issuer": "FluidX", "code": "B200000002"})
