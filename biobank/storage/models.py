"""What a storage unit has beside being an item: a grid, a temperature, what may lie in it."""

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key


class StorageUnit(Base):
    """A room, freezer, shelf, rack, box or quarantine place. Its name and its site stand with the item."""

    __tablename__ = "storage_units"
    __table_args__ = (CheckConstraint("(grid_rows = 0) = (grid_columns = 0)", name="grid"),)

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    grid_rows: Mapped[int]
    """Lettered rows; 0 is a place without positions (a bin, a shelf)."""
    grid_columns: Mapped[int]
    temperature_celsius: Mapped[int | None]
    """What it is meant to be at; empty is unknown, or that of what is around it."""
    allowed_kinds: Mapped[str] = mapped_column(String(200))
    """Kinds of item that may lie in it, separated by spaces; empty allows all."""
