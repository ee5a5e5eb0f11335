"""What is kept free now: by whom, for what, until when. What is over counts no more by itself."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.rows import in_turns, row_numbered
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.queries import item_by_id
from biobank.custody.steps import ItemNow
from biobank.items.models import Item
from biobank.storage.choices import ReservedFor
from biobank.storage.models import StorageReservation
from biobank.storage.surroundings import places_around

items = table_of(Item)
reservations = table_of(StorageReservation)
TOLD = tuple(
    reservations.c[name]
    for name in ("id", "item_id", "positions", "purpose", "reference", "person", "made_at", "until")
)
_standing = select(*TOLD).where(reservations.c.ended_at.is_(None))
_around = places_around(items.c.id == bindparam("item_id"))
FIND_STANDING = Statement(
    _standing.where(
        reservations.c.item_id.in_(select(_around.c.id)), reservations.c.until > bindparam("now")
    ).order_by(reservations.c.id)
)
FOR_WORDS = {
    ReservedFor.RACK_FILE: "a rack",
    ReservedFor.STUDY: "a study",
    ReservedFor.KIT: "a kit",
    ReservedFor.CONSOLIDATION: "a consolidation",
    ReservedFor.OTHER: "something else",
}


@dataclass(frozen=True)
class Kept:
    """A reservation that counts now."""

    id: int
    unit_id: int
    positions: frozenset[str]
    """Empty is the whole unit, with all that stands in it."""
    purpose: ReservedFor
    reference: str
    person: str
    made_at: int
    until: int

    @property
    def sentence(self) -> str:
        """`kept free for a kit (K ...) by bio.lea until 2026-11-30 12:00 UTC`."""
        until = moments.from_microseconds(self.until)
        named = f" ({self.reference})" if self.reference else ""
        what = f"{FOR_WORDS[self.purpose]}{named}"
        return f"kept free for {what} by {self.person} until {until:%Y-%m-%d %H:%M} UTC"

    def covers(self, unit_id: int, position: str | None) -> bool:
        if not self.positions:
            return True
        return self.unit_id == unit_id and position in self.positions

    def is_for(self, kit: str | None, person: str) -> bool:
        """Who keeps it free uses it, and so does whoever stores a tube of the kit that it is kept for."""
        return self.person == person or (self.purpose is ReservedFor.KIT and self.reference == kit)


def kept_from(work: Work, item: ItemNow, person: str, kept: list[Kept]) -> list[Kept]:
    """Those of them that are for something else than this item in the hand of this person."""
    kit = item_by_id(work, item.kit_id).identifier if kept and item.kit_id is not None else None
    return [each for each in kept if not each.is_for(kit, person)]


def standing_at(work: Work, unit_id: int, now: datetime) -> list[Kept]:
    """Of a unit and of those around it, on the driver's cursor: this stands in the scan path."""
    rows = work.run(FIND_STANDING, item_id=unit_id, now=moments.to_microseconds(now)).fetchall()
    return [_kept(row) for row in rows]


def standing_in(work: Work, units: Iterable[int], now: datetime) -> dict[int, list[Kept]]:
    """By item number of the unit, of these units alone."""
    found: dict[int, list[Kept]] = {}
    for some in in_turns(units):
        question = _standing.where(reservations.c.item_id.in_(some), reservations.c.until > now)
        for row in work.session.execute(question.order_by(reservations.c.id)):
            found.setdefault(row.item_id, []).append(_kept(row))
    return found


def reservation_numbered(work: Work, number: int) -> StorageReservation | None:
    return row_numbered(work, StorageReservation, number, locked=True)


def _kept(row: Sequence[Any]) -> Kept:
    number, unit_id, positions, purpose, reference, person, made_at, until = row
    spots, moment = frozenset(positions.split()), (_microseconds(made_at), _microseconds(until))
    return Kept(number, unit_id, spots, ReservedFor(purpose), reference, person, *moment)


def _microseconds(moment: datetime | int) -> int:
    """The driver's cursor gives what is stored, the session what it means."""
    return moment if isinstance(moment, int) else moments.to_microseconds(moment)
