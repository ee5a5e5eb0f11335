"""What two people of the floor do at one moment, each pair made ready anew for every round."""

from datetime import timedelta

from biobank.core import moments
from biobank.custody.queries import newest_events
from biobank.custody.states import Action, Kind
from biobank.destruction.queries import lines_of
from biobank.inventories.closing import close_check
from biobank.inventories.operations import end_count
from biobank.items.queries import children_of
from biobank.ledger.queries import entries_of
from biobank.processing.aliquoting import aliquot
from biobank.processing.inputs import NewAliquots, Vials
from biobank.storage.choices import ReservedFor
from biobank.storage.inputs import NewReservation, RackFile
from biobank.storage.models import StorageReservation
from biobank.storage.operations import take_rack_file
from biobank.storage.reservations import reserve
from tests.floor import SCAN
from tests.inventories.conftest import Bench
from tests.leaving import Leaving
from tests.meetings import Meeting
from tests.studies import approved, committee, shares

TAKES_RACKS = {"rows": 2, "columns": 4, "allowed": (Kind.RACK,)}


def floor_of_studies(work):
    floor = Leaving(work)
    committee(floor)
    approved(floor, most=2000)
    return floor


def told(mine, minutes=None):
    return {"by": mine.technician, "source": SCAN, "at": mine.told(minutes)}


def tube_of(mine, number, *, letter="3", box=None, position="A1"):
    """A participant who shares, and their received tube, stored if a box is named."""
    code = mine.participant(f"A{letter}{number:08d}")
    shares(mine, code)
    tube = mine.tube(code)
    if box is not None:
        mine.step(tube, Action.STORE, place=box, position=position)
    return code, tube


def stores(box, tube, position="A1", **asked):
    return lambda mine: mine.step(tube, Action.STORE, place=box, position=position, **asked)


def moves(thing, place, position=None):
    return lambda mine: mine.step(thing, Action.MOVE, place=place, position=position)


def leaves(code):
    return lambda mine: mine.decide(participant=code)


def takes_out(tube):
    return lambda mine: mine.step(tube, Action.CHECK_OUT)


def is_held_and_on_its_order(mine, code, tube):
    found = [] if "withdrawal" in mine.holds(tube) else [f"{tube} is not held"]
    order = mine.order(code)
    on_order = {line.item_id for line in lines_of(mine.work, order)} if order else set()
    return found + ([] if mine.row(tube).id in on_order else [f"{tube} is not on the order"])


def lies_in(mine, thing, place, position=None):
    row, wanted = mine.row(thing), (mine.row(place).id, position)
    found = (row.container_id, row.position)
    return [] if found == wanted else [f"{thing} lies in {found}, not in {wanted}"]


def of_the_newest(mine, tube, name):
    return newest_events(mine.work, tube, 1)[0].get(name, [])


# Storage.


def storing_and_withdrawal(mine, number):
    code, tube = tube_of(mine, number)
    box = mine.box(rows=1, columns=1)

    def wrong(mine, first, second):
        return is_held_and_on_its_order(mine, code, tube) + ([] if first else lies_in(mine, tube, box, "A1"))

    return Meeting(stores(box, tube), leaves(code), wrong)


def moving_a_box_and_storing_into_it(mine, number):
    _, tube = tube_of(mine, number)
    rack, box = mine.unit(Kind.RACK, f"Rack {number}").identifier, mine.box()

    def wrong(mine, first, second):
        return lies_in(mine, tube, box, "A1") + lies_in(mine, box, rack)

    return Meeting(moves(box, rack), stores(box, tube), wrong)


def giving_up_a_place_and_storing_into_it(mine, number):
    _, tube = tube_of(mine, number)
    box = mine.box()

    def voids(mine):
        mine.step(box, Action.VOID, mine.lead, details={"reason": "damaged"})

    def wrong(mine, first, second):
        if first is None and second is None:
            return ["a tube was put into a place that was given up"]
        return []

    return Meeting(voids, stores(box, tube), wrong)


def giving_up_a_place_and_putting_a_box_on_it(mine, number):
    rack, box = mine.unit(Kind.RACK, f"Rack {number}").identifier, mine.box()

    def voids(mine):
        mine.step(rack, Action.VOID, mine.lead, details={"reason": "damaged"})

    def wrong(mine, first, second):
        return ["a box was put into a place that was given up"] if first is None and second is None else []

    return Meeting(voids, moves(box, rack), wrong)


def refitting_a_box_and_storing_into_it(mine, number):
    _, tube = tube_of(mine, number)
    box = mine.box(rows=2, columns=2)

    def refits(mine):
        mine.step(box, Action.REFIT, mine.lead, details={"rows": 1, "columns": 1})

    def wrong(mine, first, second):
        return ["a tube is in a position that is no more"] if first is None and second is None else []

    return Meeting(refits, stores(box, tube, "B2"), wrong)


def keeping_free_and_storing(mine, number):
    _, tube = tube_of(mine, number)
    box = mine.box(rows=1, columns=1)
    new = NewReservation(
        unit=box, purpose=ReservedFor.OTHER, until=moments.now() + timedelta(days=1), positions=("A1",)
    )

    def wrong(mine, first, second):
        return ["a tube is where a place was kept free"] if first is None and second is None else []

    return Meeting(lambda mine: reserve(mine.work, new, by=mine.lead), stores(box, tube), wrong)


