"""Inventory checks: what was planned, what was read, how it differed from the log, and drawn samples."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey

OPEN = text("state IN ('planned', 'counting', 'counted')")


class InventorySample(AppendOnly, Base):
    """Units drawn at random for an audit, so that anybody can draw the same again; an entry of its own."""

    __tablename__ = "inventory_samples"

    id: Mapped[PrimaryKey]
    site: Mapped[str] = mapped_column(String(64))
    seed: Mapped[str] = mapped_column(String(64))
    """With it the units are put in order: by the SHA-256 of `seed:identifier`; the first are drawn."""
    size: Mapped[int]
    """How many units were asked for; there may be fewer."""
    population: Mapped[int]
    """How many boxes of the site were in use then."""
    population_sha256: Mapped[str] = mapped_column(String(64))
    """Over their codes in order, a line each."""
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    drawn_by: Mapped[str] = mapped_column(String(64))


class InventoryCheck(Base):
    """One count of what lies directly in one unit. Each change of it is an entry of `inventory:<id>`."""

    __tablename__ = "inventory_checks"
    __table_args__ = (
        CheckConstraint("state IN ('planned', 'counting', 'counted', 'closed', 'cancelled')", name="state"),
        Index("uq_inventory_checks_open", "unit_id", unique=True, sqlite_where=OPEN, postgresql_where=OPEN),
        Index("ix_inventory_checks_unit_id_closed_at", "unit_id", "closed_at"),
        Index("ix_inventory_checks_site_state", "site", "state", "id"),
        Index("ix_inventory_checks_site_closed_at", "site", "closed_at"),
    )

    id: Mapped[PrimaryKey]
    unit_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    site: Mapped[str] = mapped_column(String(64))
    """Of the unit, when the check was planned."""
    reason: Mapped[str] = mapped_column(String(20))
    state: Mapped[str] = mapped_column(String(12))
    within_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("inventory_checks.id", ondelete="RESTRICT"), index=True
    )
    """The check of the rack, shelf or freezer around it, with which it was planned."""
    sample_id: Mapped[int | None] = mapped_column(
        Key, ForeignKey("inventory_samples.id", ondelete="RESTRICT"), index=True
    )
    due_on: Mapped[date | None] = mapped_column(Date)
    turn: Mapped[int] = mapped_column(default=1)
    """1 the count, 2 the second one by somebody else, 3 the look that settles where the two differ."""
    planned_at: Mapped[datetime] = mapped_column(Moment)
    planned_by: Mapped[str] = mapped_column(String(64))
    begun_at: Mapped[datetime | None] = mapped_column(Moment)
    """When this turn was begun."""
    begun_by: Mapped[str | None] = mapped_column(String(64))
    counted_at: Mapped[datetime | None] = mapped_column(Moment)
    counted_by: Mapped[str | None] = mapped_column(String(64))
    closed_at: Mapped[datetime | None] = mapped_column(Moment)
    """When it was closed or cancelled."""
    closed_by: Mapped[str | None] = mapped_column(String(64))
    because: Mapped[str | None] = mapped_column(String(500))
    """Why it was cancelled, or closed without the second count that was due."""
    agreed: Mapped[int | None]
    """How many things lay where the log has them; empty until it is closed."""
    differences: Mapped[int | None]


class InventoryReading(AppendOnly, Base):
    """One thing that somebody saw while counting; the newest of a position, or of a code, is what counts."""

    __tablename__ = "inventory_readings"
    __table_args__ = (Index("ix_inventory_readings_check_id", "check_id", "id"),)

    id: Mapped[PrimaryKey]
    check_id: Mapped[int] = mapped_column(Key, ForeignKey("inventory_checks.id", ondelete="RESTRICT"))
    turn: Mapped[int]
    position: Mapped[str | None] = mapped_column(String(8))
    """Empty in a unit without a grid."""
    seen: Mapped[str] = mapped_column(String(12))
    """`code`, `empty`, `no_read` or `taken_back`."""
    code: Mapped[str | None] = mapped_column(String(200))
    """Of an item its identifier, else the text as a log may keep it."""
    item_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    read_at: Mapped[datetime] = mapped_column(Moment)
    read_by: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(12))
    """`scan`, `keyed` or `file`."""
    reference: Mapped[str] = mapped_column(String(200))
    """Of a file its name and line."""
    confirmation: Mapped[str | None] = mapped_column(String(500))
    """Why one code is on two things, of whoever was asked back about it."""


class InventoryDifference(AppendOnly, Base):
    """One difference between count and log, with the case that it opened; its check has an entry of it."""

    __tablename__ = "inventory_differences"

    id: Mapped[PrimaryKey]
    check_id: Mapped[int] = mapped_column(
        Key, ForeignKey("inventory_checks.id", ondelete="RESTRICT"), index=True
    )
    kind: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    position: Mapped[str | None] = mapped_column(String(8))
    """Where it was found; of what is missing, where the log had it."""
    code: Mapped[str | None] = mapped_column(String(200))
    discrepancy_id: Mapped[int] = mapped_column(
        Key, ForeignKey("discrepancies.id", ondelete="RESTRICT"), index=True
    )
