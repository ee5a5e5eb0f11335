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


_STANDING = text("resolved_at IS NULL")


def _of_standing(name: str, *columns: str) -> Index:
    """Of the cases that stand: few of all there ever were."""
    return Index(name, *columns, sqlite_where=_STANDING, postgresql_where=_STANDING)


class Discrepancy(Base):
    """A difference between expected and found, with an owner, a state and an explanation.

    What happens to it is an entry of `discrepancy:<id>`.
    """

    __tablename__ = "discrepancies"
    __table_args__ = (
        _of_standing("ix_discrepancies_standing_site", "site", "id"),
        _of_standing("ix_discrepancies_standing_found_at", "found_at", "id"),
        _of_standing("ix_discrepancies_standing_kind", "kind", "id"),
        _of_standing("ix_discrepancies_standing_owner", "owner", "id"),
        _of_standing("ix_discrepancies_standing_state", "state", "id"),
        _of_standing("ix_discrepancies_due_site", "site", "due_at"),
        _of_standing("ix_discrepancies_due_found_at", "found_at", "due_at"),
        _of_standing("ix_discrepancies_due", "due_at"),
        Index("ix_discrepancies_site_id", "site", "id"),
        Index("ix_discrepancies_found_at_id", "found_at", "id"),
        Index("ix_discrepancies_kind_id", "kind", "id"),
        Index("ix_discrepancies_opened_at", "opened_at"),
    )

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    kind: Mapped[str] = mapped_column(String(40))
    """What differs: `unexpected_step`, `not_in_parcel`, `condition_haemolysed` and so on."""
    sentence: Mapped[str] = mapped_column(String(500))
    site: Mapped[str | None] = mapped_column(String(64))
    """The site that owns the question: it is asked, and answers."""
    found_at: Mapped[str | None] = mapped_column(String(64))
    """The site at whose bench it was seen, which resolves it."""
    state: Mapped[str] = mapped_column(String(12), default="open")
    """`open`, `asked`, `answered`, `resolved` or `reopened`."""
    owner: Mapped[str | None] = mapped_column(String(64))
    """Who sees to it; empty while nobody took it."""
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """By when whoever has the turn does something; empty once it is resolved."""
    opened_at: Mapped[datetime] = mapped_column(Moment)
    opened_by: Mapped[str] = mapped_column(String(64))
    opened_sequence: Mapped[int]
    """The item's entry that showed it."""
    has_entry: Mapped[bool] = mapped_column(default=True)
    """Whether its opening is an entry of its own; false of cases from before that was so."""
    asked_at: Mapped[datetime | None] = mapped_column(Moment)
    answer: Mapped[str | None] = mapped_column(String(24))
    """What the site answered last, as a code."""
    answer_sentence: Mapped[str | None] = mapped_column(String(500))
    answered_at: Mapped[datetime | None] = mapped_column(Moment)
    answered_by: Mapped[str | None] = mapped_column(String(64))
    resolved_at: Mapped[datetime | None] = mapped_column(Moment)
    resolved_by: Mapped[str | None] = mapped_column(String(64))
    resolved_as: Mapped[str | None] = mapped_column(String(24))
    """How it ended, as a code."""
    resolution: Mapped[str | None] = mapped_column(String(500))
    """The same in a sentence."""
