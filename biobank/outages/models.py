"""Outages of storage units: what stood in them, where each piece was carried, what was decided about it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.access.models import Approved
from biobank.core.tables import Base, Key, Moment, PrimaryKey


class Outage(Base):
    """A unit that failed. Declaring, carrying out, ending and deciding are entries of `outage:<id>`."""

    __tablename__ = "outages"
    __table_args__ = (
        Index(
            "uq_outages_standing",
            "unit_id",
            unique=True,
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
        CheckConstraint("ended_how IN ('back_in_service', 'given_up')", name="ended_how"),
    )

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    site: Mapped[str] = mapped_column(String(64), ForeignKey("sites.code", ondelete="RESTRICT"), index=True)
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when it does not cool, as told; empty when nobody knows."""
    temperature_celsius: Mapped[int | None]
    """What it showed when it was declared."""
    warmest_celsius: Mapped[int | None]
    """The warmest that anybody told of it."""
    declared_at: Mapped[datetime] = mapped_column(Moment)
    declared_by: Mapped[str] = mapped_column(String(64))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    """As told; empty while it stands."""
    ended_by: Mapped[str | None] = mapped_column(String(64))
    ended_how: Mapped[str | None] = mapped_column(String(20))
    """`back_in_service` or `given_up`."""


class OutagePiece(Base):
    """One thing that is carried as a whole: a rack, a box that stood in none, a loose tube."""

    __tablename__ = "outage_pieces"
    __table_args__ = (UniqueConstraint("outage_id", "item_id"),)

    id: Mapped[PrimaryKey]
    outage_id: Mapped[int] = mapped_column(Key, ForeignKey("outages.id", ondelete="RESTRICT"))
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    stood_in: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    """Where it stood by the log when it was listed."""
    stood_at: Mapped[str | None] = mapped_column(String(8))
    joined: Mapped[bool] = mapped_column(default=False)
    """Whether it was carried out although the log had it elsewhere."""
    moved_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was first carried out, as told; empty while it stands in the failed unit."""
    moved_by: Mapped[str | None] = mapped_column(String(64))
    moved_to: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    moved_position: Mapped[str | None] = mapped_column(String(8))


class OutageDecision(Approved, Base):
    """What becomes of some of the specimens; it counts from the signature of a biobank lead on."""

    __tablename__ = "outage_decisions"
    __table_args__ = (
        CheckConstraint("outcome IN ('released', 'kept', 'ended')", name="outcome"),
        CheckConstraint("grouping IN ('rack', 'box', 'specification', 'minutes')", name="grouping"),
    )

    id: Mapped[PrimaryKey]
    outage_id: Mapped[int] = mapped_column(Key, ForeignKey("outages.id", ondelete="RESTRICT"), index=True)
    outcome: Mapped[str] = mapped_column(String(12))
    grouping: Mapped[str] = mapped_column(String(16))
    groups: Mapped[str] = mapped_column(Text)
    """Codes of the groups, a line each."""
    reason: Mapped[str] = mapped_column(String(500))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    proposed_by: Mapped[str] = mapped_column(String(64))
    dropped_at: Mapped[datetime | None] = mapped_column(Moment)
    """Set when it was given up before anybody signed it."""
    items: Mapped[int] = mapped_column(default=0)
    """How many specimens it was carried out on."""


class OutageLine(Base):
    """One specimen that was in a failed unit."""

    __tablename__ = "outage_lines"
    __table_args__ = (Index("ix_outage_lines_outage_id_piece_id", "outage_id", "piece_id"),)

    outage_id: Mapped[int] = mapped_column(
        Key, ForeignKey("outages.id", ondelete="RESTRICT"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    piece_id: Mapped[int] = mapped_column(Key, ForeignKey("outage_pieces.id", ondelete="RESTRICT"))
    box_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    """What it lay in directly when it was listed."""
    decision_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("outage_decisions.id", ondelete="RESTRICT"), index=True
    )
    """The newest decision that was carried out on it; empty while it is open."""
