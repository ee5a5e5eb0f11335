"""What a kit's collection went through as a whole; append-only: a later change adds to it."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class CollectionChange(AppendOnly, Base):
    """A kit's collection was cancelled, or a cancelled one restored."""

    __tablename__ = "collection_changes"
    __table_args__ = (CheckConstraint("change IN ('cancelled', 'restored')", name="change"),)

    id: Mapped[PrimaryKey]
    kit_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    change: Mapped[str] = mapped_column(String(12))
    reason: Mapped[str] = mapped_column(String(24))
    """From the list of the change."""
    sequence: Mapped[int]
    """The kit's entry that tells of it."""
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(40))
