"""Requests of studies, what was distributed to them, and what was asked and answered since."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column, relationship

from biobank.access.models import Approved
from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class StudyRequest(Approved, Base):
    """What a study may be given. Every change of it is an entry of `study_request:<id>`."""

    __tablename__ = "study_requests"

    id: Mapped[PrimaryKey]
    number: Mapped[str] = mapped_column(String(40), unique=True)
    """As the access committee numbers it."""
    study: Mapped[str] = mapped_column(String(40))
    """Code of the study."""
    receiver: Mapped[str] = mapped_column(String(40))
    """Code of the organisation that gets the material."""
    agreement: Mapped[str] = mapped_column(String(40))
    """Number of the agreement about the use of data and material."""
    purpose: Mapped[str] = mapped_column(String(200))
    valid_from: Mapped[date] = mapped_column(Date)
    valid_until: Mapped[date] = mapped_column(Date)
    """The last day on which something may be handed over."""
    registered_at: Mapped[datetime] = mapped_column(Moment)
    registered_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(40))
    ended_because: Mapped[str | None] = mapped_column(String(24))
    portions: Mapped[list["StudyPortion"]] = relationship(order_by="StudyPortion.id")


class StudyPortion(Base):
    """Which kind of specimen a study gets, and how many of it at most."""

    __tablename__ = "study_portions"
    __table_args__ = (UniqueConstraint("request_id", "kind", "specification"),)

    id: Mapped[PrimaryKey]
    request_id: Mapped[int] = mapped_column(Key, ForeignKey("study_requests.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    specification: Mapped[str] = mapped_column(String(64))
    """What is in it or the code of its tube; empty is any."""
    most: Mapped[int]


class Distribution(Base):
    """What is handed over at once to one study: scanned piece by piece, then closed, with a packing list."""

    __tablename__ = "distributions"

    id: Mapped[PrimaryKey]
    request_id: Mapped[int] = mapped_column(
        Key, ForeignKey("study_requests.id", ondelete="RESTRICT"), index=True
    )
    site: Mapped[str] = mapped_column(ForeignKey("sites.code", ondelete="RESTRICT"))
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(40))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    closed_by: Mapped[str | None] = mapped_column(String(40))


class DistributedItem(Base):
    """One specimen that went to a study; it stays readable whatever its participant decides later."""

    __tablename__ = "distributed_items"
    __table_args__ = (UniqueConstraint("item_id", "sequence"),)

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    sequence: Mapped[int]
    """Of the item's entry that tells it."""
    request_id: Mapped[int] = mapped_column(
        Key, ForeignKey("study_requests.id", ondelete="RESTRICT"), index=True
    )
    portion_id: Mapped[int] = mapped_column(Key, ForeignKey("study_portions.id", ondelete="RESTRICT"))
    """Against which of the request's kinds it counts."""
    distribution_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("distributions.id", ondelete="RESTRICT"), index=True
    )
    distributed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was handed over, as told; empty when nobody knows."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))
    back_sequence: Mapped[int | None]
    """Of the entry by which it was here again: it had never left, or came back."""


class HolderNote(AppendOnly, Base):
    """That a study was asked for a specimen, or what it answered; the newest answer counts."""

    __tablename__ = "holder_notes"
    __table_args__ = (CheckConstraint("change IN ('asked', 'answered')", name="change"),)

    id: Mapped[PrimaryKey]
    distributed_id: Mapped[int] = mapped_column(
        Key, ForeignKey("distributed_items.id", ondelete="RESTRICT"), index=True
    )
    change: Mapped[str] = mapped_column(String(10))
    answer: Mapped[str | None] = mapped_column(String(16))
    on_day: Mapped[date] = mapped_column(Date)
    """When it was asked or answered, as told."""
    reference: Mapped[str | None] = mapped_column(String(40))
    """Number of the letter."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))


class StudyCheck(AppendOnly, Base):
    """Somebody read what a study had been given, so that its results could be checked."""

    __tablename__ = "study_checks"

    id: Mapped[PrimaryKey]
    request_id: Mapped[int] = mapped_column(Key, ForeignKey("study_requests.id", ondelete="RESTRICT"))
    reference: Mapped[str] = mapped_column(String(40))
    """Number of who asked for the check."""
    items: Mapped[int]
    """How many specimens were shown."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))
