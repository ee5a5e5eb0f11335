"""Storing puts a tube into one position of one box; a taken one is asked back, and nothing is in two places."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from biobank.core.errors import NotFound
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.queries import UnknownItem, newest_events
from biobank.custody.states import Action, HoldKind, Kind, State
from biobank.custody.steps import AskedBack
from biobank.items.models import Item
from biobank.items.queries import place_path, tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.sites.queries import SiteUnknown
from biobank.storage.checks import NoSuchPosition, NotAPlace, PositionTaken, UnitRefused
from biobank.storage.choices import Grid, Naming
from biobank.storage.proposals import propose_position
from biobank.storage.queries import NoUnit, free_positions, map_of, unit_named, units_inside


def test_a_tube_is_stored_and_the_facility_answers_for_it(floor):
    tube = floor.collected()["1ED04"]
    floor.step(tube, Action.RECEIVE)
    box = floor.box()
    stored = floor.step(tube, Action.STORE, place=box, position="a01")
    assert (stored.item.state, stored.item.position, stored.item.custodian) == (
        State.STORED,
        "A1",
        "site:biobank-1",
    )
    assert stored.event["place"] == box
    assert stored.event["position"] == "A1"
    again = floor.step(tube, Action.STORE, place=box, position="A-1")
    assert again.repeated


def test_storing_elsewhere_changes_custody_and_says_so_in_the_event(floor):
    tube = floor.received()["1ED04"]
    box = floor.box(site="biobank-2")
    with pytest.raises(AskedBack, match=r"is of biobank-2; scan a place of your own site\."):
        floor.step(tube, Action.STORE, place=box, position="A1")
    stored = floor.step(tube, Action.STORE, place=box, position="A1", confirmation="I work there today")
    assert stored.event["flags"] == ["place_of_another_site"]
    assert stored.event["custodian"] == "site:biobank-2"
    assert stored.event["sent_to"] is None


@pytest.mark.parametrize("position", ["B13", "I1", "A0", "7", "A1X", "Ü1", "A²"])
def test_a_position_that_the_box_does_not_have_cannot_be(floor, position):
    tube = floor.received()["1ED04"]
    box = floor.box("Box 07")
    with pytest.raises(NoSuchPosition, match=r"is not in Box 07 \(B .*\): rows A-H, columns 1-12\."):
        floor.step(tube, Action.STORE, place=box, position=position, confirmation="it is")
    assert floor.now(tube).state is State.RECEIVED


def test_a_place_without_a_grid_takes_no_position(floor):
    tube, shelf = floor.received()["1ED04"], floor.unit(Kind.SHELF, "Shelf 2").identifier
    with pytest.raises(NoSuchPosition, match="There are no positions in Shelf 2"):
        floor.step(tube, Action.STORE, place=shelf, position="A1")
    assert floor.step(tube, Action.STORE, place=shelf).item.position is None


def test_nothing_is_stored_in_a_tube_or_in_a_place_that_nobody_knows(floor):
    tubes = floor.received()
    with pytest.raises(NotAPlace, match="is a tube; scan the box"):
        floor.step(tubes["1ED04"], Action.STORE, place=tubes["1ED10"], confirmation="really")
    with pytest.raises(UnknownItem):
        floor.step(tubes["1ED04"], Action.STORE, place="SHELF-OF-ANOTHER")


def test_which_position_is_asked_once_and_may_stay_unknown(floor):
    tubes = floor.received()
    box = floor.box(rows=1, columns=2)
    with pytest.raises(AskedBack, match=r"rows A-A, columns 1-2\); A1 is the next free"):
        floor.step(tubes["1ED04"], Action.STORE, place=box)
    taken = floor.step(tubes["1ED04"], Action.STORE, place=box, confirmation="the lid is frozen on")
    assert (taken.item.position, floor.cases(tubes["1ED04"])) == (
        None,
        ["unexpected_step", "position_not_told"],
    )
    floor.step(tubes["1ED10"], Action.STORE, place=box, position="A1")
    floor.step(tubes["1HEP4"], Action.STORE, place=box, position="A2")
    with pytest.raises(AskedBack, match="every one is taken"):
        floor.step(tubes["PS04A"], Action.STORE, place=box)


def test_a_taken_position_is_asked_back_and_then_the_other_is_somewhere(floor):
    tubes = floor.received()
    box = floor.box()
    floor.step(tubes["1ED04"], Action.STORE, place=box, position="A1")
    with pytest.raises(AskedBack, match=r"A1 in Box 1 .* is taken by T ") as asked:
        floor.step(tubes["1ED10"], Action.STORE, place=box, position="A1")
    assert asked.value.extra["confirmable"]
    assert floor.now(tubes["1ED04"]).position == "A1"

    stored = floor.step(
        tubes["1ED10"], Action.STORE, place=box, position="A1", confirmation="it is in my hand"
    )
    assert (stored.item.container_id, stored.item.position) == (floor.now(box).id, "A1")
    assert "position_taken" in stored.event["flags"]
    displaced = floor.row(tubes["1ED04"])
    assert (displaced.container_id, displaced.position, displaced.state) == (None, None, "stored")
    assert displaced.place_unknown_since is not None
    assert "displaced" in floor.cases(tubes["1ED04"])
    event = newest_events(floor.work, tubes["1ED04"], 1)[0]
    assert (event["action"], event["occurred_at"], event["place"]) == ("displace", None, None)
    assert event["details"]["by_item"] == tubes["1ED10"]


def test_a_displaced_tube_that_turns_up_has_a_place_again(floor):
    tubes = floor.received()
    box = floor.box()
    floor.step(tubes["1ED04"], Action.STORE, place=box, position="A1")
    floor.step(tubes["1ED10"], Action.STORE, place=box, position="A1", confirmation="yes")
    moved = floor.step(tubes["1ED04"], Action.MOVE, place=box, position="A2")
    assert (moved.item.position, moved.item.place_unknown_since) == ("A2", None)


def test_compliance_may_find_a_tube_in_a_position_thought_to_be_anothers(floor):
    tubes = floor.received()
    box = floor.box()
    floor.step(tubes["1ED04"], Action.STORE, place=box, position="A1")
    floor.step(tubes["1ED10"], Action.REPORT_LOST)
    floor.step(tubes["1ED10"], Action.FIND, floor.compliance, place=box, position="A1")
    assert floor.now(tubes["1ED10"]).position == "A1"
    assert floor.now(tubes["1ED04"]).place_unknown_since is not None


def test_what_is_not_meant_for_a_unit_is_asked_back(floor):
    tube = floor.received()["1ED04"]
    box = floor.box(allowed=(Kind.ALIQUOT,))
    with pytest.raises(AskedBack, match=r"This is a tube, and Box 1 .* is for aliquot"):
        floor.step(tube, Action.STORE, place=box, position="A1")
    taken = floor.step(tube, Action.STORE, place=box, position="A1", confirmation="no other box")
    assert "kind_not_allowed" in taken.event["flags"]


def test_a_rack_moves_at_night_with_all_it_holds_and_nobody_asks_for_a_position(floor):
    first = floor.unit(Kind.FREEZER, "Freezer 1", rows=2, columns=2).identifier
    second = floor.unit(Kind.FREEZER, "Freezer 2", rows=2, columns=2).identifier
    rack = floor.unit(Kind.RACK, "Rack 1", inside=first, position="A1").identifier
    box = floor.box(inside=rack)
    tube = floor.received()["1ED04"]
    floor.step(tube, Action.STORE, place=box, position="B2")
    floor.step(rack, Action.MOVE, place=second)
    path = [outer.specification for outer in place_path(floor.work, floor.row(tube))]
    assert (floor.row(tube).position, path) == ("B2", ["Box 1", "Rack 1", "Freezer 2"])
    assert [unit.name for unit in units_inside(floor.work, floor.now(second).id)] == ["Rack 1"]


def test_a_rack_takes_the_position_of_another_when_it_is_confirmed(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", rows=1, columns=2).identifier
    one = floor.unit(Kind.RACK, "Rack 1", inside=freezer, position="A1").identifier
    two = floor.unit(Kind.RACK, "Rack 2", inside=freezer, position="A2").identifier
    floor.step(two, Action.MOVE, place=freezer, position="A1", confirmation="it stands there")
    assert floor.now(two).position == "A1"
    assert floor.now(one).place_unknown_since is not None


def test_nothing_lies_in_itself(floor):
    rack = floor.unit(Kind.RACK, "Rack 1").identifier
    box = floor.box(inside=rack)
    for inner in (rack, box):
        with pytest.raises(NotAPlace, match="cannot lie in itself"):
            floor.step(rack, Action.MOVE, place=inner, confirmation="yes")


# Units.


def test_a_map_shows_each_position_and_what_lies_loose(floor):
    tubes = floor.received()
    box = floor.box(rows=2, columns=2, temperature_celsius=-80)
    floor.step(tubes["1ED04"], Action.STORE, place=box, position="B1")
    floor.step(tubes["1ED10"], Action.STORE, place=box, confirmation="no idea")
    seen = map_of(floor.work, box)
    assert [
        (name, [(spot, item and item.identifier) for spot, item in cells]) for name, cells in seen.rows
    ] == [
        ("A", [("A1", None), ("A2", None)]),
        ("B", [("B1", tubes["1ED04"]), ("B2", None)]),
    ]
    assert [item.identifier for item in seen.loose] == [tubes["1ED10"]]
    assert (seen.unit.held, seen.unit.capacity, seen.unit.fittings.temperature_celsius) == (2, 4, -80)
    assert free_positions(floor.work, seen.unit) == ["A1", "A2", "B2"]


def test_a_tree_of_units_begins_with_what_stands_in_none(floor):
    room = floor.unit(Kind.ROOM, "Cold room").identifier
    floor.unit(Kind.FREEZER, "Freezer 1", inside=room)
    floor.unit(Kind.FREEZER, "Elsewhere", site="biobank-2")
    assert [unit.name for unit in units_inside(floor.work, None, site="biobank-1")] == ["Cold room"]
    assert [unit.name for unit in units_inside(floor.work, None)] == ["Cold room", "Elsewhere"]
    assert unit_named(floor.work, room).held == 1
    assert map_of(floor.work, room).rows == ()


@pytest.mark.parametrize(
    ("values", "error"),
    [
        ({"kind": Kind.TUBE}, UnitRefused),
        ({"name": "  "}, UnitRefused),
        ({"name": "x" * 65}, UnitRefused),
        ({"rows": 27, "columns": 1}, UnitRefused),
        ({"rows": 3}, UnitRefused),
        ({"rows": -1, "columns": -1}, UnitRefused),
        ({"columns": 100, "rows": 1}, UnitRefused),
        ({"rows": 100, "columns": 1, "naming": Naming.RUNNING}, UnitRefused),
        ({"contents": ("x" * 401,)}, UnitRefused),
        ({"contents": ("Plasma\nSerum",)}, UnitRefused),
        ({"contents": ("call 555-123-4567",)}, NamesSomebody),
        ({"site": "nowhere"}, SiteUnknown),
        ({"inside": "B123"}, NotFound),
    ],
)
def test_a_unit_that_cannot_be_is_not_added(floor, values, error):
    told = {"kind": Kind.BOX, "name": "Box", **values}
    with pytest.raises(error):
        floor.unit(**told)
    assert floor.work.session.query(Item).filter_by(kind="box").count() == 0


def test_a_unit_may_be_as_large_and_its_name_as_long_as_is_said(floor):
    for told in (
        {"name": "x" * 64},
        {"rows": 26, "columns": 99},
        {"rows": 99, "columns": 99, "naming": Naming.RUNNING},
        {"contents": ("x" * 199, "y" * 200)},
    ):
        assert floor.unit(**{"name": "Box", **told}).identifier


def test_a_unit_is_added_to_none_that_was_given_up(floor):
    rack = floor.unit(Kind.RACK, "Rack 1").identifier
    floor.step(rack, Action.VOID, floor.lead, details={"reason": "damaged"})
    with pytest.raises(UnitRefused, match=r"Rack 1 .* is voided; name a unit that is in use"):
        floor.box(inside=rack)


def test_a_tube_stored_again_where_it_lies_takes_nobodys_place(floor):
    tube, box = floor.received()["1ED04"], floor.box()
    for _ in range(2):
        stored = floor.step(tube, Action.STORE, place=box, position="A1")
        assert (stored.item.position, stored.event.get("flags")) == ("A1", None)


def test_a_full_box_says_so_to_who_tells_no_position(floor):
    tubes, box = floor.received(), floor.box(rows=1, columns=2)
    for position, code, next_free in (
        ("A1", "1ED04", "A1 is the next free"),
        ("A2", "1ED10", "A2 is the next free"),
    ):
        with pytest.raises(AskedBack, match=next_free):
            floor.step(tubes[code], Action.STORE, place=box)
        floor.step(tubes[code], Action.STORE, place=box, position=position)
    with pytest.raises(AskedBack, match="every one is taken"):
        floor.step(tubes["1HEP4"], Action.STORE, place=box)


def test_a_unit_is_added_only_where_there_is_room_for_it(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer", rows=1, columns=1, allowed=(Kind.RACK,)).identifier
    with pytest.raises(UnitRefused, match="takes no box"):
        floor.box(inside=freezer, position="A1")
    with pytest.raises(NoSuchPosition, match="A2 is not in Freezer"):
        floor.unit(Kind.RACK, "Rack 1", inside=freezer, position="A2")
    floor.unit(Kind.RACK, "Rack 1", inside=freezer, position="A01")
    with pytest.raises(PositionTaken, match="choose another"):
        floor.unit(Kind.RACK, "Rack 2", inside=freezer, position="A1")
    tube = floor.received()["1ED04"]
    with pytest.raises(NotAPlace):
        floor.box(inside=tube)
    with pytest.raises(NoUnit):
        unit_named(floor.work, tube)


# Proposals.


def test_siblings_are_proposed_together_and_then_the_fullest_box(floor):
    tubes, others = floor.received(), floor.received(participant=floor.participant("A100000002"))
    first, second = floor.box("First", rows=1, columns=3), floor.box("Second", rows=2, columns=2)
    floor.step(tubes["1ED04"], Action.STORE, place=second, position="A1")
    proposed = propose_position(floor.work, floor.now(tubes["1ED10"]))
    assert (proposed.unit.item.identifier, proposed.position) == (second, "A2")
    # Of somebody else: both boxes have three free positions, the older one is filled first.
    proposed = propose_position(floor.work, floor.now(others["1ED04"]))
    assert (proposed.unit.item.identifier, proposed.position) == (first, "A1")
    floor.step(tubes["1ED10"], Action.STORE, place=second, position="B2")
    proposed = propose_position(floor.work, floor.now(others["1ED04"]))
    assert (proposed.unit.item.identifier, proposed.position) == (second, "A2")


def test_what_is_to_be_spun_first_is_proposed_no_freezer(floor):
    tubes = floor.received()
    freezer = floor.unit(Kind.FREEZER, "Freezer", temperature_celsius=-80).identifier
    cold = floor.box("Cold", inside=freezer)

    def proposed(code):
        found = propose_position(floor.work, floor.now(tubes[code]))
        return found.unit.item.identifier if found else None

    assert [proposed(code) for code in ("1ED10", "1SS08")] == [None, None]
    assert [proposed(code) for code in ("1ED04", "1PXR2", "1UR10")] == [cold] * 3  # none of them is spun
    fridge = floor.unit(Kind.CABINET, "Fridge", temperature_celsius=4).identifier
    cool = floor.box("Cool", inside=fridge)
    assert proposed("1ED10") == cool
    floor.step(tubes["1ED10"], Action.CENTRIFUGE)
    assert proposed("1ED10") == cold
    newest = floor.now(tubes["1ED10"]).sequence
    floor.step(tubes["1ED10"], Action.CORRECT, details={"undo": "newest step"}, corrects=newest)
    assert proposed("1ED10") == cool


def test_what_is_held_is_proposed_for_quarantine_and_nothing_else_is(floor):
    tubes = floor.collected()
    floor.step(tubes["1ED04"], Action.RECEIVE)
    assert propose_position(floor.work, floor.now(tubes["1ED04"])) is None
    quarantine = floor.unit(Kind.QUARANTINE_PLACE, "Quarantine").identifier
    floor.box("In quarantine", inside=quarantine)
    assert propose_position(floor.work, floor.now(tubes["1ED04"])) is None
    floor.step(
        tubes["1ED04"], Action.QUARANTINE, details={"hold": HoldKind.TEMPERATURE.value, "reason": "warm"}
    )
    proposed = propose_position(floor.work, floor.now(tubes["1ED04"]))
    assert (proposed.unit.name, proposed.position) == ("Quarantine", None)


def test_empty_tubes_of_one_kit_stay_together_and_of_nobody_go_to_quarantine(floor):
    kit = make_kits(floor.work, "adult-3.2", 1, by=floor.technician, site="biobank-1")[0]
    first, other = (tube.identifier for tube in tubes_of_kit(floor.work, kit.id)[:2])
    floor.box("First", rows=1, columns=1)
    second = floor.box("Second", rows=3, columns=3)
    floor.step(first, Action.STORE, place=second, position="C3", confirmation="taken for a full one")
    proposed = propose_position(floor.work, floor.now(other))
    assert (proposed.unit.item.identifier, proposed.position) == (second, "A1")
    aside = floor.unit(Kind.QUARANTINE_PLACE, "Quarantine").identifier
    floor.step(other, Action.RECEIVE)
    assert propose_position(floor.work, floor.now(other)).unit.item.identifier == aside


def test_a_quarantine_rack_that_is_full_is_passed_over(floor):
    tubes = floor.received()
    full = floor.unit(Kind.QUARANTINE_PLACE, "Full", rows=1, columns=1).identifier
    floor.step(tubes["1ED04"], Action.QUARANTINE, place=full, position="A1")
    floor.step(tubes["1ED10"], Action.QUARANTINE)
    assert propose_position(floor.work, floor.now(tubes["1ED10"])) is None
    floor.unit(Kind.QUARANTINE_PLACE, "Free", rows=1, columns=2)
    proposed = propose_position(floor.work, floor.now(tubes["1ED10"]))
    assert (proposed.unit.name, proposed.position) == ("Free", "A1")


def test_a_rack_is_proposed_only_for_what_it_names(floor):
    tube = floor.received()["1ED04"]
    floor.unit(Kind.RACK, "For boxes", rows=4, columns=4)
    assert propose_position(floor.work, floor.now(tube)) is None
    floor.unit(Kind.RACK, "For tubes", rows=4, columns=4, allowed=(Kind.TUBE,))
    assert propose_position(floor.work, floor.now(tube)).unit.name == "For tubes"


@given(rows=st.integers(1, 26), columns=st.integers(1, 99), text=st.text(max_size=5))
def test_a_grid_holds_its_own_positions_and_no_others(rows, columns, text):
    grid = Grid(rows, columns)
    assert len(set(grid.positions())) == grid.size
    assert all(position in grid for position in list(grid.positions())[:: max(1, grid.size // 7)])
    assert (text in grid) == (text in set(grid.positions()))


@settings(max_examples=8, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_nothing_is_in_two_places_and_who_was_displaced_is_looked_for(floor, data):
    tubes = list(floor.received().values())[:4]
    boxes = [floor.box(rows=1, columns=2), floor.box(rows=1, columns=2)]
    steps = st.tuples(st.sampled_from(tubes), st.sampled_from(boxes), st.sampled_from(["A1", "A2"]))
    logged = {}
    for tube, box, position in data.draw(st.lists(steps, max_size=8)):
        logged = {spot: who for spot, who in logged.items() if who != tube}
        displaced = logged.get((box, position))
        logged[box, position] = tube
        floor.step(tube, Action.STORE, place=box, position=position, confirmation="seen")
        assert displaced is None or floor.now(displaced).place_unknown_since is not None
    found = {
        (box, item.position): item.identifier
        for box in boxes
        for item in floor.work.session.query(Item).filter_by(container_id=floor.now(box).id)
    }
    assert found == logged
    for tube in tubes:
        now = floor.now(tube)
        assert now.container_id is None or now.place_unknown_since is None
