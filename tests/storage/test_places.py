"""Places of every kind: names of positions, what a place has from those around it, refits, what is kept free."""

from datetime import timedelta

import pytest

from biobank.core import moments
from biobank.core.personal_shapes import NamesSomebody
from biobank.custody.births import Birth, register
from biobank.custody.checks import NotYourStep
from biobank.custody.queries import item_now
from biobank.custody.states import GRIDLESS, Action, Kind
from biobank.custody.steps import AskedBack
from biobank.items.positions import normalise_position
from biobank.items.queries import place_path
from biobank.kits.operations import make_kits
from biobank.storage.checks import NoSuchPosition, UnitRefused
from biobank.storage.choices import GRIDS, Grid, Naming, Order, ReservedFor, Rule
from biobank.storage.inputs import NewReservation, RackFile
from biobank.storage.models import StorageReservation, StorageUnit
from biobank.storage.needs import NeedsRefused, read_needs
from biobank.storage.operations import take_rack_file
from biobank.storage.proposals import propose_position
from biobank.storage.queries import map_of
from biobank.storage.rack_files import read_rack_file
from biobank.storage.rack_tables import RackFileRefused
from biobank.storage.replay import reservation_findings, unit_findings
from biobank.storage.reservations import (
    NoReservation,
    NotFree,
    ReservationRefused,
    end_reservation,
    reserve,
)
from biobank.storage.surroundings import surroundings_of, surroundings_of_many
from tests.asking import statements
from tests.floor import SCAN, actor

WEEK = timedelta(days=7)


def aliquot(floor, name="Plasma", parent=None, **told):
    """One that lies nowhere yet."""
    told = {"site": "biobank-1", "custodian": "site:biobank-1", "participant": "A100000001"} | told
    parents = (item_now(floor.work, parent or floor.received()["1ED04"]),)
    birth = Birth(kind=Kind.ALIQUOT, specification=name, parents=parents, **told)
    return register(floor.work, birth, by=floor.technician, source=SCAN).identifier


# Names of positions.


@pytest.mark.parametrize(
    ("grid", "first", "last", "span"),
    [
        (Grid(8, 12), ["A1", "A2"], "H12", "rows A-H, columns 1-12"),
        (Grid(8, 12, order=Order.COLUMNS), ["A1", "B1"], "H12", "rows A-H, columns 1-12"),
        (Grid(9, 9, Naming.RUNNING), ["1", "2"], "81", "1 to 81"),
        (Grid(2, 3, Naming.RUNNING, Order.COLUMNS), ["1", "2"], "6", "1 to 6"),
        (Grid(5, 10, Naming.NUMBER_NUMBER), ["1-1", "1-2"], "5-10", "1-1 to 5-10"),
        (Grid(4, 6, Naming.NUMBER_LETTER), ["1A", "2A"], "6D", "1A to 6D"),
    ],
)
def test_positions_are_called_and_counted_as_on_the_box(grid, first, last, span):
    names = list(grid.positions())
    assert (names[:2], names[-1], grid.span, len(set(names))) == (first, last, span, grid.size)
    assert {name for _, cells in grid.cells() for name in cells} == set(names)


def test_a_box_that_is_counted_by_columns_has_its_second_position_below_the_first():
    rows = [cells for _, cells in Grid(2, 3, Naming.RUNNING, Order.COLUMNS).cells()]
    assert rows == [("1", "3", "5"), ("2", "4", "6")]


@pytest.mark.parametrize(
    ("typed", "read"),
    [("a01", "A1"), ("01a", "1A"), ("007", "7"), ("01/02", "1-2"), ("1.10", "1-10"), ("t14-b03", "T14-B03")],
)
def test_positions_are_read_as_people_and_machines_write_them(typed, read):
    assert normalise_position(typed) == read


def test_each_known_grid_can_be_built(floor):
    for number, known in enumerate(GRIDS.values()):
        told = {"naming": known.grid.naming, "filled_by": known.grid.order}
        box = floor.box(f"Box {number}", known.grid.rows, known.grid.columns, **told)
        seen = map_of(floor.work, box)
        assert sum(len(cells) for _, cells in seen.rows) == known.grid.size == seen.unit.capacity
    assert not list(unit_findings(floor.work))


def test_rows_have_letters_only_as_far_as_the_alphabet_goes(floor):
    floor.box("Tall", 40, 2, naming=Naming.NUMBER_NUMBER)
    with pytest.raises(UnitRefused, match="1 to 26 rows"):
        floor.box("Taller", 40, 2)


