"""Legal demands and what was decided on them, disclosures, breaches and whom they concern."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.access.models import Approved
from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey

FIELDS = String(400)
"""Names of fields with commas between."""


class LegalDemand(AppendOnly, Base):
    """A subpoena, an order or a request that asks for something about participants."""

    __tablename__ = "legal_demands"
    __table_args__ = (UniqueConstraint("demanded_by", "reference"),)

    id: Mapped[PrimaryKey]
    reference: Mapped[str] = mapped_column(String(40))
    """Number of the document."""
    kind: Mapped[str] = mapped_column(String(24))
    demanded_by: Mapped[str] = mapped_column(String(40))
    """Code of the court or agency."""
    received_on: Mapped[date] = mapped_column(Date)
    answer_by: Mapped[date | None] = mapped_column(Date)
    participants: Mapped[str] = mapped_column(String(2000))
    """Codes with commas between."""
    fields: Mapped[str] = mapped_column(FIELDS)
    """What it asks for."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class DemandDecided(AppendOnly, Base):
    """What compliance decided on a demand; the newest decision counts."""

    __tablename__ = "demand_decisions"

    id: Mapped[PrimaryKey]
    demand_id: Mapped[int] = mapped_column(
        Key, ForeignKey("legal_demands.id", ondelete="RESTRICT"), index=True
    )
    decision: Mapped[str] = mapped_column(String(24))
    fields: Mapped[str] = mapped_column(FIELDS)
    """What may leave; empty when nothing may."""
    certificate_cited: Mapped[bool]
    """Whether a Certificate of Confidentiality was held against it."""
    certificate: Mapped[str | None] = mapped_column(String(40))
    """Its number."""
    reason: Mapped[str] = mapped_column(String(300))
    signature_id: Mapped[int] = mapped_column(Key, ForeignKey("signatures.id", ondelete="RESTRICT"))
    record_sha256: Mapped[str] = mapped_column(String(64))
    """Of the demand as the signer was shown it."""
    decided_at: Mapped[datetime] = mapped_column(Moment)
    decided_by: Mapped[str] = mapped_column(String(40))


class Disclosure(Approved, Base):
    """Exact fields about one participant that go to one receiver; every change is an entry of the ledger."""

    __tablename__ = "disclosures"

    id: Mapped[PrimaryKey]
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    basis: Mapped[str] = mapped_column(String(24))
    demand_id: Mapped[int | None] = mapped_column(Key, ForeignKey("legal_demands.id", ondelete="RESTRICT"))
    fields: Mapped[str] = mapped_column(FIELDS)
    receiver: Mapped[str] = mapped_column(String(40))
    """Code of the organisation that gets it."""
    purpose: Mapped[str] = mapped_column(String(200))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(40))
    made_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was handed out."""
    made_by: Mapped[str | None] = mapped_column(String(40))
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was given up before anything was handed out."""
    dropped_by: Mapped[str | None] = mapped_column(String(40))


class DisclosureNote(AppendOnly, Base):
    """That the participant was told, or why not yet."""

    __tablename__ = "disclosure_notes"
    __table_args__ = (CheckConstraint("change IN ('told', 'not_yet')", name="change"),)

    id: Mapped[PrimaryKey]
    disclosure_id: Mapped[int] = mapped_column(
        Key, ForeignKey("disclosures.id", ondelete="RESTRICT"), index=True
    )
    change: Mapped[str] = mapped_column(String(10))
    how: Mapped[str | None] = mapped_column(String(16))
    on_day: Mapped[date] = mapped_column(Date)
    """When they were told, or when it was decided not to yet."""
    because: Mapped[str | None] = mapped_column(String(24))
    look_again_on: Mapped[date | None] = mapped_column(Date)
    message_id: Mapped[int | None] = mapped_column(Key, ForeignKey("messages.id", ondelete="RESTRICT"))
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class BreachReport(AppendOnly, Base):
    """Through what somebody may have seen what was not theirs, between which moments."""

    __tablename__ = "breach_reports"

    id: Mapped[PrimaryKey]
    about: Mapped[str] = mapped_column(String(12))
    named: Mapped[str | None] = mapped_column(String(64))
    """A user name, a station or a token's number."""
    from_at: Mapped[datetime] = mapped_column(Moment)
    until_at: Mapped[datetime] = mapped_column(Moment)
    cause: Mapped[str] = mapped_column(String(24))
    found_on: Mapped[date] = mapped_column(Date)
    steps: Mapped[str] = mapped_column(String(200))
    """What participants can do, as codes with commas between."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class BreachPerson(AppendOnly, Base):
    """A participant whom a breach concerns, as the records told when it was reported."""

    __tablename__ = "breach_people"
    __table_args__ = (UniqueConstraint("report_id", "participant"),)

    id: Mapped[PrimaryKey]
    report_id: Mapped[int] = mapped_column(Key, ForeignKey("breach_reports.id", ondelete="RESTRICT"))
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"))
    shown: Mapped[str] = mapped_column(String(200))
    """Fields of the vault that were shown or typed, with commas between."""
    confirmed: Mapped[str] = mapped_column(String(200))
    """Fields of which it was answered whether they are theirs."""
    looks: Mapped[int]
    """Into the vault."""
    entries: Mapped[int]
    """Of the log about them or their samples that were written through it."""
