"""Orders that were imported: which kit each became, and by keyed hash what it was called and said."""

from datetime import datetime

from sqlalchemy import ForeignKey, LargeBinary, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class ImportedOrder(Base):
    """One order of the programme."""

    __tablename__ = "imported_orders"

    id: Mapped[PrimaryKey]
    kit_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), unique=True)
    content_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Keyed hash of the order's canonical JSON: whether a second import brings anything new."""
    file: Mapped[str] = mapped_column(String(200))
    """Name of the file that it first came in."""
    imported_at: Mapped[datetime] = mapped_column(Moment)
    imported_by: Mapped[str] = mapped_column(String(40))


class ImportedOrderIdentifier(Base):
    """A name of an order in another system, by keyed hash: some of them contain the participant's number."""

    __tablename__ = "imported_order_identifiers"

    identifier_hash: Mapped[str] = mapped_column(String(64), primary_key=True)
    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("imported_orders.id", ondelete="RESTRICT"), index=True
    )


class ImportedOrderNote(Base):
    """Free text of an order; it can be erased, since the ledger holds SHA-256 of salt and text alone."""

    __tablename__ = "imported_order_notes"

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("imported_orders.id", ondelete="RESTRICT"), index=True
    )
    about: Mapped[str] = mapped_column(String(20))
    """The step that it is about: `collected`, `processed`."""
    text: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))
