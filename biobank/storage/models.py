"""What a storage unit has beside being an item: grid, temperature, what may lie in it; who keeps it free."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey
from biobank.storage.choices import Naming, Order


class StorageUnit(Base):
    """Any place, from a building to a box or a bag. Its name and its site stand with the item."""

    __tablename__ = "storage_units"
    __table_args__ = (CheckConstraint("(grid_rows = 0) = (grid_columns = 0)", name="grid"),)

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    grid_rows: Mapped[int]
    """0 is a place without positions (a bin, a shelf)."""
    grid_columns: Mapped[int]
    temperature_celsius: Mapped[int | None]
    """What it is meant to be at; empty is that of what is around it, or unknown."""
    allowed_kinds: Mapped[str] = mapped_column(String(200))
    """Kinds of item that may lie in it, separated by spaces; empty allows all."""
    naming: Mapped[str] = mapped_column(String(20), server_default=Naming.LETTER_NUMBER.value)
    """How its positions are called: `letter_number`, `number_letter`, `number_number` or `running`."""
    filled_by: Mapped[str] = mapped_column(String(10), server_default=Order.ROWS.value)
    """In which order they are counted and filled: `rows` or `columns`."""
    allowed_contents: Mapped[str] = mapped_column(String(400), server_default="")
    """Specifications that may lie in it and all within, a line each; empty asks what is around it."""
    rule: Mapped[str | None] = mapped_column(String(20))
    """How the next position in it is chosen; empty is the rule of what is around it, or `siblings`."""


class StorageReservation(Base):
    """Positions of a unit, or all of it, that somebody keeps free for something until a moment."""

    __tablename__ = "storage_reservations"
    __table_args__ = (
        CheckConstraint("purpose IN ('rack_file', 'study', 'kit', 'consolidation', 'other')", name="purpose"),
        Index(
            "ix_storage_reservations_standing",
            "item_id",
            sqlite_where=text("ended_at IS NULL"),
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    """The unit."""
    sequence: Mapped[int]
    """Number of the unit's ledger entry that made it."""
    positions: Mapped[str] = mapped_column(String(4000))
    """Separated by spaces; empty is the whole unit."""
    purpose: Mapped[str] = mapped_column(String(20))
    reference: Mapped[str] = mapped_column(String(40))
    """Code or number of what it is for: of a study's request, a kit, a file; empty when nothing has one."""
    person: Mapped[str] = mapped_column(String(64))
    """Who keeps it, by user name."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    until: Mapped[datetime] = mapped_column(Moment)
    """From then on it counts no more, whether or not somebody ended it."""
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    ended_by: Mapped[str | None] = mapped_column(String(64))
