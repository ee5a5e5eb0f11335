"""A bag inside a parcel: packed, dispatched and received as what lies in what, or received by itself."""

import pytest

from biobank.custody.states import Action, State
from biobank.items.queries import place_path
from biobank.shipments.checks import NotAParcel
from biobank.shipments.choices import Presence
from biobank.shipments.nesting import specimens_within
from biobank.shipments.queries import manifest, shipment_named

FEDEX = {"carrier": "fedex", "tracking_number": "794612345678"}


def presences(floor, parcel):
    found = manifest(floor.work, shipment_named(floor.work, parcel))
    return {line.item.identifier: line.presence for line in found}


@pytest.fixture
def nested(floor):
    """An outer parcel with one tube, and a bag in it with two; dispatched."""
    tubes = floor.collected()
    loose, first, second = tubes["1ED04"], tubes["1SS08"], tubes["1ED10"]
    outer, bag = floor.parcel(), floor.parcel()
    floor.step(bag, Action.PACK, floor.clinic, place=outer)
    floor.step(loose, Action.PACK, floor.clinic, place=outer)
    for tube in (first, second):
        floor.step(tube, Action.PACK, floor.clinic, place=bag, confirmation="not spun")
    floor.step(outer, Action.DISPATCH, floor.clinic, details=FEDEX)
    return outer, bag, loose, first, second


def test_the_bag_and_all_in_it_go_with_the_parcel(floor, nested):
    outer, bag, loose, first, second = nested
    for item in (outer, bag, loose, first, second):
        now = floor.now(item)
        assert (now.state, now.custodian, now.sent_to) == (State.IN_TRANSIT, "carrier:fedex", "biobank-1")
    assert presences(floor, outer) == {loose: None, bag: None}
    assert presences(floor, bag) == {first: None, second: None}
    assert [item.identifier for item in place_path(floor.work, floor.row(first))] == [bag, outer]
    assert shipment_named(floor.work, bag).tracking_number is None
    assert floor.cases(bag) == []


def test_the_bag_is_a_line_of_the_parcel_and_a_parcel_of_its_own(floor, nested):
    outer, bag, loose, first, second = nested
    floor.step(outer, Action.ARRIVE)
    floor.step(outer, Action.OPEN)
    floor.step(loose, Action.RECEIVE, details={"parcel": outer})
    floor.step(bag, Action.ARRIVE, details={"parcel": outer})
    floor.step(outer, Action.RECEIVE)
    assert presences(floor, outer) == {loose: Presence.FOUND, bag: Presence.FOUND}
    now = floor.now(bag)
    assert (now.state, now.container_id, now.custodian) == (State.ARRIVED, None, "site:biobank-1")
    assert floor.now(first).state is State.IN_TRANSIT
    floor.step(bag, Action.OPEN)
    floor.step(first, Action.RECEIVE)
    floor.step(bag, Action.RECEIVE)
    assert presences(floor, bag) == {first: Presence.FOUND, second: Presence.MISSING}
    assert floor.cases(second) == ["not_in_parcel"]


def test_a_bag_that_is_not_there_is_missing_with_all_in_it_and_may_turn_up_alone(floor, nested):
    outer, bag, loose, first, second = nested
    floor.step(outer, Action.ARRIVE)
    floor.step(outer, Action.OPEN)
    floor.step(loose, Action.RECEIVE)
    closed = floor.step(outer, Action.RECEIVE)
    assert any(alert.kind == "not_in_parcel" for alert in closed.alerts)
    for item in (bag, first, second):
        assert floor.cases(item) == ["not_in_parcel"]
        assert floor.now(item).place_unknown_since is not None
    floor.step(bag, Action.ARRIVE)
    assert floor.now(bag).place_unknown_since is None
    floor.step(bag, Action.OPEN)
    floor.step(first, Action.RECEIVE)
    assert presences(floor, outer)[bag] is Presence.FOUND
    assert presences(floor, bag)[first] is Presence.FOUND


def test_a_bag_of_another_parcel_is_extra(floor, nested):
    outer, _, _, first, *_ = nested
    strange = floor.parcel()
    floor.step(outer, Action.ARRIVE)
    floor.step(strange, Action.ARRIVE, details={"parcel": outer})
    assert presences(floor, outer)[strange] is Presence.EXTRA
    assert floor.cases(strange) == ["not_dispatched", "not_on_manifest"]
    assert first in {
        item.identifier for item in specimens_within(floor.work, shipment_named(floor.work, outer))
    }


def test_no_parcel_lies_in_itself(floor):
    outer, bag = floor.parcel(), floor.parcel()
    floor.step(bag, Action.PACK, floor.clinic, place=outer)
    for inner, place in ((outer, outer), (outer, bag)):
        with pytest.raises(NotAParcel, match="cannot lie in itself"):
            floor.step(inner, Action.PACK, floor.clinic, place=place)
    floor.step(bag, Action.UNPACK, floor.clinic)
    assert floor.now(bag).container_id is None
