"""Decisions as they were recorded; append-only: a later one adds to them."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Moment, PrimaryKey


class RecordedDecision(AppendOnly, Base):
    """Who asked for what, in which capacity, when it was decided and when it was entered."""

    __tablename__ = "decisions"
    __table_args__ = (
        CheckConstraint("information IN ('keep', 'remove', 'undecided')", name="information"),
        CheckConstraint("samples IN ('keep', 'destroy', 'undecided')", name="samples"),
        Index("ix_decisions_participant", "participant"),
    )

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    """The code as it was then; a provisional one may be linked to another since."""
    leaves: Mapped[bool]
    information: Mapped[str] = mapped_column(String(12))
    samples: Mapped[str] = mapped_column(String(12))
    requested_by: Mapped[str] = mapped_column(String(80))
    capacity: Mapped[str] = mapped_column(String(20))
    ceremony: Mapped[str] = mapped_column(String(16))
    channel: Mapped[str] = mapped_column(String(20))
    decided_at: Mapped[datetime] = mapped_column(Moment)
    zone: Mapped[str] = mapped_column(String(64))
    offset_minutes: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))
    evidence: Mapped[str | None] = mapped_column(String(120))
    due_on: Mapped[date | None] = mapped_column(Date)
    """Until when an open answer is to be asked for; empty when both questions were answered."""
