"""Pick lists: what is chosen, the walk, each scan, and what is not there or may not be picked any more."""

import pytest

from biobank.core.personal_shapes import NamesSomebody
from biobank.custodians.choices import CustodianKind
from biobank.custodians.inputs import NewCustodian
from biobank.custodians.operations import add_custodian
from biobank.custody.checks import OtherSite
from biobank.custody.holds import place_hold
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.distribution.checks import RequestNotOpen
from biobank.distribution.choices import EndedBecause
from biobank.distribution.operations import end_request
from biobank.retrieval import checks, operations
from biobank.retrieval.choices import CancelledBecause, PickPurpose, Rule
from biobank.retrieval.inputs import Wish
from biobank.retrieval.operations import alternatives
from biobank.retrieval.queries import PickListUnknown, counts_of, lines_on, standing_of
from biobank.retrieval.walk import going_on_at, walk_of
from tests.floor import actor
from tests.retrieval.conftest import SCAN
from tests.studies import NUMBER


def codes(picking, listed):
    return [each.item.identifier for each in lines_on(picking.work, listed)]


def standing(picking, listed):
    return standing_of(picking.listed(listed), counts_of(picking.work, [listed.id])[listed.id])


def test_a_list_is_a_walk_that_opens_each_door_once_and_every_scan_checks_out(picking):
    late = picking.stored(2, box=1)
    early = picking.stored(3, box=0, first=9)
    listed = picking.make(5)
    walk = walk_of(picking.work, listed)
    assert [[place.specification for place in stop.path] for stop in walk.stops] == [
        ["Freezer 2", "Box 1"], ["Freezer 10", "Box 2"],
    ]  # fmt: skip
    assert [[each.item.position for each in stop.pieces] for stop in walk.stops] == [
        ["A9", "A10", "A11"], ["A1", "A2"],
    ]  # fmt: skip
    assert (walk.doors, walk.pieces) == (2, 5)
    done = picking.pick(listed, early[0])
    assert done.done.event["details"]["goes_to"] == "UNI-1"
    assert picking.floor.row(early[0]).state == State.CHECKED_OUT
    assert picking.state(listed, early[0]) == "picked"
    for tube in (*early[1:], *late):
        picking.pick(listed, tube)
    assert standing(picking, listed) == "out"
    assert walk_of(picking.work, listed).stops == ()
    picking.clean()


def test_who_stands_before_a_box_goes_on_from_there_and_takes_what_came_before_it_last(picking):
    picking.boxes.append(picking.floor.box("Box 3", inside=picking.freezers[1]))
    for box in (0, 1, 2):
        picking.stored(1, box=box)
    stops = walk_of(picking.work, picking.listed(picking.make(3))).stops
    first, second, third = picking.boxes
    assert [stop.code for stop in stops] == [first, second, third]
    for here, walked in ((second, [second, third, first]), (first, [first, second, third])):
        assert [stop.code for stop in going_on_at(stops, here)] == walked
    assert going_on_at(stops, None) == list(stops)


def test_what_may_not_be_picked_is_not_chosen(picking):
    held, other, one, two = picking.stored(4)
    place_hold(picking.work, picking.floor.now(held), HoldKind.TEMPERATURE, "warm", by=picking.floor.lead)
    picking.floor.step(other, Action.CHECK_OUT)
    first = picking.make(1)
    assert codes(picking, first) == [one]
    second = picking.make(5)
    assert codes(picking, second) == [two]
    assert second.wanted == 5
    with pytest.raises(checks.PickListRefused, match="Nothing that is stored here"):
        picking.make(1)


def test_nobody_who_does_not_share_is_chosen_for_a_study(picking):
    code = picking.floor.participant("A400000001")
    tube = picking.floor.tube(code)
    picking.floor.step(tube, Action.STORE, place=picking.boxes[0], position="H1")
    with pytest.raises(checks.PickListRefused):
        picking.make(1)
    assert codes(picking, picking.make(1, purpose=PickPurpose.BENCH)) == [tube]


@pytest.mark.parametrize("rule", list(Rule))
def test_the_rule_says_which_come_first(picking, rule):
    lone = picking.stored(1, box=1)[0]
    pair = picking.stored(2, box=0)
    picking.floor.step(lone, Action.THAW)
    expected = {
        Rule.OLDEST: [lone, pair[0]], Rule.NEWEST: [pair[1], pair[0]],
        Rule.FEWEST_THAWS: pair, Rule.WHOLE_BOXES: pair,
    }  # fmt: skip
    assert codes(picking, picking.make(2, rule=rule)) == expected[rule]


def test_at_most_one_of_a_participant_when_it_is_asked_so(picking):
    first = picking.stored(1)[0]
    again = picking.floor.tube(picking.floor.row(first).participant)
    picking.floor.step(again, Action.STORE, place=picking.boxes[1], position="C1")
    assert codes(picking, picking.make(2, one_each=True)) == [first]


