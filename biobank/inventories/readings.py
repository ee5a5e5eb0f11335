"""What a check has read: the newest reading of each position or code, and where two counts do not agree."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from sqlalchemy import select

from biobank.core.database import Work
from biobank.inventories.choices import FIRST, LAST, SECOND, Seen
from biobank.inventories.models import InventoryCheck, InventoryReading

Slots = dict[str, InventoryReading]
"""By position; in a unit without positions by what was read."""


@dataclass(frozen=True)
class Count:
    """What is known once the turns are laid on each other; `disputed` has to be looked at once more."""

    slots: Mapping[str, InventoryReading]
    disputed: tuple[str, ...] = ()

    @property
    def codes(self) -> list[InventoryReading]:
        return [reading for reading in self.slots.values() if reading.seen == Seen.CODE]


def readings_of(work: Work, check: InventoryCheck) -> list[InventoryReading]:
    """All of them, as they were made."""
    asked = select(InventoryReading).where(InventoryReading.check_id == check.id)
    return list(work.session.scalars(asked.order_by(InventoryReading.id)))


UNREAD = "unread"
"""What cannot be read has no name where there are no positions: the first, the second and so on."""


def key_of(reading: InventoryReading, slots: Slots) -> str:
    """A position is read once; without positions a thing is."""
    if reading.position is not None:
        return reading.position
    if reading.code is not None:
        return reading.code
    known = sum(key.startswith(UNREAD) for key in slots)
    return f"{UNREAD} {known + (reading.seen != Seen.TAKEN_BACK)}"


def of_turn(readings: Iterable[InventoryReading], turn: int) -> Slots:
    """The newest of each, in the order in which they were made."""
    slots: Slots = {}
    for reading in readings:
        if reading.turn != turn:
            continue
        key = key_of(reading, slots)
        slots.pop(key, None)
        if reading.seen != Seen.TAKEN_BACK:
            slots[key] = reading
    return slots


def laid_together(readings: list[InventoryReading], turn: int) -> Count:
    """Of one count what it read; of two what both did, and where they differ what was looked at then."""
    first = of_turn(readings, FIRST)
    if turn == FIRST:
        return Count(first)
    second, last = of_turn(readings, SECOND), of_turn(readings, LAST)
    slots: Slots = {}
    disputed = []
    for key in dict.fromkeys([*first, *second, *last]):
        if key in last:
            slots[key] = last[key]
        elif _told(first.get(key)) != _told(second.get(key)):
            disputed.append(key)
        elif key in second:
            slots[key] = second[key]
    return Count(slots, tuple(disputed))


def _told(reading: InventoryReading | None) -> tuple[object, ...]:
    """What nobody read counts as empty."""
    if reading is None or reading.seen == Seen.EMPTY:
        return ()
    return (reading.seen, reading.item_id or reading.code)
