"""Destruction orders and their lines, waste batches, certificates."""

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKey,
    Index,
    LargeBinary,
    String,
    Text,
    UniqueConstraint,
    false,
)
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
    legal_hold: Mapped[bool] = mapped_column(default=False, server_default=false())
    """One of its legal holds stands: nothing of it is destroyed."""
    paused_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when its clock stands still; `due_at` moves on by that time when it goes on."""
    at_clinics: Mapped[bool] = mapped_column(default=False, server_default=false())
    """Compliance lets clinics destroy what they still have of it."""


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
    contractor: Mapped[str | None] = mapped_column(String(40))
    """Code of the waste contractor who took the container; empty when it was destroyed here."""
    manifest: Mapped[str | None] = mapped_column(String(64))
    """Number of the manifest with which the contractor took it; its return is an attestation."""
    handed_over_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the contractor took it, as told; `destroyed_at` stays empty then."""
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


class LegalHold(Base):
    """Somebody's duty to keep what an order would destroy. Placing and lifting are entries of the order."""

    __tablename__ = "legal_holds"

    id: Mapped[PrimaryKey]
    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("destruction_orders.id", ondelete="RESTRICT"), index=True
    )
    reason: Mapped[str] = mapped_column(String(24))
    reference: Mapped[str] = mapped_column(String(120))
    """By which the paper is found; nothing about a person."""
    placed_at: Mapped[datetime] = mapped_column(Moment)
    placed_by: Mapped[str] = mapped_column(String(40))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    """Empty while it stands."""
    lifted_by: Mapped[str | None] = mapped_column(String(40))
    lifted_because: Mapped[str | None] = mapped_column(String(24))
    lift_reference: Mapped[str | None] = mapped_column(String(120))


class CeremonyEvent(Base):
    """A ceremony that several orders wait for together. Its own history is `ceremony:<id>`."""

    __tablename__ = "ceremonies"
    __table_args__ = (CheckConstraint("state IN ('planned', 'held', 'called_off')", name="state"),)

    id: Mapped[PrimaryKey]
    on: Mapped[date] = mapped_column(Date)
    site: Mapped[str | None] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    """Where; empty is a place outside that we need not know."""
    state: Mapped[str] = mapped_column(String(12))
    planned_at: Mapped[datetime] = mapped_column(Moment)
    planned_by: Mapped[str] = mapped_column(String(40))
    settled_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was recorded as held, or called off."""
    settled_by: Mapped[str | None] = mapped_column(String(40))


class CeremonyOrder(Base):
    """An order that joined a ceremony."""

    __tablename__ = "ceremony_orders"

    ceremony_id: Mapped[int] = mapped_column(
        Key, ForeignKey("ceremonies.id", ondelete="RESTRICT"), primary_key=True
    )
    order_id: Mapped[int] = mapped_column(
        Key, ForeignKey("destruction_orders.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    joined_at: Mapped[datetime] = mapped_column(Moment)
    joined_by: Mapped[str] = mapped_column(String(40))


class RecheckLine(Base):
    """A piece that went with one that was called destroyed and found: whether it is really gone."""

    __tablename__ = "recheck_lines"
    __table_args__ = (CheckConstraint("finding IN ('found', 'not_found')", name="finding"),)

    batch_id: Mapped[int] = mapped_column(
        Key, ForeignKey("waste_batches.id", ondelete="RESTRICT"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    listed_at: Mapped[datetime] = mapped_column(Moment)
    listed_by: Mapped[str] = mapped_column(String(40))
    finding: Mapped[str | None] = mapped_column(String(12))
    """Empty until somebody looked for it."""
    checked_at: Mapped[datetime | None] = mapped_column(Moment)
    checked_by: Mapped[str | None] = mapped_column(String(40))


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
