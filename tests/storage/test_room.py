"""Room for so many pieces: one box that takes all, the fullest first, else boxes that stand together."""

from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.custody.states import Action, Kind
from biobank.storage.choices import ReservedFor
from biobank.storage.inputs import NewReservation
from biobank.storage.reservations import reserve
from biobank.storage.room import MOST_ANSWERS, Wish, find_room


@pytest.fixture
def rack(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", temperature_celsius=-80).identifier
    return floor.unit(Kind.RACK, "Rack 1", inside=freezer).identifier


def room(floor, count, **wish):
    """Of each answer the names of its boxes and how many positions are free in all."""
    found = find_room(floor.work, Wish(count=count, **wish), floor.technician)
    return [([unit.name for unit, _ in each.boxes], each.free) for each in found]


def keep(floor, unit, *positions, by=None):
    until = moments.now() + timedelta(days=1)
    new = NewReservation(unit=unit, purpose=ReservedFor.STUDY, until=until, positions=positions)
    return reserve(floor.work, new, by=by or floor.lead)


def test_the_fullest_box_that_takes_all_comes_first_and_none_that_takes_fewer(floor, rack):
    floor.box("Large", 3, 4, inside=rack)
    floor.box("Small", 1, 4, inside=rack)
    assert room(floor, 4) == [(["Small"], 4), (["Large"], 12)]
    assert room(floor, 5) == [(["Large"], 12)]


def test_boxes_of_one_rack_take_together_what_none_takes_alone(floor, rack):
    for name, columns in (("Small", 2), ("Large", 4), ("Middle", 3)):
        floor.box(name, 1, columns, inside=rack)
    elsewhere = floor.unit(Kind.RACK, "Rack 2").identifier
    floor.box("Far", 1, 4, inside=elsewhere)
    assert room(floor, 7) == [(["Large", "Middle"], 7)], "as few boxes as do it, the emptiest first"
    assert room(floor, 9) == [(["Large", "Middle", "Small"], 9)]
    assert room(floor, 10) == [], "what stands in two racks does not stand together"
    assert find_room(floor.work, Wish(count=7), floor.technician)[0].temperature_celsius == -80


def test_room_is_as_cold_as_is_asked_for_and_known_to_be(floor, rack):
    floor.box("Cold", inside=rack)
    floor.box("Unknown")
    assert [names for names, _ in room(floor, 1, warmest_celsius=-80)] == [["Cold"]]
    assert room(floor, 1, warmest_celsius=-81) == []
    assert len(room(floor, 1)) == 2


def test_room_is_in_places_of_the_site_for_such_a_thing_and_out_of_quarantine(floor, rack):
    aside = floor.unit(Kind.QUARANTINE_PLACE, "Quarantine").identifier
    floor.box("Aside", inside=aside)
    floor.box("Far", site="biobank-2")
    floor.box("For tubes", inside=rack, allowed=(Kind.TUBE,))
    floor.box("For serum", inside=rack, contents=("Serum",))
    assert room(floor, 1, specification="Plasma") == []
    assert [names for names, _ in room(floor, 1, specification="serum")] == [["For serum"]]
    assert [names for names, _ in room(floor, 1, kind=Kind.TUBE, specification="1ED04")] == [["For tubes"]]


def test_what_others_keep_free_is_no_room_and_what_i_keep_is(floor, rack):
    box = floor.box("Box", 2, 2, inside=rack)
    keep(floor, box, "A1", "A2")
    keep(floor, box, "B1", by=floor.technician)
    assert room(floor, 1) == [(["Box"], 2)]
    assert room(floor, 3) == []
    tube = floor.received()["1ED04"]
    floor.step(tube, Action.STORE, place=box, position="A1", confirmation="it was the only cold place")
    assert room(floor, 2) == [(["Box"], 2)], (
        "a kept position in which something lies is taken once, not twice"
    )
    keep(floor, rack)
    assert room(floor, 1) == []


def test_a_full_box_is_no_room_and_of_many_some_are_named(floor, rack):
    full = floor.box("Full", 1, 1, inside=rack)
    floor.step(floor.received()["1ED04"], Action.STORE, place=full, position="A1")
    assert room(floor, 1) == []
    for number in range(MOST_ANSWERS + 1):
        floor.box(f"Box {number}", 1, 2, inside=rack)
    assert len(room(floor, 1)) == MOST_ANSWERS
