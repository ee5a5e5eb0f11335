"""Questions about storage: what a unit is, what lies where in it, what is free, where the next tube goes."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import bindparam, func, select

from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import in_turns
from biobank.core.statements import Statement
from biobank.core.tables import HIGHEST_NUMBER, table_of
from biobank.custody.states import SPECIMENS, STORAGE, Kind, State
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import item_of
from biobank.storage.choices import Grid, Naming, Order
from biobank.storage.models import StorageUnit

items = table_of(Item)
units = table_of(StorageUnit)

FIND_UNIT = Statement(
    select(
        units.c.grid_rows,
        units.c.grid_columns,
        units.c.temperature_celsius,
        units.c.allowed_kinds,
        units.c.naming,
        units.c.filled_by,
    ).where(units.c.item_id == bindparam("item_id")),
)
FIND_OCCUPANT = Statement(
    select(items.c.identifier).where(
        items.c.container_id == bindparam("container_id"), items.c.position == bindparam("position")
    ),
)
# Weaker than FOR UPDATE, which would wait for everyone who only points at the unit by a foreign key.
LOCK_UNIT = Statement(
    select(items.c.sequence).where(items.c.id == bindparam("item_id")).with_for_update(key_share=True),
)


class NoUnit(NotFound):
    """The code is of something that is no storage unit."""

    title = "No storage unit"


@dataclass(frozen=True)
class Fittings:
    """What a unit offers: its positions, its temperature, what may lie in it (nothing named: all)."""

    grid: Grid | None
    temperature_celsius: int | None
    allowed: frozenset[Kind]

    def takes(self, kind: str) -> bool:
        return not self.allowed or kind in self.allowed


@dataclass(frozen=True)
class Unit:
    """A storage unit as an item, with its fittings and how much lies directly in it."""

    item: Item
    fittings: Fittings
    held: int

    @property
    def name(self) -> str:
        return self.item.specification or printed(self.item.identifier)

    @property
    def capacity(self) -> int | None:
        return self.fittings.grid.size if self.fittings.grid else None

    def takes_in_its_grid(self, kind: Kind) -> bool:
        """A box takes specimens unless it says otherwise; a rack or shelf only what it names."""
        return kind in (self.fittings.allowed or (SPECIMENS if self.item.kind == Kind.BOX else ()))


@dataclass(frozen=True)
class UnitMap:
    """Every position of a unit, row by row, with who lies there; `loose` lie in it without a position."""

    unit: Unit
    rows: tuple[tuple[str, tuple[tuple[str, Item | None], ...]], ...]
    loose: tuple[Item, ...]


def fittings_of(work: Work, item_id: int) -> Fittings | None:
    """What the unit offers; None for an item that is no storage unit."""
    row = work.run(FIND_UNIT, item_id=item_id).fetchone()
    return _fittings(*row) if row else None


def occupant_of(work: Work, container_id: int, position: str) -> str | None:
    """The identifier of whoever is logged in a position."""
    row = work.run(FIND_OCCUPANT, container_id=container_id, position=position).fetchone()
    return str(row[0]) if row else None


def lock_unit(work: Work, unit: ItemNow) -> int:
    """Let nobody else put something into this unit until the transaction ends. Gives its newest entry."""
    row = work.run(LOCK_UNIT, item_id=unit.id).fetchone()
    return int(row[0]) if row else 0


def unit_named(work: Work, identifier: str) -> Unit:
    """Raises `NoUnit`."""
    item = item_of(work, identifier)
    row = work.session.get(StorageUnit, item.id) if item else None
    if item is None or row is None:
        raise NoUnit(f"{identifier} is no storage unit; scan a freezer, shelf, rack or box.", item=identifier)
    return _unit(row, item, _counts(work, [item.id]).get(item.id, 0))


def map_of(work: Work, identifier: str) -> UnitMap:
    """The unit's positions with who lies there; no rows for a unit without a grid. Raises `NoUnit`."""
    unit = unit_named(work, identifier)
    asked = select(Item).where(Item.container_id == unit.item.id).order_by(Item.id)
    if unit.fittings.grid is None:  # what an automated store put somewhere by itself is on no map
        asked = asked.where(Item.position.is_(None))
    inside = list(work.session.scalars(asked))
    by_position = {item.position: item for item in inside if item.position}
    grid = unit.fittings.grid or Grid(0, 0)
    rows = tuple(
        (row, tuple((position, by_position.get(position)) for position in positions))
        for row, positions in grid.cells()
    )
    return UnitMap(unit, rows, tuple(item for item in inside if not item.position))


