"""Holds and discrepancies; small tables beside the items, not their product."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class Hold(Base):
    """A reason why an item may not be used. Placing and lifting are entries of the item."""

    __tablename__ = "holds"
    __table_args__ = (
        Index(
            "uq_holds_standing",
            "item_id",
            "kind",
            unique=True,
            sqlite_where=text("lifted_sequence IS NULL"),
            postgresql_where=text("lifted_sequence IS NULL"),
        ),
    )

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    kind: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(200))
    """A code or one short sentence, without anything about a person."""
    placed_sequence: Mapped[int]
    """The item's entry that placed it."""
    lifted_sequence: Mapped[int | None]
    """The item's entry that lifted it; empty while it stands."""


class Discrepancy(Base):
    """A difference between expected and found, with an owner, a state and an explanation."""

    __tablename__ = "discrepancies"
    __table_args__ = (Index("ix_discrepancies_state_site", "state", "site"),)

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    """What differs: `unexpected_step`, `not_in_parcel`, `condition_haemolysed` and so on."""
    sentence: Mapped[str] = mapped_column(String(500))
    site: Mapped[str | None] = mapped_column(String(64))
    """The site that owns the question."""
    state: Mapped[str] = mapped_column(String(12), default="open")
    """`open` or `resolved`."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_sequence: Mapped[int]
    """The item's entry that showed it."""
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)
    resolved_by: Mapped[str | None] = mapped_column(String(64))
    resolution: Mapped[str | None] = mapped_column(String(500))