def test_a_cryobox_that_counts_through_takes_its_own_numbers_alone(floor):
    tube = floor.received()["1ED04"]
    box = floor.box("Cryobox", 9, 9, naming=Naming.RUNNING)
    with pytest.raises(NoSuchPosition, match="A1 is not in box Cryobox .*: 1 to 81"):
        floor.step(tube, Action.STORE, place=box, position="A1")
    assert floor.step(tube, Action.STORE, place=box, position="017").item.position == "17"


def test_a_rack_scanner_calls_the_wells_of_any_box_by_letter_and_number(floor):
    tubes, box = floor.received(), floor.box("Cryobox", 9, 9, naming=Naming.RUNNING)
    lines = f"A1,{tubes['1ED04']}\nB2,{tubes['1ED10']}\nI9,NO TUBE".encode()
    plan = take_rack_file(
        floor.work, box, RackFile(content=lines, name="cryo.csv", at=floor.told()), by=floor.technician
    )
    assert plan.counts["stored"] == 2
    assert [floor.row(tubes[code]).position for code in ("1ED04", "1ED10")] == ["1", "11"]
    with pytest.raises(RackFileRefused, match="K1 is no position"):
        read_rack_file(b"K1,FR05653780", "cryo.csv", grid=Grid(9, 9, Naming.RUNNING))


# Places without a grid, and stores that choose positions themselves.


@pytest.mark.parametrize("kind", sorted(GRIDLESS))
def test_what_lies_on_a_bench_or_in_a_chest_has_no_position(floor, kind):
    building = floor.unit(Kind.FACILITY, "Building 2").identifier
    place = floor.unit(kind, "Here", inside=building).identifier
    tube = floor.received()["1ED04"]
    assert floor.step(tube, Action.STORE, place=place).item.position is None


def test_a_store_that_chooses_positions_itself_calls_them_as_it_likes(floor):
    tubes = floor.received()
    store = floor.unit(Kind.AUTOMATED_STORE, "Store S", temperature_celsius=-80).identifier
    told = floor.step(tubes["1ED04"], Action.STORE, place=store, position="S2-T014-A07")
    assert told.item.position == "S2-T014-A07"
    assert floor.step(tubes["1ED10"], Action.STORE, place=store).item.position is None
    with pytest.raises(AskedBack, match="is taken"):
        floor.step(tubes["1HEP4"], Action.STORE, place=store, position="s2-t014-a07")


# What a place has from around it.


