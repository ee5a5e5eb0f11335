"""What came in over the withdrawal feed, row by row, and what the programme acknowledged; append-only."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class FeedDelivery(AppendOnly, Base):
    """One file, or one request, of the withdrawal feed."""

    __tablename__ = "feed_deliveries"

    id: Mapped[PrimaryKey]
    content_sha256: Mapped[str] = mapped_column(String(64), unique=True)
    """Over what is kept of its rows: whether a second delivery brings anything new."""
    row_count: Mapped[int]
    file: Mapped[str | None] = mapped_column(String(120))
    """Name of the file; empty for a request, and where the name might point at a person."""
    received_at: Mapped[datetime] = mapped_column(Moment)
    received_by: Mapped[str] = mapped_column(String(40))


class FeedRowReceived(AppendOnly, Base):
    """A row of a delivery, and what became of it: its acknowledgement."""

    __tablename__ = "feed_rows"
    __table_args__ = (
        UniqueConstraint("delivery_id", "line"),
        CheckConstraint("outcome IN ('recorded', 'known', 'compliance_decides', 'not_ours')", name="outcome"),
        Index("ix_feed_rows_participant", "participant"),
    )

    id: Mapped[PrimaryKey]
    delivery_id: Mapped[int] = mapped_column(Key, ForeignKey("feed_deliveries.id", ondelete="RESTRICT"))
    line: Mapped[int]
    called: Mapped[str | None] = mapped_column(String(40))
    """What the sender calls the row."""
    participant: Mapped[str] = mapped_column(String(20))
    """As it was told; also a code of another environment, of which nothing else is kept anywhere."""
    decided_at: Mapped[datetime] = mapped_column(Moment)
    zone: Mapped[str] = mapped_column(String(64))
    offset_minutes: Mapped[int]
    information: Mapped[str] = mapped_column(String(12))
    samples: Mapped[str] = mapped_column(String(12))
    ceremony: Mapped[str] = mapped_column(String(16))
    deceased: Mapped[bool]
    site: Mapped[str | None] = mapped_column(String(64))
    """Where they are paired, if that is a site of ours."""
    outcome: Mapped[str] = mapped_column(String(20))
    new_participant: Mapped[bool]
    """Nobody had this code: it was registered with this row, so that their tubes are recognised."""
    ceremony_differs: Mapped[bool]
    """The order that runs was told otherwise about a ceremony; compliance settles it."""
    decision_id: Mapped[int | None] = mapped_column(Key, ForeignKey("decisions.id", ondelete="RESTRICT"))
    """The decision that it became, or that was known before."""
    death_id: Mapped[int | None] = mapped_column(Key, ForeignKey("deaths.id", ondelete="RESTRICT"))
    """The death that was recorded with it."""


class ResultAcknowledgement(AppendOnly, Base):
    """The programme has a line of the destruction feed."""

    __tablename__ = "result_acknowledgements"
    __table_args__ = (UniqueConstraint("position", "line"),)

    id: Mapped[PrimaryKey]
    position: Mapped[int] = mapped_column(Key)
    """The place in the ledger's tree of the entry that the line tells of."""
    line: Mapped[int]
    acknowledged_at: Mapped[datetime] = mapped_column(Moment)
    acknowledged_by: Mapped[str] = mapped_column(String(40))
