"""What was decided and told of participants, as it was recorded; append-only: a later fact adds to it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


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
    proved: Mapped[bool | None]
    """Whether who asked showed that they may ask; empty where nobody noted it."""
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


class Asked:
    """Who asked or told, how and when it was decided, and when and by whom it was entered."""

    requested_by: Mapped[str] = mapped_column(String(80))
    """A code or a role, never a name."""
    capacity: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime] = mapped_column(Moment)
    """When it was asked or told."""
    zone: Mapped[str] = mapped_column(String(64))
    offset_minutes: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class Death(Asked, AppendOnly, Base):
    """Somebody told that a participant died. It stops new collection and destroys nothing."""

    __tablename__ = "deaths"

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    died_on: Mapped[date | None] = mapped_column(Date)
    """Empty when nobody told the day."""


class WaitingRequest(Asked, AppendOnly, Base):
    """What somebody asked for a participant without the papers that it takes: neither done nor refused."""

    __tablename__ = "waiting_requests"

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    leaves: Mapped[bool]
    information: Mapped[str] = mapped_column(String(12))
    samples: Mapped[str] = mapped_column(String(12))
    ceremony: Mapped[str] = mapped_column(String(16))
    language: Mapped[str] = mapped_column(String(12))
    due_on: Mapped[date] = mapped_column(Date)
    """Until when the papers are to be asked for."""


class RequestEnding(AppendOnly, Base):
    """A request that waited: its papers came and it was recorded as a decision, or compliance declined it."""

    __tablename__ = "request_endings"
    __table_args__ = (
        CheckConstraint("ending IN ('completed', 'declined')", name="ending"),
        UniqueConstraint("request_id"),
    )

    id: Mapped[PrimaryKey]
    request_id: Mapped[int] = mapped_column(Key, ForeignKey("waiting_requests.id", ondelete="RESTRICT"))
    ending: Mapped[str] = mapped_column(String(12))
    decision_id: Mapped[int | None] = mapped_column(Key, ForeignKey("decisions.id", ondelete="RESTRICT"))
    evidence: Mapped[str | None] = mapped_column(String(120))
    """The papers that came."""
    reason: Mapped[str | None] = mapped_column(String(24))
    """Why it was declined, by code."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class SignedChange(Asked, AppendOnly, Base):
    """What two people signed: a decision or a death taken back, or two codes that are one participant."""

    __tablename__ = "signed_changes"
    __table_args__ = (
        CheckConstraint(
            "kind IN ('reversal', 'mistaken_decision', 'mistaken_death', 'same_person')", name="kind"
        ),
    )

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    decisions: Mapped[str | None] = mapped_column(String(200))
    """Numbers of the decisions that count no more, with commas between."""
    death_id: Mapped[int | None] = mapped_column(Key, ForeignKey("deaths.id", ondelete="RESTRICT"))
    """The death that was told by mistake."""
    other: Mapped[str | None] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    """Whose decision it was, or which other code it is."""
    order_identifier: Mapped[str | None] = mapped_column(String(13))
    """The destruction order that it cancelled."""
    record_sha256: Mapped[str] = mapped_column(String(64))
    """Of what both were shown and signed."""
    first_signature: Mapped[int] = mapped_column(Key, ForeignKey("signatures.id", ondelete="RESTRICT"))
    """Of compliance."""
    second_signature: Mapped[int] = mapped_column(Key, ForeignKey("signatures.id", ondelete="RESTRICT"))

    @property
    def undone(self) -> frozenset[int]:
        return frozenset(int(number) for number in (self.decisions or "").split(",") if number)
