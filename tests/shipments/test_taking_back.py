"""A parcel that arrived or was opened by a wrong scan: taken back by an event that corrects, as far as nothing came out."""

import pytest

from biobank.custody.queries import NothingToUndo, newest_events
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, State
from biobank.shipments.queries import NoParcel, manifest, shipment_named
from biobank.shipments.receiving import take_back, take_in, take_step_back
from biobank.shipments.replay import parcel_findings
from biobank.shipments.unannounced import begin_unannounced
from tests.floor import SCAN
from tests.shipments.test_receiving import UnannouncedParcel, at_the_dock, lines, standing


@pytest.fixture
def sent(floor):
    """A parcel of a tube and of a bag with another tube on its way: the parcel, the bag, the two tubes."""
    tubes = floor.collected()
    outer, bag = floor.parcel(), floor.parcel()
    floor.step(bag, Action.PACK, floor.clinic, place=outer)
    for tube, parcel in ((tubes["1ED04"], outer), (tubes["1ED10"], bag)):
        floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    floor.step(outer, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
    return outer, bag, tubes["1ED04"], tubes["1ED10"]


def back(floor, parcel, step):
    told = {"by": floor.technician, "source": SCAN, "at": floor.told()}
    return take_step_back(floor.work, parcel, step, **told)


def nothing_differs(floor):
    assert not list(state_findings(floor.work))
    assert not list(parcel_findings(floor.work))


def test_opened_and_then_arrived_are_taken_back_and_stay_in_the_log(floor, sent):
    parcel, *_ = sent
    before = floor.now(parcel)
    floor.step(parcel, Action.ARRIVE)
    floor.step(parcel, Action.OPEN)
    done = back(floor, parcel, Action.OPEN)
    shipment = shipment_named(floor.work, parcel)
    assert (done.item.state, shipment.opened_at) == (State.ARRIVED, None)
    assert shipment.arrived_at is not None
    done = back(floor, parcel, Action.ARRIVE)
    now = floor.now(parcel)
    assert (now.state, now.custodian, now.sent_to) == (before.state, before.custodian, before.sent_to)
    assert shipment_named(floor.work, parcel).arrived_at is None
    told = [event["action"] for event in newest_events(floor.work, parcel, 4)]
    assert told == ["correct", "correct", "open", "arrive"]
    nothing_differs(floor)
    floor.step(parcel, Action.ARRIVE)
    assert shipment_named(floor.work, parcel).arrived_at is not None
    nothing_differs(floor)


def test_what_was_not_the_newest_step_is_said_in_one_sentence(floor, sent):
    parcel, _, tube, _ = sent
    with pytest.raises(NothingToUndo, match="look at the parcel again"):
        back(floor, parcel, Action.ARRIVE)
    floor.step(parcel, Action.ARRIVE)
    with pytest.raises(NothingToUndo, match="look at the parcel again"):
        back(floor, parcel, Action.OPEN)
    with pytest.raises(NoParcel):
        back(floor, tube, Action.ARRIVE)
    corrects = newest_events(floor.work, parcel, 2)[1]["sequence"]
    with pytest.raises(NothingToUndo, match="Of a parcel only"):
        floor.step(parcel, Action.CORRECT, corrects=corrects, details={"undo": True})
    with pytest.raises(NothingToUndo, match="Of a parcel only"):
        floor.step(parcel, Action.CORRECT, details={"conditions": ["leaked"]})
    assert floor.now(parcel).state is State.ARRIVED


def test_it_is_too_late_once_something_came_out_or_the_receipt_is_closed(floor, sent):
    parcel, _, tube, _ = sent
    at_the_dock(floor, take_in, parcel, tube)
    with pytest.raises(NothingToUndo, match="was received since"):
        back(floor, parcel, Action.OPEN)
    at_the_dock(floor, take_back, parcel, tube)
    assert back(floor, parcel, Action.OPEN).item.state is State.ARRIVED
    at_the_dock(floor, take_in, parcel, tube)
    floor.step(parcel, Action.RECEIVE)
    with pytest.raises(NothingToUndo, match="is closed"):
        back(floor, parcel, Action.RECEIVE)
    nothing_differs(floor)


def test_a_bag_that_was_scanned_by_mistake_lies_in_its_parcel_again(floor, sent):
    outer, bag, *_ = sent
    at_the_dock(floor, take_in, outer, bag)
    with pytest.raises(NothingToUndo, match="was received since"):
        back(floor, outer, Action.OPEN)
    floor.step(bag, Action.OPEN)
    back(floor, bag, Action.OPEN)
    assert lines(floor, outer)[bag][0] == "found"
    nothing_differs(floor)
    back(floor, bag, Action.ARRIVE)
    now = floor.now(bag)
    assert (now.state, now.container_id) == (State.IN_TRANSIT, floor.now(outer).id)
    assert lines(floor, outer)[bag] == (None, ())
    back(floor, outer, Action.OPEN)
    nothing_differs(floor)


def test_one_that_nobody_sent_is_packed_on_and_its_question_ends(floor):
    tubes, parcel = floor.collected(), floor.parcel()
    floor.step(tubes["1ED04"], Action.PACK, floor.clinic, place=parcel)
    floor.step(parcel, Action.ARRIVE)
    assert standing(floor, parcel) == ["not_dispatched"]
    back(floor, parcel, Action.ARRIVE)
    assert (floor.now(parcel).state, standing(floor, parcel)) == (State.PACKING, [])
    floor.step(tubes["1HEP4"], Action.PACK, floor.clinic, place=parcel)
    floor.step(parcel, Action.DISPATCH, floor.clinic, details={"carrier": "courier"})
    shipped = {line.item.identifier for line in manifest(floor.work, shipment_named(floor.work, parcel))}
    assert shipped == {tubes["1ED04"], tubes["1HEP4"]}
    nothing_differs(floor)


def test_one_that_was_begun_at_the_dock_by_mistake_can_be_voided(floor):
    told = {"by": floor.technician, "source": SCAN, "at": floor.told()}
    parcel = begin_unannounced(floor.work, UnannouncedParcel(destination="biobank-1"), **told).item.identifier
    back(floor, parcel, Action.ARRIVE)
    assert standing(floor, parcel) == []
    assert floor.step(parcel, Action.VOID).item.state is State.VOIDED
    nothing_differs(floor)