def test_the_wrong_piece_is_told_where_it_belongs_and_nothing_happens(picking):
    right, wrong = picking.stored(2)
    listed = picking.make(items=(right,))
    with pytest.raises(checks.NotOnTheList, match=r"put it back where it belongs: Freezer 2, Box 1, A2\."):
        picking.pick(listed, wrong)
    nowhere = picking.floor.received()["1ED04"]
    with pytest.raises(
        checks.NotOnTheList, match="in no place in the log; put it aside and look at its page"
    ):
        picking.pick(listed, nowhere)
    picking.pick(listed, right)
    with pytest.raises(checks.PickedAlready, match=r"picked already by Testa bio\.tess"):
        picking.pick(listed, right, by=actor("bio.theo", "biobank_technician", "biobank-1"))
    assert picking.floor.row(wrong).state == State.STORED


def test_where_another_sites_piece_belongs_is_told_to_nobody_here(picking):
    [right], floor = picking.stored(1), picking.floor
    there = actor("bio.tim", "biobank_technician", "biobank-2")
    strange = floor.collected("urine-1")["1UR10"]
    floor.step(strange, Action.RECEIVE, there)
    floor.step(strange, Action.STORE, there, place=floor.box("Theirs", site="biobank-2"), position="A1")
    listed = picking.make(items=(right,))
    with pytest.raises(OtherSite, match=r"biobank-2.*; tell them that it is here"):
        picking.pick(listed, strange)


def test_who_withdrew_meanwhile_is_taken_off_the_list_in_one_sentence(picking):
    stays, leaves = picking.stored(2)
    listed = picking.make(2)
    picking.floor.decide(participant=picking.floor.row(leaves).participant)
    [(gone, why)] = walk_of(picking.work, listed).gone
    assert (gone.item.identifier, why) == (leaves, "held")
    told = picking.pick(listed, leaves)
    assert told.done is None
    assert "withdrawal" in told.refusal
    assert told.refusal.endswith("It was taken off the list.")
    assert picking.line(listed, leaves).because == "held"
    assert picking.floor.row(leaves).state == State.STORED
    picking.pick(listed, stays)
    picking.clean()


def test_what_left_is_taken_off_and_found_again_it_can_be_picked(picking):
    piece, other = picking.stored(2)
    listed = picking.make(2)
    picking.floor.step(piece, Action.CHECK_OUT)
    assert picking.pick(listed, piece).refusal is not None
    assert picking.line(listed, piece).because == "left"
    picking.floor.step(piece, Action.CHECK_IN, place=picking.boxes[0], position="A1")
    assert picking.pick(listed, piece).done is not None
    assert operations.take_off_gone(picking.work, listed.id, by=picking.floor.technician) == 0
    picking.pick(listed, other)
    picking.clean()


def test_a_piece_that_is_not_there_is_looked_for_and_another_is_taken(picking):
    missing, near, far = *picking.stored(2), picking.stored(1, box=1)[0]
    listed = picking.make(items=(missing,))
    operations.report_not_there(picking.work, listed.id, missing, by=picking.floor.technician, source=SCAN)
    assert picking.floor.row(missing).place_unknown_since is not None
    assert picking.floor.cases(missing)[-1] == "displaced"
    offered = [
        each.identifier
        for each in alternatives(picking.work, picking.listed(listed), picking.floor.now(missing))
    ]
    assert offered == [near, far]
    operations.take_instead(picking.work, listed.id, missing, far, by=picking.floor.technician)
    with pytest.raises(checks.EnoughPicked):
        operations.take_instead(picking.work, listed.id, missing, None, by=picking.floor.technician)
    with pytest.raises(checks.EnoughPicked, match="put this one back"):
        picking.pick(listed, missing)
    picking.pick(listed, far)
    assert codes(picking, listed) == [missing, far]
    picking.clean()


def test_a_request_never_promises_more_than_it_may_get(picking):
    picking.stored(3)
    picking.make(2)
    with pytest.raises(checks.PickListRefused, match="may get 48 more of 1UR10; asked for: 49"):
        picking.make(49)
    both = tuple(Wish(kind=Kind.TUBE, specification=code, count=30) for code in ("1ED04", "1SS08"))
    with pytest.raises(checks.PickListRefused, match="may get 48 more of 1SS08; asked for: 60"):
        picking.make(wishes=both)


def test_an_ended_request_stops_its_list_and_takes_nothing_off(picking):
    [piece] = picking.stored(1)
    listed = picking.make(1)
    end_request(picking.work, NUMBER, EndedBecause.STUDY_FINISHED, by=picking.floor.compliance)
    with pytest.raises(RequestNotOpen):
        picking.pick(listed, piece)
    assert picking.state(listed, piece) == "to_pick"
    with pytest.raises(RequestNotOpen):
        picking.make(1)


