"""What a kit's collection went through as a whole, and how few kits a site wants to be left with."""

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


class StockLevel(Base):
    """Of which kit a site never wants fewer on its shelf than so many."""

    __tablename__ = "stock_levels"

    site: Mapped[str] = mapped_column(
        String(64), ForeignKey("sites.code", ondelete="RESTRICT"), primary_key=True
    )
    kit: Mapped[str] = mapped_column(String(64), primary_key=True)
    """Name of its definition, whatever the version: `adult`."""
    lowest: Mapped[int]
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[str] = mapped_column(String(64))


class OpenKit(Base):
    """Which kit is being collected at a station. What the people there look at, so no entry of the ledger."""

    __tablename__ = "open_kits"

    bench: Mapped[str] = mapped_column(String(80), primary_key=True)
    """The station; of somebody who works at none, the person."""
    kit_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(64))
