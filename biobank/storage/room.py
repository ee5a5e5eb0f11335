"""Where there is room: boxes that take a number of pieces, one alone or several that stand together."""

from collections.abc import Iterator
from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.states import Kind
from biobank.storage.queries import Unit, free_positions, newest_units, numbered_units, with_room
from biobank.storage.reserved import Kept, standing_in
from biobank.storage.surroundings import Surroundings, surroundings_of_many

UNITS_AT_ONCE = 400
MOST_UNITS = 20_000
MOST_ANSWERS = 10


@dataclass(frozen=True)
class Wish:
    """Room for `count` pieces of a kind; `warmest_celsius` asks for places known to be as cold or colder."""

    count: int
    kind: Kind = Kind.ALIQUOT
    specification: str | None = None
    warmest_celsius: int | None = None

    def suits(self, unit: Unit, here: Surroundings) -> bool:
        warm = here.temperature_celsius
        return (
            unit.takes_in_its_grid(self.kind)
            and not here.in_quarantine
            and here.is_meant_for(self.specification)
            and (self.warmest_celsius is None or (warm is not None and warm <= self.warmest_celsius))
        )


@dataclass(frozen=True)
class Room:
    """Boxes that take the pieces together, each with how many positions are free in it."""

    boxes: tuple[tuple[Unit, int], ...]
    temperature_celsius: int | None

    @property
    def free(self) -> int:
        return sum(free for _, free in self.boxes)


def find_room(work: Work, wish: Wish, by: Actor) -> list[Room]:
    """One box that takes all, the fullest first; else boxes that stand in one rack or shelf together."""
    alone: list[Room] = []
    together: dict[int, list[tuple[Unit, int, int | None]]] = {}
    for unit, free, here in _suiting(work, wish, by):
        if free >= wish.count:
            alone.append(Room(((unit, free),), here.temperature_celsius))
        elif unit.item.container_id is not None:
            standing = together.setdefault(unit.item.container_id, [])
            standing.append((unit, free, here.temperature_celsius))
        if len(alone) >= MOST_ANSWERS:
            break
    found = sorted(alone, key=lambda room: room.free)
    return [*found, *_groups(wish, together)][:MOST_ANSWERS]


def _groups(wish: Wish, together: dict[int, list[tuple[Unit, int, int | None]]]) -> Iterator[Room]:
    """As few boxes as do it, the emptiest first."""
    for standing in together.values():
        taken: list[tuple[Unit, int]] = []
        for unit, free, _ in sorted(standing, key=lambda each: (-each[1], each[0].item.id)):
            if sum(each for _, each in taken) < wish.count:
                taken.append((unit, free))
        room = Room(tuple(taken), standing[0][2])
        if room.free >= wish.count:
            yield room


def _suiting(work: Work, wish: Wish, by: Actor) -> Iterator[tuple[Unit, int, Surroundings]]:
    """Units with room and how many positions of them are free for `by`, the newest first."""
    now = moments.now()
    for ids in newest_units(work, by.sites, UNITS_AT_ONCE, MOST_UNITS):
        units = numbered_units(work, with_room(work, ids))
        around = surroundings_of_many(work, [unit.item.id for unit in units])
        outer = {number for here in around.values() for number in here.around}
        kept = standing_in(work, outer, now)
        for unit in units:
            here = around[unit.item.id]
            theirs = [
                each for number in here.around for each in kept.get(number, ()) if each.person != by.person
            ]
            free = (unit.capacity or 0) - unit.held - _kept_of(work, unit, theirs)
            if free > 0 and wish.suits(unit, here):
                yield unit, free, here


def _kept_of(work: Work, unit: Unit, kept: list[Kept]) -> int:
    """Free positions that others keep; all of it when somebody keeps the unit or what it stands in."""
    if any(not each.positions for each in kept):
        return unit.capacity or 0
    theirs = {spot for each in kept if each.unit_id == unit.item.id for spot in each.positions}
    return len(theirs.intersection(free_positions(work, unit))) if theirs else 0
