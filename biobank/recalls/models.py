"""Recalls of a maker's lot, and what each of them covers."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class Recall(Base):
    """A lot that may not be used any more. Opening, finding and lifting are entries of `recall:<id>`."""

    __tablename__ = "recalls"
    __table_args__ = (
        Index(
            "uq_recalls_standing",
            "lot",
            "specification",
            unique=True,
            sqlite_where=text("lifted_at IS NULL"),
            postgresql_where=text("lifted_at IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    lot: Mapped[str] = mapped_column(String(64))
    """As the maker prints it: of kits and their tubes, or a tube's own."""
    specification: Mapped[str] = mapped_column(String(64), default="")
    """A kit definition or the code of a tube, where one number stands for several products; empty is all."""
    cause: Mapped[str] = mapped_column(String(24))
    notice: Mapped[str | None] = mapped_column(String(120))
    """Number of the maker's notice."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(64))
    lifted_at: Mapped[datetime | None] = mapped_column(Moment)
    """Empty while it stands."""
    lifted_by: Mapped[str | None] = mapped_column(String(64))
    lifted_because: Mapped[str | None] = mapped_column(String(500))


class RecallLine(Base):
    """One item that a recall covers: of the lot itself, or made of something that is."""

    __tablename__ = "recall_lines"

    recall_id: Mapped[int] = mapped_column(
        Key, ForeignKey("recalls.id", ondelete="RESTRICT"), primary_key=True
    )
    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, index=True
    )
    found_at: Mapped[datetime | None] = mapped_column(Moment)
    """When somebody had it in hand for this recall and set it aside."""
    found_by: Mapped[str | None] = mapped_column(String(64))
