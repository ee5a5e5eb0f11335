"""What stands in a failed unit by the log: pieces that are carried as a whole, and the specimens in them."""

from sqlalchemy import CTE, ColumnElement, Select, false, insert, literal, select

from biobank.core.database import Work
from biobank.core.tables import table_of
from biobank.custody.states import ENDS, SPECIMENS
from biobank.items.models import Item
from biobank.outages.choices import CARRIED, NOT_CARRIED
from biobank.outages.models import Outage, OutageLine, OutagePiece

pieces, lines = table_of(OutagePiece), table_of(OutageLine)


def list_what_stands_in(work: Work, outage: Outage) -> None:
    """List every piece in the unit and every specimen in the pieces, but for what is listed already."""
    around = fixed_around(outage.unit_id)
    listed = select(OutagePiece.item_id).where(OutagePiece.outage_id == outage.id)
    found = select(literal(outage.id), Item.id, Item.container_id, Item.position, false()).where(
        Item.container_id.in_(select(around.c.id)),
        Item.kind.in_(sorted(CARRIED)),
        Item.state.not_in(sorted(ENDS)),
        Item.id.not_in(listed),
    )
    named = ["outage_id", "item_id", "stood_in", "stood_at", "joined"]
    work.session.execute(insert(pieces).from_select(named, found.order_by(Item.id)))
    list_specimens(work, outage)


def list_specimens(work: Work, outage: Outage, *which: ColumnElement[bool]) -> None:
    """List the specimens in its pieces, or in those meant, that are not listed yet."""
    listed = select(OutageLine.item_id).where(OutageLine.outage_id == outage.id)
    within = inside_of(
        select(OutagePiece.id, OutagePiece.item_id).where(OutagePiece.outage_id == outage.id, *which)
    )
    found = (
        select(literal(outage.id), Item.id, within.c.piece_id, Item.container_id)
        .join(Item, Item.id == within.c.item_id)
        .where(Item.kind.in_(sorted(SPECIMENS)), Item.state.not_in(sorted(ENDS)), Item.id.not_in(listed))
    )
    work.session.execute(insert(lines).from_select(["outage_id", "item_id", "piece_id", "box_id"], found))
    work.flush()


def fixed_around(unit_id: int) -> CTE:
    """The unit itself, and what in it is not carried: a room's freezers, a freezer's shelves."""
    around = select(Item.id).where(Item.id == unit_id).cte("around", recursive=True)
    inner = select(Item.id).join(around, Item.container_id == around.c.id)
    return around.union_all(inner.where(Item.kind.in_(sorted(NOT_CARRIED))))


def inside_of(some: Select[int, int]) -> CTE:
    """Pairs of a piece's number and an item in it, the piece's own item among them; `some` begins them."""
    first = some.subquery()
    within = select(first.c[0].label("piece_id"), first.c[1].label("item_id")).cte("within", recursive=True)
    inner = select(within.c.piece_id, Item.id).join(Item, Item.container_id == within.c.item_id)
    return within.union_all(inner)
