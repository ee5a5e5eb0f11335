"""The bench: spun in time or with a warning, aliquots that inherit who, what for and what holds."""

import pytest

from biobank.custody.queries import newest_events
from biobank.custody.states import Action, HoldKind, State
from biobank.custody.steps import AskedBack
from biobank.items.models import Item
from biobank.items.queries import children_of, parents_of
from biobank.processing.checks import SpinRefused
from biobank.processing.choices import ChildrenRefused
from biobank.processing.queries import scopes_of, tubes_behind
from tests.floor import PAPER

ONE_ML = {"specification": "plasma", "volume_microlitres": 1000}
SST, PST_1, PST_2 = "1SS08", "PS04A", "PS04B"


def spin(floor, tube, minutes, **asked):
    return floor.step(tube, Action.CENTRIFUGE, floor.clinic, minutes=minutes, **asked)


def aliquot(floor, item, *children, **asked):
    return floor.step(item, Action.ALIQUOT, details={"children": list(children)}, **asked)


def children(floor, item):
    return children_of(floor.work, floor.now(item).id)


# Centrifuging.


@pytest.mark.parametrize(
    ("code", "minutes", "flags"),
    [
        (SST, 29, ["centrifuged_early"]),
        (SST, 30, None),
        (SST, 240, None),
        (SST, 241, ["centrifuged_late"]),
        (PST_1, 0, None),
        (PST_1, 240, None),
        (PST_1, 241, ["centrifuged_late"]),
        (PST_2, 241, ["centrifuged_late"]),
    ],
)
def test_each_tube_has_its_window_and_leaving_it_is_a_warning(floor, code, minutes, flags):
    tube = floor.collected()[code]
    spun = spin(floor, tube, minutes)
    assert spun.event.get("flags") == flags
    assert (spun.item.state, floor.cases(tube)) == (State.COLLECTED, [])
    assert len(spun.alerts) == len(flags or [])


def test_a_warning_says_how_long_and_how_long_it_may_be(floor):
    spun = spin(floor, floor.collected()[SST], 12)
    assert (
        spun.alerts[0].text == "8 mL SST: into the centrifuge 12 minutes after collection; 30 is the least."
    )


@pytest.mark.parametrize(
    ("minutes", "told"),
    [
        (29.6, "29 minutes after collection; 30 is the least."),
        (240.4, "241 minutes after collection; 240 is the most."),
    ],
)
def test_part_of_a_minute_outside_the_window_is_told_as_outside_it(floor, minutes, told):
    assert spin(floor, floor.collected()[SST], minutes).alerts[0].text.endswith(told)


def test_part_of_a_minute_before_the_collection_is_told_as_a_minute(floor):
    spun = spin(floor, floor.collected()[SST], -0.2, confirmation="the clock of the clinic was wrong")
    assert any("centrifuge 1 minutes before it was collected" in alert.text for alert in spun.alerts)


def test_spun_before_collected_is_asked_back_and_then_a_case(floor):
    tube = floor.collected()[SST]
    with pytest.raises(AskedBack):
        spin(floor, tube, -15)
    spun = spin(floor, tube, -15, confirmation="the clock of the clinic was wrong")
    assert "spun_before_collected" in spun.event["flags"]
    assert any("centrifuge 15 minutes before it was collected" in alert.text for alert in spun.alerts)
    assert "spun_before_collected" in floor.cases(tube)


def test_an_unknown_time_stays_unknown(floor):
    tubes = floor.collected()
    spun = spin(floor, tubes[SST], 0, at=None)
    assert spun.event["flags"] == ["centrifuge_time_unknown"]
    assert spun.alerts[0].text == "8 mL SST: nobody knows when it went into the centrifuge."
    floor.step(
        tubes[PST_1], Action.CORRECT, floor.clinic, corrects=2, changes={"collected_at": None}, minutes=1
    )
    spun = spin(floor, tubes[PST_1], 100)
    assert spun.alerts[0].text == "1st 4.5 mL PST: nobody knows when it was collected."


def test_a_run_is_kept_with_its_programme_and_rotor(floor):
    tube = floor.collected()[SST]
    details = {
        "programme": {"name": "serum", "g": 1300, "minutes": 15, "temperature_celsius": 4},
        "rotor": "swinging_bucket",
    }
    assert spin(floor, tube, 60, details=details).event["details"] == details