def test_a_box_is_as_cold_as_what_stands_around_it(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", temperature_celsius=-80, contents=("Plasma",)).identifier
    rack = floor.unit(Kind.RACK, "Rack 1", inside=freezer, rule=Rule.FULLEST).identifier
    box = floor.now(floor.box(inside=rack))
    here = surroundings_of(floor.work, box.id)
    assert (here.temperature_celsius, here.contents, here.rule) == (-80, {"Plasma"}, Rule.FULLEST)
    assert here.ruled_by == floor.now(rack).id
    assert surroundings_of_many(floor.work, [box.id])[box.id] == here
    floor.step(rack, Action.MOVE, place=floor.unit(Kind.BENCH, "Bench 1").identifier)
    assert surroundings_of(floor.work, box.id).temperature_celsius is None


def test_a_place_known_to_be_too_warm_is_asked_back(floor):
    plasma = aliquot(floor)
    box = floor.box(inside=floor.unit(Kind.FREEZER, "Fridge", temperature_celsius=4).identifier)
    with pytest.raises(AskedBack, match=r"Plasma is kept at −60 °C or colder, and Box 1 .* is at 4 °C"):
        floor.step(plasma, Action.STORE, place=box, position="A1")
    taken = floor.step(plasma, Action.STORE, place=box, position="A1", confirmation="the freezer is full")
    assert "place_too_warm" in taken.event["flags"]
    other = aliquot(floor)
    assert not floor.step(other, Action.STORE, place=floor.box("Unknown"), position="A1").alerts


def test_the_innermost_place_that_says_something_counts(floor):
    """A warm drawer of a cold freezer, for serum alone, with a rule of its own."""
    freezer = floor.unit(
        Kind.FREEZER, "Freezer 1", temperature_celsius=-80, contents=("Plasma",), rule=Rule.FULLEST
    ).identifier
    told = {"temperature_celsius": -20, "contents": ("Serum",), "rule": Rule.LAST_USED}
    box = floor.now(floor.box(inside=floor.unit(Kind.SHELF, "Drawer", inside=freezer, **told).identifier))
    here = surroundings_of(floor.work, box.id)
    assert (here.temperature_celsius, here.contents, here.rule) == (-20, {"Serum"}, Rule.LAST_USED)
    assert (here.in_quarantine, here.may_be_kept_free) == (False, False)


def test_a_place_just_cold_enough_is_proposed_and_nothing_is_asked(floor):
    plasma = aliquot(floor)
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", temperature_celsius=-59).identifier
    box = floor.box(inside=freezer)
    assert propose_position(floor.work, floor.now(plasma)) is None
    floor.step(freezer, Action.REFIT, floor.lead, details={"temperature_celsius": -60})
    assert propose_position(floor.work, floor.now(plasma)).unit.item.identifier == box
    assert not floor.step(plasma, Action.STORE, place=box, position="A1").alerts


def test_a_quarantine_place_takes_any_material(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", contents=("Serum",)).identifier
    aside = floor.unit(Kind.QUARANTINE_PLACE, "Quarantine", inside=freezer).identifier
    assert floor.step(aliquot(floor), Action.STORE, place=aside).event.get("flags") is None


def test_a_freezer_for_other_material_is_asked_back_and_never_proposed(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", temperature_celsius=-80, contents=("Serum",)).identifier
    box = floor.box("Sera", inside=freezer)
    plasma = aliquot(floor)
    with pytest.raises(AskedBack, match="This is Plasma, and box Sera .* is for Serum"):
        floor.step(plasma, Action.STORE, place=box, position="A1")
    assert propose_position(floor.work, floor.now(plasma)) is None
    serum = aliquot(floor, "serum")
    assert propose_position(floor.work, floor.now(serum)).unit.name == "Sera"


def test_needs_that_cannot_be_are_named_with_their_line(tmp_path):
    file = tmp_path / "storing.toml"
    file.write_text('[[need]]\nof = "plasma"\nkinds = ["tissue"]\nwarmest_celsius = -60\nsource = "x"\n')
    with pytest.raises(NeedsRefused, match="Need 1 .*tissue"):
        read_needs(str(file))
    with pytest.raises(NeedsRefused, match="cannot be read"):
        read_needs(str(tmp_path / "none.toml"))


# Rules.


@pytest.mark.parametrize(
    ("rule", "expected"),
    [(Rule.FULLEST, "Large"), (Rule.LEAST_EMPTY, "Small"), (Rule.LAST_USED, "Last")],
)
def test_each_rule_chooses_its_box(floor, rule, expected):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", rule=rule).identifier
    small, large, last = (
        floor.box(name, rows, columns, inside=freezer)
        for name, rows, columns in (("Small", 1, 3), ("Large", 3, 4), ("Last", 4, 4))
    )
    parent = floor.received()["1ED04"]
    for box, count in ((small, 1), (large, 9), (last, 1)):
        for position in list(map_of(floor.work, box).unit.fittings.grid.positions())[:count]:
            floor.step(aliquot(floor, parent=parent), Action.STORE, place=box, position=position)
    wanted = floor.now(aliquot(floor, parent=parent))
    assert propose_position(floor.work, wanted).unit.name == expected


def test_a_box_meant_for_it_alone_comes_before_a_fuller_one(floor):
    floor.box("Any", 1, 1)
    floor.box("Plasma", 9, 9, contents=("Plasma",))
    assert propose_position(floor.work, floor.now(aliquot(floor))).unit.name == "Plasma"


# Refits.


def refit(floor, unit, **details):
    return floor.step(unit, Action.REFIT, floor.lead, details=details)


def test_a_unit_is_renamed_and_refitted_with_an_entry_of_its_own(floor):
    box = floor.box("Box 1", 8, 12)
    event = refit(
        floor, box, name="Box 1a", rows=9, columns=9, naming="running", temperature_celsius=-80
    ).event
    assert (event["specification"], event["details"]["rows"]) == ("Box 1a", 9)
    seen = map_of(floor.work, box)
    assert (seen.unit.name, seen.unit.fittings.grid) == ("Box 1a", Grid(9, 9, Naming.RUNNING))
    refit(floor, box, contents=["Plasma", "Serum"], rule="last_used", allowed=["aliquot"])
    assert not list(unit_findings(floor.work))
    floor.work.session.get_one(StorageUnit, floor.now(box).id).temperature_celsius = 20
    assert [finding.subject for finding in unit_findings(floor.work)] == [box]
    floor.work.session.delete(floor.work.session.get_one(StorageUnit, floor.now(box).id))
    assert ["not stored as a place" in each.sentence for each in unit_findings(floor.work)] == [True]


def test_what_a_place_is_called_names_nobody(floor):
    box = floor.box("Box 1", 8, 12)
    for told in ({"name": "call 555-123-4567"}, {"contents": ["testa@example.org"]}):
        with pytest.raises(NamesSomebody):
            refit(floor, box, **told)
    with pytest.raises(NamesSomebody):
        floor.box("call 555-123-4567")


def test_a_position_in_use_does_not_go_unasked_and_nonsense_is_refused(floor):
    box, tube = floor.box("Box 1", 8, 12), floor.received()["1ED04"]
    floor.step(tube, Action.STORE, place=box, position="H12")
    with pytest.raises(AskedBack, match="Something lies in H12 of Box 1"):
        refit(floor, box, rows=4)
    floor.step(box, Action.REFIT, floor.lead, details={"rows": 4}, confirmation="the lower half is cut off")
    assert floor.row(tube).position == "H12"  # what is so stays so until somebody looks
    for details in ({}, {"colour": "red"}, {"rows": "x"}, {"rows": 0}, {"name": " "}, {"rule": "any"}):
        with pytest.raises(UnitRefused):
            refit(floor, box, **details)
    with pytest.raises(NotYourStep):
        floor.step(box, Action.REFIT, details={"name": "Mine"})


def test_the_places_around_many_things_are_read_once(floor):
    inside = None
    for kind, name in ((Kind.FREEZER, "Freezer 1"), (Kind.SHELF, "Shelf 1"), (Kind.RACK, "Rack 1")):
        inside = floor.unit(kind, name, inside=inside).identifier
    boxes = [floor.box(f"Box {number}", inside=inside) for number in range(5)]
    rows = [floor.row(box) for box in boxes]
    with statements() as asked:
        paths = [[place.specification for place in place_path(floor.work, row)] for row in rows]
    assert paths == [["Rack 1", "Shelf 1", "Freezer 1"]] * 5
    assert len(asked) <= 3


# What is kept free.


def test_storing_asks_only_where_somebody_keeps_something_free(floor):
    tubes, box = floor.received(), floor.box()
    first, second = tubes["1ED04"], tubes["1ED10"]

    def asked(tube, position):
        with statements() as sent:
            floor.step(tube, Action.STORE, floor.lead, place=box, position=position)
        return len(sent)

    before = asked(first, "A1")
    for number in range(2, 6):
        kept(floor, box, positions=(f"B{number}",), by=floor.lead)
    assert asked(second, "A2") == before + 1


def test_a_proposal_asks_no_more_of_a_box_in_which_many_kits_are_awaited(floor):
    tubes = floor.received()
    tube, box = tubes["1ED04"], floor.box()
    item = floor.now(tube)

    def proposed():
        with statements() as sent:
            found = propose_position(floor.work, item, floor.technician)
        return found.position, len(sent)

    for number in range(1, 3):
        kept(floor, box, ReservedFor.KIT, positions=(f"A{number}",), reference=another_kit(floor))
    first, before = proposed()
    for number in range(3, 8):
        kept(floor, box, ReservedFor.KIT, positions=(f"A{number}",), reference=another_kit(floor))
    assert (first, proposed()) == ("A3", ("A8", before))


def another_kit(floor):
    return make_kits(floor.work, "urine-1", 1, by=floor.technician, site="biobank-1")[0].identifier


def kept(floor, unit, purpose=ReservedFor.STUDY, by=None, **told):
    until = moments.now() + WEEK
    new = NewReservation(**({"unit": unit, "purpose": purpose, "until": until} | told))
    return reserve(floor.work, new, by=by or floor.lead)


def test_who_stores_into_a_place_that_others_keep_is_asked_and_never_refused(floor):
    tubes, box = floor.received(), floor.box(rows=2, columns=2)
    made = kept(floor, box, count=2, reference="R-7")
    assert made.positions == "A1 A2"
    with pytest.raises(AskedBack, match=r"A1 in Box 1 .* is kept free for a study \(R-7\) by bio\.lea"):
        floor.step(tubes["1ED04"], Action.STORE, place=box, position="A1")
    taken = floor.step(tubes["1ED04"], Action.STORE, place=box, position="A1", confirmation="no other")
    assert taken.event["flags"] == ["kept_free"]
    assert "kept_free" not in floor.cases(tubes["1ED04"])
    assert propose_position(floor.work, floor.now(tubes["1ED10"]), floor.technician).position == "B1"
    assert propose_position(floor.work, floor.now(tubes["1ED10"]), floor.lead).position == "A2"
    assert (
        floor.step(tubes["1ED10"], Action.STORE, floor.lead, place=box, position="A2").event.get("flags")
        is None
    )
    assert not list(reservation_findings(floor.work))


def test_a_kit_finds_its_own_places(floor):
    tubes = floor.received()
    kit = floor.work.session.get_one(type(floor.row(tubes["1ED04"])), floor.row(tubes["1ED04"]).kit_id)
    rack = floor.unit(Kind.RACK, "Rack 1").identifier
    box = floor.box("Far", 1, 4, inside=rack)
    floor.box("Near", 1, 1)
    kept(floor, box, ReservedFor.KIT, positions=("a3", "A4"), reference=kit.identifier)
    proposed = propose_position(floor.work, floor.now(tubes["1ED04"]), floor.technician)
    assert (proposed.unit.name, proposed.position) == ("Far", "A3")
    floor.step(tubes["1ED04"], Action.STORE, place=box, position="A3")
    kept(floor, rack)  # the whole rack, with all that stands in it
    with pytest.raises(AskedBack, match="kept free for a study"):
        floor.step(tubes["1ED10"], Action.STORE, place=box, position="A1")


def test_a_reservation_is_over_by_itself_or_is_ended(floor, monkeypatch):
    tube, box = floor.received()["1ED04"], floor.box(rows=1, columns=1)
    made = kept(floor, box)
    assert propose_position(floor.work, floor.now(tube), floor.technician) is None
    with pytest.raises(NoReservation):
        end_reservation(floor.work, made.id, by=actor("other.one", "biobank_lead", "biobank-2"))
    ended = end_reservation(floor.work, made.id, by=floor.technician)
    assert ended.ended_by == "bio.tess"
    assert end_reservation(floor.work, made.id, by=floor.lead).ended_by == "bio.tess"
    kept(floor, box)
    later = moments.now() + 2 * WEEK
    monkeypatch.setattr(moments, "now", lambda: later)
    assert propose_position(floor.work, floor.now(tube), floor.technician).position == "A1"
    assert not list(reservation_findings(floor.work))
    floor.work.session.query(StorageReservation).filter_by(id=made.id).update({"person": "bio.tess"})
    assert len(list(reservation_findings(floor.work))) == 1


def test_every_column_of_what_is_kept_free_is_compared_with_the_log(floor):
    box, moment = floor.box(), moments.now() - timedelta(hours=7)
    stands, over = kept(floor, box, count=2, reference="R-7").id, kept(floor, box, count=1).id
    end_reservation(floor.work, over, by=floor.lead)
    told = {"positions": "B7", "purpose": "kit", "reference": "R-8", "person": "bio.tom", "made_at": moment}
    told |= {"until": moment, "ended_at": moment, "ended_by": "bio.tom"}
    for number in (stands, over):
        row = floor.work.session.get_one(StorageReservation, number)
        for name, value in told.items():
            before = getattr(row, name)
            for stored, is_found in ((value, True), (before, False)):
                setattr(row, name, stored)
                assert bool(list(reservation_findings(floor.work))) is is_found, name


def test_what_cannot_be_kept_free_is_refused(floor):
    box, shelf = floor.box(rows=1, columns=3), floor.unit(Kind.SHELF, "Shelf 1").identifier
    floor.step(floor.received()["1ED04"], Action.STORE, place=box, position="A1")
    for told, error in (
        ({"positions": ("A1",)}, NotFree),
        ({"count": 3}, NotFree),
        ({"positions": ("C9",)}, ReservationRefused),
        ({"unit": shelf, "count": 1}, ReservationRefused),
        ({"until": moments.now()}, ReservationRefused),
        ({"until": moments.now() + timedelta(days=400)}, ReservationRefused),
        ({"reference": "x" * 41}, ReservationRefused),
    ):
        with pytest.raises(error):
            kept(floor, told.pop("unit", box), **told)
    kept(floor, box, positions=("A2",))
    with pytest.raises(NotFree, match="is kept free"):
        kept(floor, box)
