"""Orders that were told: which kit each became, by keyed hash what it was called, and each version of it."""

from datetime import datetime

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


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
    """The step that it is about: `collected`, `processed`; `amended` is why the order was changed."""
    version: Mapped[int] = mapped_column(default=1, server_default="1")
    """Of the order's versions the one that it came with."""
    text: Mapped[str] = mapped_column(Text)
    salt: Mapped[bytes] = mapped_column(LargeBinary(32))


class OrderVersion(AppendOnly, Base):
    """What an order said at one time; an amendment, a cancelling and a restoring are each a new version."""

    __tablename__ = "order_versions"
    __table_args__ = (
        UniqueConstraint("order_id", "version"),
        CheckConstraint("status IN ('created', 'amended', 'cancelled', 'restored')", name="status"),
    )

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("imported_orders.id", ondelete="RESTRICT"))
    version: Mapped[int]
    status: Mapped[str] = mapped_column(String(12))
    content_hash: Mapped[str] = mapped_column(String(64), index=True)
    """Keyed hash of the canonical JSON that came in."""
    document: Mapped[str | None] = mapped_column(Text)
    """The order in codes, without free text; empty for one imported before versions were kept."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class DataExport(AppendOnly, Base):
    """One file of participants' material or data made for research, and how far the log went then."""

    __tablename__ = "data_exports"

    id: Mapped[PrimaryKey]
    what: Mapped[str] = mapped_column(String(24))
    request_id: Mapped[int | None] = mapped_column(Key, ForeignKey("study_requests.id", ondelete="RESTRICT"))
    """For which study."""
    log_size: Mapped[int] = mapped_column(BigInteger)
    """Entries of the log before it: of whoever decided among them, nothing is in it."""
    rows: Mapped[int]
    participants_left_out: Mapped[int]
    """How many participants of whom it would have held something chose that it does not."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the file."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))