def free_positions(work: Work, unit: Unit) -> list[str]:
    """In the order in which the unit is filled; none for a unit without a grid."""
    asked = select(Item.position).where(Item.container_id == unit.item.id, Item.position.is_not(None))
    taken = set(work.session.scalars(asked))
    grid = unit.fittings.grid
    return [position for position in grid.positions() if position not in taken] if grid else []


def units_inside(work: Work, container_id: int | None, *, site: str | None = None) -> list[Unit]:
    """Storage units directly in a container, or those that stand in none; of one site, if named."""
    question = (
        select(Item.id)
        .join(StorageUnit, StorageUnit.item_id == Item.id)
        .where(
            Item.container_id == container_id if container_id else Item.container_id.is_(None),
            Item.state != State.VOIDED.value,
        )
        .order_by(Item.position, Item.id)
    )
    if site is not None:
        question = question.where(Item.site == site)
    return numbered_units(work, list(work.session.scalars(question)))


def units_in_each(work: Work, outer: Iterable[int]) -> dict[int, list[Unit]]:
    """Storage units directly in each of these, by its number; what holds none is left out."""
    around: dict[int, int] = {}
    for some in in_turns(outer):
        question = select(Item.id, Item.container_id).join(StorageUnit, StorageUnit.item_id == Item.id)
        question = question.where(Item.container_id.in_(some), Item.state != State.VOIDED.value)
        for number, container in work.session.execute(question.order_by(Item.position, Item.id)):
            around[number] = int(container or 0)
    found: dict[int, list[Unit]] = {}
    for unit in numbered_units(work, list(around)):
        found.setdefault(around[unit.item.id], []).append(unit)
    return found


def numbered_units(work: Work, ids: list[int]) -> list[Unit]:
    """The units with these item numbers, in this order, with how much each holds."""
    found: dict[int, Unit] = {}
    for some in in_turns(ids):
        counts = _counts(work, some)
        question = select(StorageUnit, Item).join(Item, Item.id == StorageUnit.item_id)
        for row, item in work.session.execute(question.where(Item.id.in_(some))):
            found[item.id] = _unit(row, item, counts.get(item.id, 0))
    return [found[number] for number in ids if number in found]


def newest_units(work: Work, sites: frozenset[str] | None, at_once: int, most: int) -> Iterator[list[int]]:
    """Numbers of units with positions at some sites, None for all, the newest first.

    Some at a time: the first of them nearly always have room.
    """
    before = HIGHEST_NUMBER
    for _ in range(most // at_once):
        question = select(StorageUnit.item_id).join(Item, Item.id == StorageUnit.item_id)
        question = question.where(
            StorageUnit.item_id < before, StorageUnit.grid_rows > 0, Item.state != State.VOIDED.value
        )
        if sites is not None:
            question = question.where(Item.site.in_(sorted(sites)))
        newest_first = question.order_by(StorageUnit.item_id.desc()).limit(at_once)
        found = list(work.session.scalars(newest_first))
        if not found:
            return
        yield found
        before = found[-1]


def with_room(work: Work, ids: list[int]) -> list[int]:
    """Those of these units, in their order, whose grid has more positions than lie in them.

    Counted before anything is loaded: of most boxes nothing else has to be known.
    """
    found: list[int] = []
    for some in in_turns(ids):
        size = select(StorageUnit.item_id, StorageUnit.grid_rows * StorageUnit.grid_columns)
        rows = work.session.execute(size.where(StorageUnit.item_id.in_(some)))
        sizes = {row[0]: int(row[1]) for row in rows}
        counts = _counts(work, some)
        found += [number for number in some if counts.get(number, 0) < sizes.get(number, 0)]
    return found


def is_storage(item: ItemNow) -> bool:
    return item.kind in STORAGE


def _counts(work: Work, ids: list[int]) -> dict[int, int]:
    question = (
        select(Item.container_id, func.count()).where(Item.container_id.in_(ids)).group_by(Item.container_id)
    )
    return {container: count for container, count in work.session.execute(question) if container is not None}


def _unit(row: StorageUnit, item: Item, held: int) -> Unit:
    fittings = _fittings(
        row.grid_rows,
        row.grid_columns,
        row.temperature_celsius,
        row.allowed_kinds,
        row.naming,
        row.filled_by,
    )
    return Unit(item, fittings, held)


def _fittings(
    rows: int, columns: int, temperature: int | None, allowed: str, naming: str, filled_by: str
) -> Fittings:
    grid = Grid(rows, columns, Naming(naming), Order(filled_by)) if rows else None
    return Fittings(grid, temperature, frozenset(Kind(kind) for kind in allowed.split()))
