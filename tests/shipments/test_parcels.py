"""A parcel goes its way: packed, sent, arrived, received line by line; nothing in it is ever lost from sight."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank.custody.queries import UnknownItem, newest_events
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import AskedBack
from biobank.items.queries import children_of, place_path
from biobank.shipments.checks import ConditionRefused, NotAParcel, ShippingRefused
from biobank.shipments.choices import Carrier, Condition, Presence, TrackingNumberRefused
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.shipments.operations import pack, receive_parcel, start_shipment
from biobank.shipments.queries import (
    NoParcel,
    manifest,
    parcel_named,
    shipment_named,
    shipments_listed,
)
from biobank.sites.queries import SiteUnknown
from tests.floor import PAPER, SCAN

FEDEX = {"carrier": "fedex", "tracking_number": "794612345678"}


def started(floor, **values):
    told = {"origin": "clinic-1", "destination": "biobank-1", **values}
    return start_shipment(floor.work, NewShipment(**told), by=floor.clinic, source=SCAN).identifier


def sent(floor, tubes, **details):
    parcel = started(floor)
    for tube in tubes:
        floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    floor.step(parcel, Action.DISPATCH, floor.clinic, details=FEDEX | details)
    return parcel


def received(floor, parcel, *lines, **values):
    told = [line if isinstance(line, ReceiptLine) else ReceiptLine(item=line) for line in lines]
    return receive_parcel(
        floor.work, parcel, told, by=floor.technician, source=SCAN, at=floor.told(), **values
    )


def lines(floor, parcel):
    found = manifest(floor.work, shipment_named(floor.work, parcel))
    return {line.item.identifier: (line.presence, line.conditions) for line in found}


# Packing and sending.


def test_a_parcel_is_dispatched_with_all_that_lies_in_it(floor):
    first, second, *_ = floor.collected().values()
    parcel = started(floor, seal="S1", dry_ice_grams=2500)
    packed = pack(floor.work, parcel, [first, second], by=floor.clinic, source=SCAN, at=floor.told())
    assert [done.item.container_id for done in packed] == [floor.now(parcel).id] * 2
    assert lines(floor, parcel) == {first: (None, ()), second: (None, ())}

    sent_off = floor.step(parcel, Action.DISPATCH, floor.clinic, details=FEDEX | {"logger": "L-9"})
    assert (sent_off.item.state, sent_off.item.custodian) == (State.IN_TRANSIT, "carrier:fedex")
    for tube in (first, second):
        now = floor.now(tube)
        assert (now.state, now.custodian, now.sent_to) == (State.IN_TRANSIT, "carrier:fedex", "biobank-1")
        event = newest_events(floor.work, tube, 1)[0]
        assert (event["action"], event["details"]) == ("dispatch", {"parcel": parcel})
        assert event["source"] == {"kind": "system", "reference": parcel}
        assert "flags" not in event
    shipment, item = parcel_named(floor.work, parcel)
    assert (shipment.carrier, shipment.tracking_number) == ("fedex", "794612345678")
    assert (shipment.seal, shipment.logger, shipment.dry_ice_grams) == ("S1", "L-9", 2500)
    assert shipment.dispatched_at is not None
    assert place_path(floor.work, floor.row(first)) == [item]


def test_the_manifest_is_frozen_when_the_parcel_goes(floor):
    first, second, *_ = floor.collected().values()
    parcel = sent(floor, [first])
    with pytest.raises(AskedBack, match="is in transit already"):
        floor.step(second, Action.PACK, floor.clinic, place=parcel)
    floor.step(second, Action.PACK, floor.clinic, place=parcel, confirmation="opened it again")
    assert set(lines(floor, parcel)) == {first}


@pytest.mark.parametrize(
    ("details", "error"),
    [
        ({}, ShippingRefused),
        ({"carrier": "pigeon"}, ShippingRefused),
        ({"carrier": ["fedex"]}, ShippingRefused),
        ({"tracking_number": "794612345678"}, ShippingRefused),
        ({"carrier": "fedex", "tracking_number": "12"}, TrackingNumberRefused),
        ({"carrier": "courier", "seal": "x" * 41}, ShippingRefused),
        ({"carrier": "courier", "logger": 7}, ShippingRefused),
        ({"carrier": "courier", "dry_ice_grams": -1}, ShippingRefused),
        ({"carrier": "courier", "dry_ice_grams": "2 kg"}, ShippingRefused),
    ],
)
def test_shipping_details_that_cannot_be_are_refused_whole(floor, details, error):
    tube = floor.collected()["1ED04"]
    parcel = started(floor)
    floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    with pytest.raises(error):
        floor.step(parcel, Action.DISPATCH, floor.clinic, details=details)
    assert floor.now(tube).state is State.COLLECTED
    assert shipment_named(floor.work, parcel).carrier is None


def test_a_number_used_again_is_a_warning_and_the_parcels_code_decides(floor):
    first, second, *_ = floor.collected().values()
    earlier = sent(floor, [first])
    again = started(floor)
    floor.step(second, Action.PACK, floor.clinic, place=again)
    dispatched = floor.step(again, Action.DISPATCH, floor.clinic, details=FEDEX)
    assert dispatched.event["flags"] == ["tracking_number_used"]
    assert floor.cases(again) == []
    assert floor.now(earlier).state is State.IN_TRANSIT


def test_packed_twice_by_two_at_once_is_packed_once(floor):
    tube = floor.collected()["1ED04"]
    parcel, other = started(floor), started(floor)
    floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    again = floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    assert again.repeated
    assert not floor.step(tube, Action.PACK, floor.clinic, place=other).repeated
    actions = [event["action"] for event in newest_events(floor.work, tube, 9)]
    assert actions.count("pack") == len([parcel, other])


def test_an_empty_parcel_is_asked_back(floor):
    parcel = started(floor, carrier=Carrier.COURIER)
    with pytest.raises(AskedBack, match="is empty: nothing is packed into it"):
        floor.step(parcel, Action.DISPATCH, floor.clinic)


def test_who_carries_it_may_be_told_when_the_parcel_is_started(floor):
    tube = floor.collected()["1ED04"]
    parcel = started(floor, carrier=Carrier.COURIER, tracking_number="van-7")
    floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    assert newest_events(floor.work, parcel, 1)[0]["details"]["carrier"] == "courier"
    floor.step(parcel, Action.DISPATCH, floor.clinic)
    assert floor.now(tube).custodian == "carrier:courier"
    assert shipment_named(floor.work, parcel).tracking_number == "VAN7"


def test_a_tube_can_go_by_hand_without_a_parcel(floor):
    tube = floor.collected()["1ED04"]
    assert floor.step(tube, Action.DISPATCH, floor.clinic).item.state is State.IN_TRANSIT
    received_here = floor.step(tube, Action.RECEIVE)
    assert (received_here.item.custodian, floor.cases(tube)) == ("site:biobank-1", [])


def test_a_receipt_that_began_goes_on_where_it_stopped(floor):
    first, second, *_ = floor.collected().values()
    parcel = sent(floor, [first, second])
    floor.step(parcel, Action.ARRIVE)
    received(floor, parcel, first, closes=False)
    assert floor.now(parcel).state is State.OPENED
    received(floor, parcel, second)
    assert {presence for presence, _ in lines(floor, parcel).values()} == {Presence.FOUND}
    assert floor.cases(parcel) == []


def test_a_tube_found_in_a_parcel_by_two_people_is_extra_once(floor):
    sent_tube, extra, *_ = floor.collected().values()
    parcel = sent(floor, [sent_tube])
    received(floor, parcel, extra, closes=False)
    floor.step(extra, Action.FREEZE)
    received(floor, parcel, extra)
    assert lines(floor, parcel)[extra] == (Presence.EXTRA, ())


def test_a_tube_of_no_known_kind_can_have_any_condition(floor):
    tube = floor.received()["1ED04"]
    aliquot = floor.step(tube, Action.ALIQUOT, details={"children": [{"specification": "plasma"}]})
    child = children_of(floor.work, aliquot.item.id)[0].identifier
    parcel = sent(floor, [child])
    received(floor, parcel, ReceiptLine(item=child, conditions=(Condition.HAEMOLYSED,)))
    assert floor.cases(child) == ["condition_haemolysed"]


def test_things_are_packed_into_parcels_and_have_no_position_there(floor):
    tube = floor.collected()["1ED04"]
    box, parcel = floor.box(), started(floor)
    with pytest.raises(NotAParcel, match="is a box; scan the parcel's label"):
        floor.step(tube, Action.PACK, floor.clinic, place=box)
    with pytest.raises(NotAParcel, match="no positions"):
        floor.step(tube, Action.PACK, floor.clinic, place=parcel, position="A1")
    with pytest.raises(NoParcel):
        shipment_named(floor.work, box)
    with pytest.raises(SiteUnknown):
        started(floor, destination="nowhere")


# Receiving.


def test_a_receipt_is_whole_with_presence_first_and_then_conditions(floor):
    tubes = floor.collected()
    here, short, gone = tubes["1ED04"], tubes["1SS08"], tubes["1ED10"]
    parcel = sent(floor, [here, short, gone])
    conditions = (Condition.LOW_VOLUME, Condition.HAEMOLYSED)
    receipt = received(floor, parcel, here, ReceiptLine(item=short, conditions=conditions))
    assert receipt.parcel.state is State.RECEIVED
    assert lines(floor, parcel) == {
        here: (Presence.FOUND, ()),
        short: (Presence.FOUND, ("low_volume", "haemolysed")),
        gone: (Presence.MISSING, ()),
    }
    now = floor.now(short)
    assert (now.state, now.custodian, now.sent_to) == (State.RECEIVED, "site:biobank-1", None)
    assert (now.container_id, now.place_unknown_since) == (None, None)
    assert floor.cases(short) == ["condition_low_volume", "condition_haemolysed"]
    assert (floor.cases(here), floor.cases(gone)) == ([], ["not_in_parcel"])
    missing = floor.now(gone)
    assert (missing.state, missing.container_id) == (State.IN_TRANSIT, None)
    assert missing.place_unknown_since is not None
    assert any(alert.kind == "not_in_parcel" and gone[1:5] in alert.text for alert in receipt.alerts)
    shipment = shipment_named(floor.work, parcel)
    assert None not in (shipment.arrived_at, shipment.opened_at, shipment.received_at)


def test_receiving_twice_is_one_receipt(floor):
    tube = floor.collected()["1ED04"]
    parcel = sent(floor, [tube])
    first, second = received(floor, parcel, tube), received(floor, parcel, tube)
    assert [line.repeated for line in first.lines + second.lines] == [False, True]
    assert floor.cases(tube) == []
    assert floor.cases(parcel) == []


def test_a_receipt_with_one_bad_line_is_nothing(floor):
    tube = floor.collected()["1ED04"]
    parcel = sent(floor, [tube])
    with pytest.raises(UnknownItem), floor.work.savepoint():
        received(floor, parcel, tube, "T000000000000-X")
    assert floor.now(parcel).state is State.IN_TRANSIT
    assert floor.now(tube).state is State.IN_TRANSIT


def test_a_tube_that_is_not_on_the_manifest_is_received_as_extra(floor):
    sent_tube, extra, *_ = floor.collected().values()
    parcel = sent(floor, [sent_tube])
    received(floor, parcel, sent_tube, extra)
    assert lines(floor, parcel)[extra] == (Presence.EXTRA, ())
    assert floor.now(extra).state is State.RECEIVED
    assert floor.cases(extra) == ["unexpected_step", "not_on_manifest"]


def test_what_was_reported_missing_can_turn_up(floor):
    tube = floor.collected()["1ED04"]
    parcel = sent(floor, [tube])
    missing = ReceiptLine(item=tube, presence=Presence.MISSING)
    received(floor, parcel, missing, closes=False)
    received(floor, parcel, missing)
    assert floor.cases(tube) == ["not_in_parcel"]
    floor.step(tube, Action.RECEIVE)
    assert lines(floor, parcel) == {tube: (Presence.FOUND, ())}
    assert floor.now(tube).place_unknown_since is None


def test_scans_one_by_one_do_the_same(floor):
    first, second, *_ = floor.collected().values()
    parcel = sent(floor, [first, second])
    dock = floor.unit(Kind.ROOM, "Dock").identifier
    floor.step(parcel, Action.ARRIVE, place=dock)
    assert floor.now(parcel).custodian == "site:biobank-1"
    floor.step(parcel, Action.OPEN)
    box = floor.box()
    received_here = floor.step(first, Action.RECEIVE, place=box, position="A1")
    assert (received_here.item.position, received_here.event["place"]) == ("A1", box)
    closed = floor.step(parcel, Action.RECEIVE)
    assert [alert.kind for alert in closed.alerts] == ["not_in_parcel"]
    assert floor.now(parcel).container_id == floor.now(dock).id
    assert {presence for presence, _ in lines(floor, parcel).values()} == {Presence.FOUND, Presence.MISSING}


def test_a_parcel_that_nobody_dispatched_is_received_all_the_same(floor):
    tube = floor.collected()["1ED04"]
    parcel = started(floor)
    floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    received(floor, parcel, tube)
    assert lines(floor, parcel) == {tube: (Presence.FOUND, ())}
    assert floor.cases(parcel) == ["not_dispatched"]
    assert floor.now(tube).state is State.RECEIVED


def test_a_straggler_goes_alone_later(floor):
    first, straggler, *_ = floor.collected().values()
    received(floor, sent(floor, [first]), first)
    second = sent(floor, [straggler], tracking_number="794612345679")
    received(floor, second, straggler)
    assert lines(floor, second) == {straggler: (Presence.FOUND, ())}
    assert floor.cases(straggler) == []


def test_conditions_are_those_that_the_kind_can_have(floor):
    urine = floor.collected()["1UR10"]
    parcel = sent(floor, [urine])
    for impossible in ("haemolysed", "failed_gel"):
        with pytest.raises(ConditionRefused, match=rf"\(1UR10\) cannot be {impossible.replace('_', ' ')}"):
            floor.step(urine, Action.RECEIVE, details={"conditions": [impossible]})
    for nonsense in (["melted"], "broken", [7], [["broken"]]):
        with pytest.raises(ConditionRefused, match="Conditions are a list of these"):
            floor.step(urine, Action.RECEIVE, details={"conditions": nonsense})
    floor.step(
        urine, Action.RECEIVE, details={"conditions": ["leaked", "too_warm", "leaked"], "parcel": parcel}
    )
    assert floor.cases(urine) == ["condition_leaked", "condition_too_warm"]
    assert floor.holds(urine) == {"temperature"}


def test_a_condition_seen_later_is_a_correction(floor):
    tube = floor.collected()["1ED04"]
    received(floor, sent(floor, [tube]), tube)
    sequence = floor.now(tube).sequence
    floor.step(tube, Action.CORRECT, corrects=sequence, details={"conditions": ["mislabelled"]})
    assert floor.cases(tube) == ["condition_mislabelled"]
    assert floor.holds(tube) == {"identity"}


def test_a_tube_that_was_packed_and_never_collected_goes_with_a_flag(floor):
    tubes = floor.collected()
    expected = tubes["1ED04"]
    floor.step(
        expected,
        Action.CORRECT,
        floor.compliance,
        corrects=floor.now(expected).sequence,
        details={"undo": True},
    )
    assert floor.now(expected).state is State.EXPECTED
    parcel = started(floor)
    floor.step(expected, Action.PACK, floor.clinic, place=parcel, source=PAPER)
    floor.step(parcel, Action.DISPATCH, floor.clinic, details=FEDEX)
    assert newest_events(floor.work, expected, 1)[0]["flags"] == ["unexpected_step"]
    assert floor.now(expected).state is State.IN_TRANSIT


def test_parcels_are_listed_for_the_sites_of_whoever_asks(floor):
    tubes = list(floor.collected().values())
    parcels = [sent(floor, [tube]) for tube in tubes[:3]]
    received(floor, parcels[0], tubes[0])
    shown = [item.identifier for _, item in shipments_listed(floor.work, sites={"biobank-1"}, limit=2)]
    assert shown == parcels[:0:-1]
    newest, older = shipments_listed(floor.work, sites={"clinic-1"}, limit=2)
    assert [item.identifier for _, item in shipments_listed(floor.work, before=older[0].item_id)] == parcels[
        :1
    ]
    assert newest[0].item_id > older[0].item_id
    on_the_way = shipments_listed(floor.work, states=[State.IN_TRANSIT])
    assert {item.identifier for _, item in on_the_way} == set(parcels[1:])
    assert shipments_listed(floor.work, sites={"biobank-2"}) == []


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_after_a_receipt_each_tube_is_here_or_looked_for_and_each_difference_is_a_case(floor, data):
    tubes = list(floor.collected().values())[:4]
    packed = data.draw(st.lists(st.sampled_from(tubes), unique=True, min_size=1))
    seen = data.draw(st.lists(st.sampled_from(tubes), max_size=6))
    parcel = sent(floor, packed)
    received(floor, parcel, *seen)
    for tube in tubes:
        now, cases = floor.now(tube), floor.cases(tube)
        if tube in seen:
            assert (now.state, now.custodian, now.sent_to) == (State.RECEIVED, "site:biobank-1", None)
            assert ("not_on_manifest" in cases) == (tube not in packed)
        elif tube in packed:
            assert now.place_unknown_since is not None
            assert cases == ["not_in_parcel"]
        else:
            assert (now.state, cases) == (State.COLLECTED, [])
    assert set(lines(floor, parcel)) == set(packed) | set(seen)
