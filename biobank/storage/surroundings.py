"""What a place has from the units around it: its temperature, what it is meant for, its rule."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import CTE, ColumnElement, Select, bindparam, literal, select

from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.states import Kind
from biobank.items.models import Item
from biobank.storage.choices import Rule
from biobank.storage.models import StorageReservation, StorageUnit
from biobank.storage.out_of_service import units_failing

items = table_of(Item)
units = table_of(StorageUnit)
reservations = table_of(StorageReservation)
DEEPEST = 12
"""Units within units; a loop that somebody wrote into the database ends here."""


def places_around(asked: ColumnElement[bool]) -> CTE:
    """For each place that is asked about: itself and the units around it, with their depth."""
    innermost = select(
        items.c.id.label("asked"), items.c.id, items.c.container_id, items.c.kind, literal(0).label("depth")
    ).where(asked)
    found = innermost.cte("around", recursive=True)
    outer = items.alias("outer")
    return found.union_all(
        select(found.c.asked, outer.c.id, outer.c.container_id, outer.c.kind, found.c.depth + 1)
        .join(outer, outer.c.id == found.c.container_id)
        .where(found.c.depth < DEEPEST)
    )


def _around(asked: ColumnElement[bool]) -> Select[Any]:
    """From the inside outwards."""
    found = places_around(asked)
    told = (units.c.temperature_celsius, units.c.allowed_contents, units.c.rule)
    kept = select(reservations.c.id).where(
        reservations.c.item_id == found.c.id, reservations.c.ended_at.is_(None)
    )
    return (
        select(found.c.asked, found.c.id, found.c.kind, *told, kept.exists())
        .outerjoin_from(found, units, units.c.item_id == found.c.id)
        .order_by(found.c.asked, found.c.depth)
    )


FIND_AROUND = Statement(_around(items.c.id == bindparam("item_id")))


@dataclass
class Surroundings:
    """What holds in a place: each from the innermost unit that says it, itself first; None is unknown."""

    temperature_celsius: int | None = None
    contents: frozenset[str] = frozenset()
    """Specifications that may lie there; none named: all."""
    rule: Rule | None = None
    ruled_by: int = 0
    """Item number of the unit that says the rule."""
    around: list[int] = field(default_factory=list)
    """Item numbers from the unit itself outwards."""
    in_quarantine: bool = False
    may_be_kept_free: bool = False
    """Whether anybody said to keep something free in it or around it; their time may be over."""
    out_of_service: bool = False
    """Looked at where several are asked for, for proposals; a scan is asked back about by a check."""

    def take(self, row: Sequence[Any]) -> None:
        _, number, kind, temperature, contents, rule, is_kept = row
        self.around.append(number)
        self.in_quarantine |= kind == Kind.QUARANTINE_PLACE
        self.may_be_kept_free |= bool(is_kept)
        if self.temperature_celsius is None:
            self.temperature_celsius = temperature
        if not self.contents and contents:
            self.contents = frozenset(contents.split("\n"))
        if self.rule is None and rule:
            self.rule, self.ruled_by = Rule(rule), number

    def is_meant_for(self, specification: str | None) -> bool:
        wanted = (specification or "").casefold()
        if self.out_of_service:
            return False
        return not self.contents or wanted in {each.casefold() for each in self.contents}


def surroundings_of(work: Work, item_id: int) -> Surroundings:
    """Of one place, on the driver's cursor: this stands in the scan path."""
    found = Surroundings()
    for row in work.run(FIND_AROUND, item_id=item_id).fetchall():
        found.take(row)
    return found


def surroundings_of_many(work: Work, ids: Iterable[int]) -> dict[int, Surroundings]:
    """By item number."""
    found = {number: Surroundings() for number in ids}
    for some in in_turns(found):
        for row in work.session.execute(_around(items.c.id.in_(some))):
            found[row[0]].take(row)
    failing = units_failing(work)
    for here in found.values():
        here.out_of_service = not failing.isdisjoint(here.around)
    return found
