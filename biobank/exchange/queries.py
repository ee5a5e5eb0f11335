"""Whether an order, or one of its names, is known already, and what each of its versions said."""

from collections.abc import Iterable, Sequence

from sqlalchemy import Select, or_, select

from biobank.core.database import Work
from biobank.core.rows import locking
from biobank.exchange.models import (
    ImportedOrder,
    ImportedOrderIdentifier,
    ImportedOrderNote,
    OrderVersion,
)
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


def names_of(work: Work, order_id: int) -> frozenset[str]:
    """The keyed hashes of an order's identifiers."""
    question = select(ImportedOrderIdentifier.identifier_hash).where(
        ImportedOrderIdentifier.order_id == order_id
    )
    return frozenset(work.session.scalars(question))


def content_hashes(work: Work, order_id: int) -> frozenset[str]:
    """Of everything that was ever sent about an order."""
    question = select(OrderVersion.content_hash).where(OrderVersion.order_id == order_id)
    return frozenset(work.session.scalars(question))


def bearer_of(work: Work, issuer: str, value: str) -> Item | None:
    """The item that bears this code already, as its own or from this issuer."""
    code = normalise(value)
    alias = select(ItemAlias.item_id).where(ItemAlias.issuer == issuer, ItemAlias.value == code)
    question = select(Item).where(or_(Item.identifier == code, Item.id.in_(alias)))
    return work.session.scalar(question.limit(1))


def order_of_kit(work: Work, kit_id: int) -> ImportedOrder | None:
    return work.session.scalar(select(ImportedOrder).where(ImportedOrder.kit_id == kit_id))


def order_locked(work: Work, order_id: int) -> ImportedOrder:
    """Held until the transaction ends: who comes second sees the version that the first one made."""
    return work.session.scalars(locking(select(ImportedOrder).where(ImportedOrder.id == order_id))).one()


def newest_version(work: Work, order_id: int) -> OrderVersion:
    return work.session.scalars(_versions(order_id).order_by(OrderVersion.version.desc()).limit(1)).one()


def version_numbered(work: Work, order_id: int, number: int) -> OrderVersion | None:
    return work.session.scalar(_versions(order_id).where(OrderVersion.version == number))


def _versions(order_id: int) -> Select[OrderVersion]:
    return select(OrderVersion).where(OrderVersion.order_id == order_id)


def notes_until(work: Work, order_id: int, version: int) -> dict[str, str]:
    """The newest free text about each step up to a version; what was erased is not among it."""
    question = (
        select(ImportedOrderNote)
        .where(ImportedOrderNote.order_id == order_id, ImportedOrderNote.version <= version)
        .order_by(ImportedOrderNote.version, ImportedOrderNote.id)
    )
    return {note.about: note.text for note in work.session.scalars(question)}
