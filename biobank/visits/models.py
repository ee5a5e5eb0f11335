"""Visits as they stand now, their kits, who is expected, and the answers that can be erased."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.key_ring import WrappedKey
from biobank.core.tables import Base, Key, Moment, PrimaryKey


class Visit(Base):
    """One person at one site on one day. Each change of a row is an entry of `visit:<id>`."""

    __tablename__ = "visits"
    __table_args__ = (
        CheckConstraint("state IN ('open', 'closed', 'cancelled')", name="state"),
        Index("ix_visits_site_on", "site", "on"),
        Index("ix_visits_site_state", "site", "state", "id"),
        Index("ix_visits_participant", "participant", "on"),
    )

    id: Mapped[PrimaryKey]
    site: Mapped[str] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    """The code as it was then; a provisional one may be linked to another since."""
    on: Mapped[date] = mapped_column(Date)
    """The day on the site's calendar."""
    state: Mapped[str] = mapped_column(String(10), default="open")
    version: Mapped[int] = mapped_column(default=1)
    """One more with each time that a finished visit was amended or restored."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(40))
    identity_attested_at: Mapped[datetime | None] = mapped_column(Moment)
    identity_attested_by: Mapped[str | None] = mapped_column(String(80))
    question_set: Mapped[str | None] = mapped_column(String(64))
    """Name and version of the safety questions that were asked."""
    clearance: Mapped[str | None] = mapped_column(String(12))
    answers_sha256: Mapped[str | None] = mapped_column(String(64))
    """Of the answers and a salt that lies beside them: once they are erased it says nothing."""
    cleared_at: Mapped[datetime | None] = mapped_column(Moment)
    cleared_by: Mapped[str | None] = mapped_column(String(80))
    compensation: Mapped[str | None] = mapped_column(String(40))
    """What was handed out, as the settings named it that day."""
    compensated_at: Mapped[datetime | None] = mapped_column(Moment)
    compensated_by: Mapped[str | None] = mapped_column(String(80))


class VisitKit(Base):
    """A kit that was assigned in a visit; a second one may follow the first."""

    __tablename__ = "visit_kits"
    __table_args__ = (UniqueConstraint("kit_id"),)

    visit_id: Mapped[int] = mapped_column(Key, ForeignKey("visits.id", ondelete="RESTRICT"), primary_key=True)
    kit_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True)
    labels_confirmed_at: Mapped[datetime | None] = mapped_column(Moment)
    labels_confirmed_by: Mapped[str | None] = mapped_column(String(80))
    """Who read the labels with the participant."""


class AnswersKey(WrappedKey, Base):
    """A key that seals answers, itself wrapped by the key of the key file."""

    __tablename__ = "answers_keys"


class SafetyAnswers(Base):
    """The answers of one visit and the weight of that day, sealed; these rows alone are deleted."""

    __tablename__ = "safety_answers"

    visit_id: Mapped[int] = mapped_column(Key, ForeignKey("visits.id", ondelete="RESTRICT"), primary_key=True)
    key_number: Mapped[int] = mapped_column(
        ForeignKey("answers_keys.number", ondelete="RESTRICT"), index=True
    )
    sealed: Mapped[bytes] = mapped_column(LargeBinary)
    """Nonce and AES-256-GCM: answers, weight, blood drawn elsewhere, and the salt of their digest."""
    answered_at: Mapped[datetime] = mapped_column(Moment, index=True)


class Appointment(Base):
    """Somebody is expected at a site on a day. A plan, so it is no entry of the ledger."""

    __tablename__ = "appointments"
    __table_args__ = (
        UniqueConstraint("site", "on", "participant"),
        Index("ix_appointments_participant", "participant"),
    )

    id: Mapped[PrimaryKey]
    site: Mapped[str] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    on: Mapped[date] = mapped_column(Date)
    time: Mapped[str | None] = mapped_column(String(5))
    """`09:30` on the site's clock; empty when only the day is known."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(40))