def keeping_a_shelf_free_and_storing(mine, number):
    """There are no positions that both would name; who stores after it was said is asked back."""
    _, tube = tube_of(mine, number)
    shelf = mine.unit(Kind.SHELF, f"Shelf {number}").identifier
    new = NewReservation(unit=shelf, purpose=ReservedFor.OTHER, until=moments.now() + timedelta(days=1))

    def wrong(mine, first, second):
        if second is not None:
            return []
        kept = mine.work.session.query(StorageReservation).filter_by(item_id=mine.row(shelf).id).one()
        stored = entries_of(mine.work, tube)[-1].recorded_at
        return ["it was stored after the shelf was kept free"] if stored > kept.made_at else []

    return Meeting(lambda mine: reserve(mine.work, new, by=mine.lead), stores(shelf, tube, None), wrong)


def two_racks_into_each_other(mine, number):
    racks = [mine.unit(Kind.RACK, f"Rack {number} {side}").identifier for side in "AB"]

    def wrong(mine, first, second):
        return ["two racks lie in each other"] if first is None and second is None else []

    return Meeting(moves(racks[0], racks[1]), moves(racks[1], racks[0]), wrong)


def a_rack_file_and_withdrawal(mine, number):
    """The file names the newest vial first."""
    code, tube = tube_of(mine, number)
    box = mine.box(rows=8, columns=12)
    vials = (Vials("urine", 100, ("",) * 4),)
    aliquot(mine.work, NewAliquots(parent=tube, vials=vials), **told(mine))
    codes = [child.identifier for child in children_of(mine.work, mine.now(tube).id)]
    content = "\n".join(f"A{at},{each}" for at, each in enumerate(reversed(codes), 1)).encode()
    file = RackFile(content=content, name="rack.csv", at=mine.told())

    def wrong(mine, first, second):
        return [each for vial in codes for each in is_held_and_on_its_order(mine, code, vial)]

    return Meeting(lambda mine: take_rack_file(mine.work, box, file, by=mine.technician), leaves(code), wrong)


# Counting.


def counted(mine, number, *, read=(), stored=2):
    bench, box = Bench(mine), mine.box(f"Box {number}")
    tubes = []
    for at in range(stored):
        tubes.append(tube_of(mine, number, letter=str(3 + at), box=box, position=f"A{at + 1}"))
    bench.count(box)
    for at, position in read:
        bench.read(tubes[at][1], position)
    end_count(mine.work, bench.number, by=bench.first)
    return box, tubes, lambda mine: close_check(mine.work, bench.number, by=mine.lead, because="It was seen.")


def closing_a_count_and_moving_the_box(mine, number):
    box, tubes, closes = counted(mine, number, read=((1, "A1"),))
    rack = mine.unit(Kind.RACK, f"Rack {number}").identifier

    def wrong(mine, first, second):
        return lies_in(mine, box, rack) + lies_in(mine, tubes[1][1], box, "A1") + missing(mine, tubes[0][1])

    return Meeting(closes, moves(box, rack), wrong)


def missing(mine, tube):
    kinds = {"inventory_missing", "displaced"} & set(mine.cases(tube))
    return [] if kinds or mine.row(tube).container_id else [f"{tube} is nowhere and has no case"]


def closing_a_count_and_taking_out_what_was_missed(mine, number):
    _, tubes, closes = counted(mine, number, read=((1, "A2"),))
    tube = tubes[0][1]

    def wrong(mine, first, second):
        if second is None and mine.row(tube).state != "checked_out":
            return [f"{tube} was taken out and is {mine.row(tube).state}"]
        return [] if second is None else missing(mine, tube)

    return Meeting(closes, takes_out(tube), wrong)


def closing_a_count_and_taking_out_what_changed_its_position(mine, number):
    box, tubes, closes = counted(mine, number, read=((0, "B1"), (1, "A2")))
    tube = tubes[0][1]

    def wrong(mine, first, second):
        now = mine.row(tube)
        if now.state == "checked_out":
            return [] if now.container_id is None else ["out and in its box"]
        return lies_in(mine, tube, box, "B1")

    return Meeting(closes, takes_out(tube), wrong)


def closing_a_count_and_withdrawal(mine, number):
    """Two of one participant changed places: the log of the second one moves first."""
    box = mine.box(f"Box {number}")
    code, first_tube = tube_of(mine, number, box=box, position="A1")
    second_tube = mine.tube(code)
    mine.step(second_tube, Action.STORE, place=box, position="A2")
    bench = Bench(mine).count(box)
    for tube, position in ((second_tube, "A1"), (first_tube, "B5")):
        bench.read(tube, position)
    end_count(mine.work, bench.number, by=bench.first)

    def closes(mine):
        close_check(mine.work, bench.number, by=mine.lead, because="It was seen.")

    def wrong(mine, first, second):
        both = (first_tube, second_tube)
        return [each for tube in both for each in is_held_and_on_its_order(mine, code, tube)]

    return Meeting(closes, leaves(code), wrong)


def closing_a_count_and_storing(mine, number):
    """What nobody read there since it came is missed, and that is a case."""
    box, _, closes = counted(mine, number, read=((0, "A1"), (1, "A2")))
    _, tube = tube_of(mine, number, letter="6")

    def wrong(mine, first, second):
        return missing(mine, tube)

    return Meeting(closes, stores(box, tube, "B7"), wrong)
