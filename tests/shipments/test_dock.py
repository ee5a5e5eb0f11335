"""What the dock has to do with: overdue by carrier and calendar, begun by whom, found by a carrier's number."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank.core import moments
from biobank.custody.queries import NothingToUndo
from biobank.custody.replay import state_findings
from biobank.custody.states import Action, State
from biobank.shipments import dock
from biobank.shipments.choices import TRAVELLING_AT_MOST, Presence
from biobank.shipments.dock_checks import NoParcelOfNumber, SeveralParcels, one_of_number
from biobank.shipments.found_tubes import take_in_second, take_in_unknown
from biobank.shipments.inputs import FoundTube, UnannouncedParcel
from biobank.shipments.queries import manifest, shipment_named
from biobank.shipments.receipt_checks import NotFoundHere
from biobank.shipments.receiving import take_back, take_in
from biobank.shipments.replay import parcel_findings
from biobank.shipments.unannounced import begin_unannounced
from biobank.sites.operations import set_calendar
from tests.floor import SCAN

DOCKS = ["biobank-1"]
EVERY_DAY = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
NUMBER = "794612345678"


def sent(floor, *tubes, number=NUMBER):
    parcel = floor.parcel()
    for tube in tubes:
        floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    details = {"carrier": "fedex", "tracking_number": number}
    floor.step(parcel, Action.DISPATCH, floor.clinic, details=details)
    return parcel


def coming(floor, at):
    found = dock.on_the_way(floor.work, DOCKS, at, 9)
    return [(each.parcel.identifier, each.due_on, each.is_overdue) for each in found]


def test_a_parcel_is_overdue_by_its_carriers_days_and_without_them_after_three(floor):
    tubes = floor.collected()
    parcel = sent(floor, tubes["1ED04"])
    shipment = shipment_named(floor.work, parcel)
    gone = shipment.dispatched_at
    for later, is_overdue in ((TRAVELLING_AT_MOST, False), (TRAVELLING_AT_MOST + timedelta(hours=1), True)):
        assert coming(floor, gone + later) == [(parcel, None, is_overdue)]
    carriers = {"fedex": {"days": 1, **dict.fromkeys(EVERY_DAY, "23:59")}}
    told = {"weekdays": list(EVERY_DAY), "carriers": carriers}
    set_calendar(floor.work, by="setup", site="clinic-1", told=told, carriers=frozenset({"fedex"}))
    ((_, due, _),) = coming(floor, gone)
    assert due == moments.told(gone, "America/Chicago").at.astimezone(CHICAGO).date() + timedelta(days=1)
    assert coming(floor, gone + timedelta(hours=1)) == [(parcel, due, False)]
    assert coming(floor, gone + timedelta(days=2)) == [(parcel, due, True)]
    closed = {"weekdays": [EVERY_DAY[(due + timedelta(days=2)).weekday()]]}
    set_calendar(floor.work, by="setup", site="biobank-1", told=closed, carriers=frozenset({"fedex"}))
    assert coming(floor, gone) == [(parcel, due + timedelta(days=2), False)]


CHICAGO = moments.zone_named("America/Chicago")


def test_what_is_here_is_told_apart_by_how_far_it_has_come(floor):
    tubes = floor.collected()
    first, second = (
        sent(floor, tubes["1ED04"], tubes["1ED10"]),
        sent(floor, tubes["1HEP4"], number="794612345679"),
    )
    floor.step(second, Action.ARRIVE)
    assert [parcel.identifier for _, parcel in dock.arrived(floor.work, DOCKS, 9)] == [second]
    take_in(floor.work, first, tubes["1ED04"], by=floor.lead, source=SCAN, at=floor.told())
    (draft,) = dock.drafts(floor.work, DOCKS, 9)
    assert (draft.parcel.identifier, draft.begun_by, draft.found, draft.lines) == (first, "bio.lea", 1, 2)
    floor.step(first, Action.RECEIVE)
    since = moments.now() - timedelta(hours=1)
    assert [parcel.identifier for _, parcel in dock.received_since(floor.work, DOCKS, since, 9)] == [first]
    assert dock.docks_of(floor.work, None) == ["biobank-1", "biobank-2"]
    assert dock.arrived(floor.work, ["biobank-2"], 9) == []


def test_a_parcel_of_which_no_list_is_known_is_begun_and_nothing_of_it_found_yet(floor):
    new = UnannouncedParcel(destination="biobank-1", origin="clinic-1")
    parcel = begin_unannounced(floor.work, new, by=floor.technician, source=SCAN, at=floor.told()).item
    floor.step(parcel.identifier, Action.OPEN)
    (draft,) = dock.drafts(floor.work, DOCKS, 9)
    assert (draft.parcel.identifier, draft.found, draft.lines) == (parcel.identifier, 0, 0)
    take_in(
        floor.work, parcel.identifier, floor.collected()["1ED04"], by=floor.lead, source=SCAN, at=floor.told()
    )
    (draft,) = dock.drafts(floor.work, DOCKS, 9)
    assert (draft.found, draft.lines) == (1, 1)


def test_the_tubes_that_wait_longest_are_those_collected_first_and_still_in_hand(floor):
    newer = floor.received()
    newer = [newer[code] for code in ("1ED10", "1ED04")]
    floor.collected_at -= timedelta(hours=5)
    older = floor.received(participant=floor.participant("A100000002"))["1ED04"]
    stored = floor.received(participant=floor.participant("A100000003"))["1ED04"]
    floor.step(stored, Action.STORE, place=floor.box(), position="A1")
    floor.collected(participant=floor.participant("A100000004"))["1ED04"]
    found = [tube.identifier for tube in dock.oldest_tubes(floor.work, DOCKS, 9)]
    assert (found[0], sorted(found[1:])) == (older, sorted(newer))
    assert [tube.identifier for tube in dock.oldest_tubes(floor.work, DOCKS, 1)] == [older]
    assert dock.oldest_tubes(floor.work, ["biobank-2"], 9) == []


def test_a_carriers_label_leads_to_the_one_parcel_that_bears_it(floor):
    tubes = floor.collected()
    parcel = sent(floor, tubes["1ED04"])
    found = dock.parcels_of_number(floor.work, DOCKS, f"9622001900005931422100{NUMBER}")
    assert one_of_number(found).identifier == parcel
    sent(floor, tubes["1ED10"])
    with pytest.raises(SeveralParcels, match="scan the parcel's own label"):
        one_of_number(dock.parcels_of_number(floor.work, DOCKS, NUMBER))
    with pytest.raises(NoParcelOfNumber):
        one_of_number(dock.parcels_of_number(floor.work, DOCKS, "999999999999"))
    assert dock.parcels_of_number(floor.work, DOCKS, "no digits") == []
    assert (dock.is_a_carriers(NUMBER), dock.is_a_carriers("FOO-1")) == (True, False)


@pytest.mark.campaign
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_however_a_receipt_goes_nothing_is_lost_and_every_difference_is_a_case(floor, data):
    """Found, found again, taken back, a second one: in any order, in a parcel with a bag in it."""
    tubes = [floor.collected()[code] for code in ("1ED04", "1ED10", "1HEP4", "1CFD9")]
    outer, bag = floor.parcel(), floor.parcel()
    floor.step(bag, Action.PACK, floor.clinic, place=outer)
    packed = {tube: data.draw(st.sampled_from((outer, bag, None))) for tube in tubes}
    for tube, parcel in packed.items():
        if parcel:
            floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    floor.step(outer, Action.DISPATCH, floor.clinic, details={"carrier": "courier"}, confirmation="so it is")
    drawn = [data.draw(st.tuples(st.sampled_from(DOINGS), st.sampled_from(tubes))) for _ in range(6)]
    done = [(doing, tube, step(floor, outer, doing, tube)) for doing, tube in drawn]
    floor.step(outer, Action.RECEIVE)
    if floor.now(bag).state is State.ARRIVED or floor.now(bag).state is State.OPENED:
        floor.step(bag, Action.RECEIVE)
    for tube, parcel in packed.items():
        is_as_it_should_be(floor, tube, parcel)
    for doing, tube, other in done:
        what_is_of_no_record_is_held(floor, outer, doing, tube, other)
    assert [str(each) for replay in (state_findings, parcel_findings) for each in replay(floor.work)] == []


def what_is_of_no_record_is_held(floor, parcel, doing, tube, other):
    """It is a thing of its own, extra in the parcel, and a case of it or of the first with its code."""
    if other is None:
        return
    assert (floor.now(other).state, floor.holds(other)) == (State.RECEIVED, {"identity"})
    found = {
        line.item.identifier: line.presence
        for line in manifest(floor.work, shipment_named(floor.work, parcel))
    }
    assert found[other] is Presence.EXTRA
    if doing is take_in_second:
        assert "two_with_one_code" in floor.cases(tube)
    else:
        assert floor.cases(other) == ["without_record"]


def without_record(work, parcel, _tube, **asked):
    return take_in_unknown(work, parcel, FoundTube(), **asked)


DOINGS = (take_in, take_in, take_back, take_in_second, without_record)


def step(floor, parcel, doing, tube):
    try:
        done = doing(floor.work, parcel, tube, by=floor.technician, source=SCAN, at=floor.told())
    except (NotFoundHere, NothingToUndo):
        return None
    if doing is without_record:
        return done.item.identifier
    return done.other.identifier if doing is take_in_second else None


def is_as_it_should_be(floor, tube, parcel):
    """Here, or looked for with a case, or never sent; one that nobody listed is a case."""
    now, cases = floor.now(tube), floor.cases(tube)
    if now.state is State.RECEIVED:
        assert (now.custodian, now.container_id) == ("site:biobank-1", None)
        assert parcel or "not_on_manifest" in cases
    elif parcel:
        assert now.place_unknown_since is not None
        assert "not_in_parcel" in cases
        lines = manifest(floor.work, shipment_named(floor.work, parcel))
        assert Presence.MISSING in {line.presence for line in lines if line.item.identifier == tube}
    else:
        assert now.state is State.COLLECTED