def test_a_cancelled_list_leaves_what_is_not_picked_and_waits_for_the_rest(picking):
    picked, left = picking.stored(2)
    listed = picking.make(2)
    picking.pick(listed, picked)
    operations.cancel_list(picking.work, listed.id, CancelledBecause.NOT_NEEDED, by=picking.floor.lead)
    assert (picking.state(listed, picked), picking.state(listed, left)) == ("picked", "removed")
    with pytest.raises(checks.ListCancelled, match=r"cancelled by bio\.lea; put the piece back"):
        picking.pick(listed, left)
    assert codes(picking, picking.make(1)) == [left]
    picking.clean()


def test_a_check_out_that_is_taken_back_is_to_be_picked_again(picking):
    [piece] = picking.stored(1)
    listed = picking.make(1)
    sequence = picking.pick(listed, piece).done.event["sequence"]
    told = {"undo": "newest step", "reason": "wrong button"}
    picking.floor.step(piece, Action.CORRECT, picking.floor.lead, details=told, corrects=sequence)
    assert picking.state(listed, piece) == "to_pick"
    assert picking.pick(listed, piece).done is not None
    picking.clean()


def wish(count=1, kind=Kind.TUBE):
    return Wish(kind=kind, specification="1UR10", count=count)


@pytest.mark.parametrize(
    ("told", "sentence"),
    [
        ({"wishes": ()}, "Say how many of which kind"),
        ({"purpose": PickPurpose.BENCH, "request": NUMBER}, "Only what goes to a study has a request"),
        ({"request": None}, "Say for which study's request"),
        ({"out_hours": 0}, "A piece is out between 1 and"),
        ({"out_hours": 24 * 31 + 1}, "A piece is out between 1 and 744 hours"),
        ({"least_microlitres": -1}, "This volume cannot be"),
        ({"least_microlitres": 1_000_001}, "This volume cannot be"),
        ({"wishes": (wish(kind=Kind.BOX),)}, "Specimens are picked"),
        ({"wishes": (wish(0),)}, "Say how many, between 1 and 2000"),
        ({"wishes": (wish(2001),)}, "Say how many, between 1 and 2000"),
        ({"wishes": (wish(2000), wish(1))}, "at most 2000 pieces"),
        ({"wishes": (wish(1),) * 21}, "at most 20 kinds"),
    ],
)
def test_a_list_that_cannot_be_is_refused_in_one_sentence(picking, told, sentence):
    with pytest.raises(checks.PickListRefused, match=sentence):
        picking.make(**({"count": 1} | told))


def test_a_list_may_be_as_large_as_is_said(picking):
    [piece] = picking.stored(1)
    listed = picking.make(2000, purpose=PickPurpose.BENCH, out_hours=744)
    assert (codes(picking, listed), picking.listed(listed).out_hours) == ([piece], 744)
    [other] = picking.stored(1, first=2)
    assert codes(picking, picking.make(wishes=(wish(1),) * 20, purpose=PickPurpose.BENCH)) == [other]


def test_a_piece_named_by_its_code_is_a_specimen_that_stands_here_and_the_study_may_have(picking):
    [piece, out] = picking.stored(2)
    picking.floor.step(out, Action.CHECK_OUT)
    for items, sentence in (
        ((picking.boxes[0],), "is no specimen; scan what is to be picked"),
        ((piece, out), "is not stored at this biobank; leave it out"),
    ):
        with pytest.raises(checks.PickListRefused, match=sentence):
            picking.make(items=items, purpose=PickPurpose.BENCH)
    assert codes(picking, picking.make(items=(piece,), purpose=PickPurpose.BENCH)) == [piece]


def test_a_waste_contractor_analyses_nothing(picking):
    told = {"organisation": "Testa Waste", "agreement": "A-2"}
    waste = NewCustodian(code="WASTE-1", kind=CustodianKind.WASTE_CONTRACTOR, **told)
    add_custodian(picking.work, waste, by=picking.floor.lead)
    with pytest.raises(checks.PickListRefused, match="WASTE-1 disposes of things and analyses nothing"):
        picking.make(purpose=PickPurpose.CONTRACT_WORK, goes_to="WASTE-1")


def test_a_bench_that_names_somebody_is_refused(picking):
    with pytest.raises(NamesSomebody):
        picking.make(1, purpose=PickPurpose.BENCH, goes_to="555-010-0417")


def test_another_site_knows_nothing_of_a_list(picking):
    [piece] = picking.stored(1)
    listed = picking.make(1)
    with pytest.raises(PickListUnknown):
        picking.pick(listed, piece, by=actor("bio.else", "biobank_technician", "biobank-2"))
