"""Whether an order, or one of its names, is known already."""

from collections.abc import Iterable, Sequence

from sqlalchemy import or_, select

from biobank.core.database import Work
from biobank.exchange.models import ImportedOrder, ImportedOrderIdentifier, ImportedOrderNote
from biobank.items.identifiers import normalise
from biobank.items.models import Item, ItemAlias


def orders_known_by(
    work: Work, identifier_hashes: Iterable[str], content_hash: str
) -> Sequence[ImportedOrder]:
    """Orders that bear one of these names, or say the very same."""
    named = select(ImportedOrderIdentifier.order_id).where(
        ImportedOrderIdentifier.identifier_hash.in_(list(identifier_hashes))
    )
    question = select(ImportedOrder).where(
        or_(ImportedOrder.id.in_(named), ImportedOrder.content_hash == content_hash)
    )
    return work.session.scalars(question.order_by(ImportedOrder.id)).all()


def bearer_of(work: Work, issuer: str, value: str) -> Item | None:
    """The item that bears this code already, as its own or from this issuer."""
    code = normalise(value)
    alias = select(ItemAlias.item_id).where(ItemAlias.issuer == issuer, ItemAlias.value == code)
    question = select(Item).where(or_(Item.identifier == code, Item.id.in_(alias)))
    return work.session.scalar(question.limit(1))


def order_of_kit(work: Work, kit_id: int) -> ImportedOrder | None:
    return work.session.scalar(select(ImportedOrder).where(ImportedOrder.kit_id == kit_id))


def notes_of_kit(work: Work, kit_id: int) -> Sequence[ImportedOrderNote]:
    """The free text that came with the order of a kit."""
    order = select(ImportedOrder.id).where(ImportedOrder.kit_id == kit_id)
    question = select(ImportedOrderNote).where(ImportedOrderNote.order_id.in_(order))
    return work.session.scalars(question.order_by(ImportedOrderNote.id)).all()
