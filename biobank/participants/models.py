"""Participants by code, the sites they visited, what they consented to."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, false, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey

UNDECIDED = text("information = 'undecided' OR samples = 'undecided'")


class Participant(Base):
    """A participant as the sample side knows one. Only `withdrawals` writes the answers and `left`."""

    __tablename__ = "participants"
    __table_args__ = (
        CheckConstraint("information IN ('keep', 'remove', 'undecided')", name="information"),
        CheckConstraint("samples IN ('keep', 'destroy', 'undecided')", name="samples"),
        Index(
            "ix_participants_linked_to",  # few have several codes, and every look at a consent asks
            "linked_to",
            sqlite_where=text("linked_to IS NOT NULL"),
            postgresql_where=text("linked_to IS NOT NULL"),
        ),
        Index(
            "ix_participants_undecided",  # of the few who left an answer open, for the start page
            "code",
            sqlite_where=UNDECIDED,
            postgresql_where=UNDECIDED,
        ),
    )

    code: Mapped[str] = mapped_column(String(16), primary_key=True)
    """The biobank id, as the pattern in the settings says; a provisional one begins with `PV-`."""
    provisional: Mapped[bool] = mapped_column(default=False)
    """Minted here until the biobank id arrives."""
    linked_to: Mapped[str | None] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    """The code that turned out to be of the same participant, mostly of a provisional one its biobank id."""
    linked_at: Mapped[datetime | None] = mapped_column(Moment)
    """When that turned out; what was decided under each code before then was decided apart."""
    programme_hash: Mapped[str | None] = mapped_column(String(64), unique=True)
    """Keyed hash of the programme's own id, the only trace of it on the sample side."""
    site: Mapped[str | None] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    """Where the participant first came to us."""
    created_at: Mapped[datetime] = mapped_column(Moment)
    created_by: Mapped[str] = mapped_column(String(40))
    left: Mapped[bool] = mapped_column(default=False)
    information: Mapped[str | None] = mapped_column(String(12))
    samples: Mapped[str | None] = mapped_column(String(12))
    decided_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the newest decision was made, as told."""
    decision_recorded_at: Mapped[datetime | None] = mapped_column(Moment)
    deceased: Mapped[bool] = mapped_column(default=False, server_default=false())
    deceased_on: Mapped[date | None] = mapped_column(Date)
    """Empty also for a death of which nobody told the day."""
    minor: Mapped[bool | None]
    """Unknown when empty: the birth date stays in the vault."""


class ParticipantSite(Base):
    """A site that the participant visited: its people may see the code."""

    __tablename__ = "participant_sites"

    participant: Mapped[str] = mapped_column(
        ForeignKey("participants.code", ondelete="RESTRICT"), primary_key=True
    )
    site: Mapped[str] = mapped_column(
        ForeignKey("sites.code", ondelete="RESTRICT"), primary_key=True, index=True
    )


class Consent(Base):
    """One signed form by code; a later one adds to it, and withdrawing it is a second moment."""

    __tablename__ = "consents"
    __table_args__ = (Index("ix_consents_participant", "participant", "effective_at"),)

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    form_version: Mapped[str] = mapped_column(String(64))
    language: Mapped[str] = mapped_column(String(12))
    scopes: Mapped[str] = mapped_column(String(120))
    """With commas between: blood, urine, dna, sharing."""
    effective_at: Mapped[datetime] = mapped_column(Moment)
    expires_at: Mapped[datetime | None] = mapped_column(Moment)
    withdrawn_at: Mapped[datetime | None] = mapped_column(Moment)
    source: Mapped[str] = mapped_column(String(120))
    """Where it is known from: a form number, a feed, a file and row."""
    signed_by: Mapped[str | None] = mapped_column(String(16))
    """`participant`, `guardian` or `representative`; empty when nobody told."""
    assent: Mapped[bool | None]
    """Of a minor whose guardian signed: whether they agreed themselves; empty when nobody told."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))

    @property
    def covers(self) -> frozenset[str]:
        return frozenset(self.scopes.split(","))


class Period(AppendOnly, Base):
    """A new period of taking part after leaving, opened by a new consent."""

    __tablename__ = "participant_periods"

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    consent_id: Mapped[int] = mapped_column(Key, ForeignKey("consents.id", ondelete="RESTRICT"))
    begins_at: Mapped[datetime] = mapped_column(Moment)
    """When that consent was signed: what is drawn from then on is of the new period."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class ScopeEnd(AppendOnly, Base):
    """A participant gives no more of one kind and stays: earlier consents end for it at that moment."""

    __tablename__ = "scope_ends"

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    scopes: Mapped[str] = mapped_column(String(120))
    """With commas between: blood, urine, dna, sharing."""
    requested_by: Mapped[str] = mapped_column(String(80))
    capacity: Mapped[str] = mapped_column(String(20))
    channel: Mapped[str] = mapped_column(String(20))
    evidence: Mapped[str | None] = mapped_column(String(120))
    decided_at: Mapped[datetime] = mapped_column(Moment)
    zone: Mapped[str] = mapped_column(String(64))
    offset_minutes: Mapped[int]
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))

    @property
    def ends(self) -> frozenset[str]:
        return frozenset(self.scopes.split(","))
