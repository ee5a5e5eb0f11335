"""Questions about items: who is it, where does it lie, what lies in it, whom does it stem from."""

from collections.abc import Iterable

from sqlalchemy import select

from biobank.core.database import Work
from biobank.items.models import Item, ItemParent


def item_of(work: Work, identifier: str) -> Item | None:
    """The item with exactly this identifier, as an object to read."""
    return work.session.scalar(select(Item).where(Item.identifier == identifier))


def items_numbered(work: Work, ids: Iterable[int]) -> list[Item]:
    return list(work.session.scalars(select(Item).where(Item.id.in_(list(ids))).order_by(Item.id)))


def place_path(work: Work, item: Item) -> list[Item]:
    """The containers around an item, innermost first: box, rack, shelf, freezer, room."""
    path: list[Item] = []
    inner = item
    while inner.container_id is not None and inner.container_id not in {outer.id for outer in path}:
        inner = work.session.get_one(Item, inner.container_id)
        path.append(inner)
    return path


def contents(work: Work, container_id: int) -> list[Item]:
    return list(work.session.scalars(select(Item).where(Item.container_id == container_id).order_by(Item.id)))


def tubes_of_kit(work: Work, kit_id: int) -> list[Item]:
    return list(
        work.session.scalars(select(Item).where(Item.kit_id == kit_id).order_by(Item.draw_order, Item.id)),
    )


def children_of(work: Work, item_id: int) -> list[Item]:
    question = select(Item).join(ItemParent, ItemParent.child_id == Item.id)
    return list(work.session.scalars(question.where(ItemParent.parent_id == item_id).order_by(Item.id)))


def parents_of(work: Work, item_id: int) -> list[Item]:
    question = select(Item).join(ItemParent, ItemParent.parent_id == Item.id)
    return list(work.session.scalars(question.where(ItemParent.child_id == item_id).order_by(Item.id)))


def specimens_of(work: Work, participant: str) -> list[Item]:
    """Every tube of a participant and everything made of them, at any depth."""
    theirs = select(Item.id).where(Item.participant == participant, Item.kind != "kit")
    found = theirs.cte("found", recursive=True)
    found = found.union(select(ItemParent.child_id).join(found, ItemParent.parent_id == found.c.id))
    return list(work.session.scalars(select(Item).where(Item.id.in_(select(found.c.id))).order_by(Item.id)))


def items_of(work: Work, participant: str) -> list[Item]:
    return list(
        work.session.scalars(select(Item).where(Item.participant == participant).order_by(Item.id)),
    )
