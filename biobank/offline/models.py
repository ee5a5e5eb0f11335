"""What was received of stations that had no network; rows stay as they came."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class OfflineScan(AppendOnly, Base):
    """One scan that was taken without network, and what came of it when it was sent."""

    __tablename__ = "offline_scans"
    __table_args__ = (
        CheckConstraint("outcome IN ('taken', 'already', 'conflict')", name="outcome"),
        Index(
            "ix_offline_scans_conflicts",
            "site",
            "id",
            sqlite_where=text("outcome = 'conflict'"),
            postgresql_where=text("outcome = 'conflict'"),
        ),
    )

    id: Mapped[PrimaryKey]
    key: Mapped[str] = mapped_column(String(64), unique=True)
    """Made at the station when it was scanned: sent twice, it is one scan."""
    counter: Mapped[int] = mapped_column(Key)
    """Its place in the station's queue."""
    site: Mapped[str] = mapped_column(String(64))
    """Where it was scanned."""
    station: Mapped[str | None] = mapped_column(String(64))
    """From which it was sent."""
    scanned: Mapped[str] = mapped_column(String(200))
    """Control characters made visible; of a text that points at a person a note only."""
    item_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    """Empty when nothing bears what was scanned."""
    action: Mapped[str] = mapped_column(String(40))
    said_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was scanned, by the station's own clock."""
    clock_offset_seconds: Mapped[int | None]
    """By how much that clock was ahead of ours when the two last met; empty when they never did."""
    performed_by: Mapped[str] = mapped_column(String(64))
    received_at: Mapped[datetime] = mapped_column(Moment)
    received_by: Mapped[str] = mapped_column(String(64))
    """Who was signed in when it was sent."""
    outcome: Mapped[str] = mapped_column(String(12))
    sentence: Mapped[str | None] = mapped_column(String(500))
    """Of a conflict: what differs."""
    event_sequence: Mapped[int | None]
    """Number of the item's event; empty when there is none."""