@pytest.mark.parametrize(
    "details",
    [
        {"rotor": "bucket"},
        {"rotor": ["fixed_angle"]},
        {"programme": "fast"},
        {"programme": {"g": 1300.5}},
        {"programme": {"minutes": "15"}},
        {"programme": {"minutes": True}},
    ],
)
def test_a_run_that_cannot_be_read_is_refused(floor, details):
    tube = floor.collected()[SST]
    with pytest.raises(SpinRefused):
        spin(floor, tube, 60, details=details)


# Aliquots.


def test_children_inherit_whose_they_are_and_the_parent_is_less(floor):
    tube = floor.received()[SST]
    made = aliquot(floor, tube, ONE_ML, {"specification": "serum", "volume_microlitres": 500})
    assert made.item.volume_microlitres == made.event["volume_microlitres"] == 6500
    first, second = children(floor, tube)
    parent = floor.row(tube)
    for child in (first, second):
        assert (child.kind, child.state, child.kit_id) == ("aliquot", "received", None)
        assert (child.participant, child.site, child.custodian) == (
            "A100000001",
            "clinic-1",
            "site:biobank-1",
        )
        assert child.collected_at == parent.collected_at
        assert floor.holds(child.identifier) == set()
        assert child.identifier[1:5] in made.alerts[0].text
    assert [(child.specification, child.volume_microlitres) for child in (first, second)] == [
        ("plasma", 1000),
        ("serum", 500),
    ]
    birth = newest_events(floor.work, second.identifier, 1)[0]
    assert (birth["action"], birth["parents"]) == ("register", [tube])
    assert birth["details"] == {"child": 2, "parent_sequence": made.event["sequence"]}
    assert parents_of(floor.work, first.id) == [parent]


def test_nine_aliquots_of_one_tube_of_eight_are_asked_back_then_recorded_and_looked_into(floor):
    tube = floor.received()[SST]
    with pytest.raises(AskedBack, match="held 8 mL as far as known, and 9 mL were taken out of it"):
        aliquot(floor, tube, *[ONE_ML] * 9)
    assert (children(floor, tube), floor.now(tube).volume_microlitres) == ([], 8000)
    made = aliquot(floor, tube, *[ONE_ML] * 9, confirmation="the tube was overfull")
    assert made.item.volume_microlitres == 0
    assert (len(children(floor, tube)), made.event["flags"]) == (9, ["overdrawn"])
    assert floor.cases(tube)[-1] == "overdrawn"
    with pytest.raises(AskedBack, match="held 0 mL as far as known"):
        aliquot(floor, tube, ONE_ML)


def test_microlitres_typed_as_millilitres_are_asked_back_with_their_unit(floor):
    tubes = floor.received()
    much = {"specification": "serum", "volume_microlitres": 500_000}
    for told in ([much], [much, {"specification": "serum"}]):
        with pytest.raises(AskedBack) as question:
            aliquot(floor, tubes[SST], *told)
        assert "more than 8 mL" in question.value.detail
        assert "Look at the unit: 500 mL are 500000 µL. If it really is so" in question.value.detail
    aliquot(floor, tubes[SST], ONE_ML, {"specification": "serum"})
    with pytest.raises(AskedBack, match="Look at the unit"):
        aliquot(floor, tubes[SST], much)
    made = aliquot(floor, tubes[SST], much, confirmation="the first volume was wrong")
    assert made.event["flags"] == ["overdrawn"]


@pytest.mark.parametrize(("taken", "is_far"), [(79_999, False), (80_000, True)])
def test_ten_times_what_ever_was_in_it_is_no_slip_of_a_pipette(floor, taken, is_far):
    with pytest.raises(AskedBack) as question:
        aliquot(floor, floor.received()[SST], {"specification": "serum", "volume_microlitres": taken})
    assert ("Look at the unit" in question.value.detail) is is_far


def test_all_that_is_left_may_be_taken_and_nothing_is_asked(floor):
    tube = floor.received()[SST]
    aliquot(floor, tube, *[ONE_ML] * 3)
    made = aliquot(floor, tube, *[ONE_ML] * 5)
    assert (made.item.volume_microlitres, made.event.get("flags")) == (0, None)


def test_an_unknown_volume_is_never_filled_in_and_is_no_more_than_what_was_not_taken(floor):
    tubes = floor.received()
    made = aliquot(floor, tubes[SST], ONE_ML, {"specification": "plasma"})
    assert made.item.volume_microlitres is None
    again = aliquot(floor, tubes[SST], *[ONE_ML] * 7)
    assert (again.item.volume_microlitres, again.event.get("flags")) == (None, None)
    assert children(floor, tubes[SST])[1].volume_microlitres is None
    with pytest.raises(AskedBack, match="held 0 mL as far as known, and 1 mL were"):
        aliquot(floor, tubes[SST], ONE_ML)


