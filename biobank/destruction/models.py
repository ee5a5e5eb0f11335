"""Destruction orders and their lines, waste batches, certificates."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class DestructionOrder(Base):
    """Everything of a participant that has to be accounted for after one decision."""

    __tablename__ = "destruction_orders"
    __table_args__ = (
        CheckConstraint(
            "state IN ('open', 'in_progress', 'closed', 'reopened', 'cancelled')",
            name="state",
        ),
        Index("ix_destruction_orders_participant", "participant"),
        Index("ix_destruction_orders_state_due_at", "state", "due_at"),
    )

    id: Mapped[PrimaryKey]
    identifier: Mapped[str] = mapped_column(String(13), unique=True)
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    state: Mapped[str] = mapped_column(String(12))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    hold_until: Mapped[datetime] = mapped_column(Moment)
    """Before this moment nothing is destroyed, and what is held is kept usable."""
    due_at: Mapped[datetime] = mapped_column(Moment)
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    decision: Mapped[int]
    """Number of the decision; what it said follows, as it was."""
    left: Mapped[bool]
    information: Mapped[str] = mapped_column(String(12))
    samples: Mapped[str] = mapped_column(String(12))
    requested_by: Mapped[str] = mapped_column(String(80))
    capacity: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[datetime] = mapped_column(Moment)
    reaches_until: Mapped[datetime] = mapped_column(Moment)
    """When the newest decision of this order was made: who stays gave up what was collected by then."""
    decision_recorded_at: Mapped[datetime] = mapped_column(Moment)
    ceremony: Mapped[str] = mapped_column(String(16))
    ceremony_settled: Mapped[str | None] = mapped_column(String(16))
    """`held` or `not_wanted`, by compliance; empty while it is open or was never asked for."""
    ceremony_settled_at: Mapped[datetime | None] = mapped_column(Moment)
    in_question: Mapped[str | None] = mapped_column(String(200))
    """Why its certificates cannot be relied on: something they call destroyed was found."""


class DestructionLine(Base):
    """One specimen of an order, and its end."""

    __tablename__ = "destruction_lines"
    __table_args__ = (UniqueConstraint("order_id", "item_id"),)

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(Key, ForeignKey("destruction_orders.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    added_at: Mapped[datetime] = mapped_column(Moment)
    late: Mapped[bool]
    """Recognised after the order was opened."""
    batch_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("waste_batches.id", ondelete="RESTRICT"), index=True
    )
    """The waste batch it lies in or was destroyed with."""
    outcome: Mapped[str | None] = mapped_column(String(24))
    grade: Mapped[str | None] = mapped_column(String(12))
    """How the outcome is known: `witnessed` or `recorded`."""
    outcome_sequence: Mapped[int | None]
    """The item's ledger entry that says so."""
    outcome_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it happened, as told; empty when nobody knows."""


class WasteBatch(Base):
    """A waste bag or container, from the first scan to the second signature."""

    __tablename__ = "waste_batches"
    __table_args__ = (CheckConstraint("state IN ('filling', 'counted', 'destroyed')", name="state"),)

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), unique=True)
    state: Mapped[str] = mapped_column(String(12))
    opened_by: Mapped[str] = mapped_column(String(40))
    pieces_counted: Mapped[int | None]
    method: Mapped[str | None] = mapped_column(String(16))
    cycle: Mapped[str | None] = mapped_column(String(64))
    """Autoclave: the cycle's number; incineration: container and manifest."""
    place: Mapped[str | None] = mapped_column(String(80))
    destroyed_at: Mapped[datetime | None] = mapped_column(Moment)
    zone: Mapped[str | None] = mapped_column(String(64))
    offset_minutes: Mapped[int | None]
    performer_signature: Mapped[int | None] = mapped_column(
        Key, ForeignKey("signatures.id", ondelete="RESTRICT")
    )
    witness_signature: Mapped[int | None] = mapped_column(
        Key, ForeignKey("signatures.id", ondelete="RESTRICT")
    )


class Certificate(AppendOnly, Base):
    """A certificate as it was issued: its bytes are never made again."""

    __tablename__ = "certificates"

    id: Mapped[PrimaryKey]
    identifier: Mapped[str] = mapped_column(String(13), unique=True)
    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("destruction_orders.id", ondelete="RESTRICT"), index=True
    )
    replaces: Mapped[str | None] = mapped_column(String(13))
    """The certificate of the same order before it."""
    issued_at: Mapped[datetime] = mapped_column(Moment)
    record: Mapped[str] = mapped_column(Text)
    """Canonical JSON, as embedded in the PDF."""
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the PDF; also in the ledger."""
    signed_with: Mapped[str | None] = mapped_column(String(64))
    """SHA-256 of the signer's certificate; empty where it was issued before certificates were signed."""
    pdf: Mapped[bytes] = mapped_column(LargeBinary)
