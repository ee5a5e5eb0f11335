"""How full places are, with all that stands in them: what is in their boxes, of what their boxes take."""

from collections.abc import Iterable
from dataclasses import dataclass

from sqlalchemy import CTE, func, select

from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.custody.states import SPECIMENS, Kind, State
from biobank.items.models import Item
from biobank.storage.models import StorageUnit

PLENTY, SOME = 0.5, 0.9


@dataclass(frozen=True)
class Fill:
    """Pieces in the positions of a place's boxes, and how many positions there are."""

    held: int
    capacity: int

    @property
    def word(self) -> str:
        """Never by colour alone."""
        if not self.capacity:
            return "no positions"
        share = self.held / self.capacity
        if not self.held:
            return "empty"
        if share >= 1:
            return "full"
        return "plenty of room" if share < PLENTY else "some room" if share < SOME else "nearly full"


def filling(work: Work, units: Iterable[int]) -> dict[int, Fill]:
    """By item number of each place."""
    found: dict[int, Fill] = {}
    for some in in_turns(units):
        capacity, held = _capacities(work, some), _held(work, some)
        found |= {number: Fill(held.get(number, 0), capacity.get(number, 0)) for number in some}
    return found


def boxes_below(units: list[int]) -> CTE:
    """`asked` and `id`: each place itself and every place within it, however deep."""
    found = select(Item.id.label("asked"), Item.id.label("id")).where(Item.id.in_(units))
    below = found.cte("below", recursive=True)
    return below.union_all(
        select(below.c.asked, Item.id)
        .join(Item, Item.container_id == below.c.id)
        .join(StorageUnit, StorageUnit.item_id == Item.id)
        .where(Item.state != State.VOIDED.value)
    )


def holds_specimens(kind: str, allowed: str) -> bool:
    """A box does unless it names other kinds; a rack or shelf only when it names them."""
    kinds = allowed.split()
    return bool(SPECIMENS & set(kinds)) if kinds else kind == Kind.BOX


def _capacities(work: Work, units: list[int]) -> dict[int, int]:
    below = boxes_below(units)
    size = func.sum(StorageUnit.grid_rows * StorageUnit.grid_columns)
    question = (
        select(below.c.asked, Item.kind, StorageUnit.allowed_kinds, size)
        .join(Item, Item.id == below.c.id)
        .join(StorageUnit, StorageUnit.item_id == below.c.id)
        .group_by(below.c.asked, Item.kind, StorageUnit.allowed_kinds)
    )
    found: dict[int, int] = {}
    for number, kind, allowed, positions in work.session.execute(question):
        if holds_specimens(kind, allowed):
            found[number] = found.get(number, 0) + int(positions)
    return found


def _held(work: Work, units: list[int]) -> dict[int, int]:
    below = boxes_below(units)
    inside = Item.__table__.alias("inside")
    question = (
        select(below.c.asked, Item.kind, StorageUnit.allowed_kinds, func.count())
        .join(Item, Item.id == below.c.id)
        .join(StorageUnit, StorageUnit.item_id == below.c.id)
        .join(inside, inside.c.container_id == below.c.id)
        .group_by(below.c.asked, Item.kind, StorageUnit.allowed_kinds)
    )
    found: dict[int, int] = {}
    for number, kind, allowed, count in work.session.execute(question):
        if holds_specimens(kind, allowed):
            found[number] = found.get(number, 0) + int(count)
    return found