def test_a_child_of_a_held_parent_is_born_under_every_hold_of_it(floor):
    tube = floor.received()[SST]
    for hold in (HoldKind.BIOHAZARD, HoldKind.TEMPERATURE):
        floor.step(tube, Action.QUARANTINE, details={"hold": hold.value, "reason": "test"})
    with pytest.raises(AskedBack, match="may not be used"):
        aliquot(floor, tube, ONE_ML, ONE_ML)
    assert children(floor, tube) == []
    made = aliquot(floor, tube, ONE_ML, ONE_ML, confirmation="done before the phone rang")
    born = children(floor, tube)
    assert [floor.holds(child.identifier) for child in born] == [{"biohazard", "temperature"}] * 2
    alert = next(alert for alert in made.alerts if alert.kind == "quarantine")
    assert all(child.identifier[1:5] in alert.text for child in born)
    grandchild = aliquot(floor, born[0].identifier, ONE_ML, confirmation="and this one too")
    assert grandchild.item.volume_microlitres == 0
    (last,) = children(floor, born[0].identifier)
    assert floor.holds(last.identifier) == {"biohazard", "temperature"}


def test_without_consent_for_such_material_it_is_asked_back_and_then_held(floor):
    urine_only = floor.participant("A100000002", scopes=("urine",))
    tubes = floor.received()
    blood, urine = tubes[SST], tubes["1UR10"]
    for tube in (blood, urine):
        floor.step(tube, Action.CORRECT, floor.lead, corrects=2, changes={"participant": urine_only})
    aliquot(floor, urine, {"specification": "urine", "volume_microlitres": 500})
    with pytest.raises(AskedBack, match="no consent of A100000002 for blood in force"):
        aliquot(floor, blood, ONE_ML)
    made = aliquot(floor, blood, ONE_ML, confirmation="it was done")
    assert "no_consent" in made.event["flags"]
    assert [floor.holds(item.identifier) for item in (made.item, *children(floor, blood))] == [
        {"consent"}
    ] * 2


def test_an_aliquot_of_an_aliquot_needs_the_consent_of_its_tube(floor):
    tube = floor.received()["1UR10"]
    aliquot(floor, tube, {"specification": "urine"})
    (child,) = children(floor, tube)
    now = floor.now(child.identifier)
    assert [found.identifier for found in tubes_behind(floor.work, now)] == [tube]
    assert scopes_of(floor.work, now) == ["urine"]


def test_of_whom_nobody_knows_nothing_is_made_without_a_reason(floor):
    tube = floor.received()[SST]
    floor.step(tube, Action.CORRECT, floor.lead, corrects=2, changes={"participant": None})
    assert floor.holds(tube) == {"identity"}
    with pytest.raises(AskedBack, match="under a hold \\(identity\\)"):
        aliquot(floor, tube, ONE_ML)
    aliquot(floor, tube, ONE_ML, source=PAPER)
    (child,) = children(floor, tube)
    assert (child.participant, floor.holds(child.identifier)) == (None, {"identity"})


@pytest.mark.parametrize(
    "told",
    [
        None,
        [],
        {},
        ["plasma"],
        [{"volume_microlitres": 5}],
        [{"specification": ""}],
        [{"specification": "x" * 65}],
        [{"specification": "plasma", "volume_microlitres": 0}],
        [{"specification": "plasma", "volume_microlitres": 1.5}],
        [{"specification": "plasma", "volume_microlitres": True}],
        [{"specification": "plasma", "volume_microlitres": 1_000_001}],
        [{"specification": "plasma", "identifier": "S1"}],
        [ONE_ML] * 201,
    ],
)
def test_children_that_cannot_be_are_refused_and_nothing_is_born(floor, told):
    tube = floor.received()[SST]
    with pytest.raises(ChildrenRefused):
        floor.step(tube, Action.ALIQUOT, details={"children": told})
    assert floor.work.session.query(Item).filter_by(kind="aliquot").count() == 0


def test_freeze_and_thaw_are_events_of_their_own(floor):
    tube = floor.received()["1ED04"]
    floor.step(tube, Action.FREEZE)
    floor.step(tube, Action.THAW)
    assert [event["action"] for event in newest_events(floor.work, tube, 2)] == ["thaw", "freeze"]
    assert floor.now(tube).state is State.RECEIVED
