"""Centrifuge programmes and runs, and what was spun, frozen and thawed: an index of the log's own events."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class CentrifugeProgramme(Base):
    """A programme as it is called at a site. It never changes: another force or time is another programme."""

    __tablename__ = "centrifuge_programmes"
    __table_args__ = (UniqueConstraint("site", "name"),)

    id: Mapped[PrimaryKey]
    site: Mapped[str] = mapped_column(String(64), ForeignKey("sites.code", ondelete="RESTRICT"))
    name: Mapped[str] = mapped_column(String(40))
    g: Mapped[int]
    """Relative centrifugal force, in multiples of g."""
    minutes: Mapped[int]
    temperature_celsius: Mapped[int | None]
    """Empty for a centrifuge that keeps no temperature."""
    rotor: Mapped[str | None] = mapped_column(String(20))
    """`swinging_bucket` or `fixed_angle`: after it the lab calls the tube by another code."""
    brake: Mapped[str | None] = mapped_column(String(10))
    """`on` or `off` at the end of the run; empty is unknown."""
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[str] = mapped_column(String(40))
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when it is no longer offered."""
    retired_by: Mapped[str | None] = mapped_column(String(40))


class CentrifugeRun(Base):
    """Many tubes that went into a centrifuge together. The programme stands in it as it was then."""

    __tablename__ = "centrifuge_runs"
    __table_args__ = (Index("ix_centrifuge_runs_site_id", "site", "id"),)

    id: Mapped[PrimaryKey]
    site: Mapped[str | None] = mapped_column(String(64))
    centrifuge: Mapped[str | None] = mapped_column(String(40))
    """What people call the machine; empty where nobody said."""
    programme: Mapped[str | None] = mapped_column(String(40))
    minutes: Mapped[int | None]
    """How long it was to run."""
    balance: Mapped[str] = mapped_column(String(40))
    """How the tubes stood in the rotor, a word of `choices.Balance`."""
    tubes: Mapped[int]
    """How many were in it."""
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    """As told; empty when nobody knows."""
    begun_by: Mapped[str] = mapped_column(String(40))
    ended_at: Mapped[datetime | None] = mapped_column(Moment)
    """When the tubes were taken out, as told; empty while nobody said so."""
    ended_by: Mapped[str | None] = mapped_column(String(40))


class Spin(Base):
    """One tube in one run. What was taken back stays, with the number of the event that did so."""

    __tablename__ = "spins"
    __table_args__ = (UniqueConstraint("item_id", "sequence"), Index("ix_spins_run_id", "run_id"))

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    sequence: Mapped[int]
    """Number of the tube's own event."""
    site: Mapped[str | None] = mapped_column(String(64))
    programme: Mapped[str | None] = mapped_column(String(40))
    minutes: Mapped[int | None]
    """How long the programme runs; empty when nobody said which it was."""
    began_at: Mapped[datetime | None] = mapped_column(Moment)
    """Into the centrifuge, as told; empty when nobody knows."""
    warning: Mapped[str | None] = mapped_column(String(40))
    """The flag of a run outside the tube's window, such as `centrifuged_late`."""
    undone_sequence: Mapped[int | None]
    run_id: Mapped[int | None] = mapped_column(Key, ForeignKey("centrifuge_runs.id"))
    """The run that it went in with; empty where it was scanned in by itself."""


class FreezeThaw(Base):
    """One time that a specimen was frozen or thawed, or the thaws that it was born with."""

    __tablename__ = "freeze_thaws"
    __table_args__ = (UniqueConstraint("item_id", "sequence"),)

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    sequence: Mapped[int]
    """Number of the specimen's own event; 1 is its birth."""
    change: Mapped[str] = mapped_column(String(10))
    """`frozen`, `thawed`, or `born` of what was thawed before."""
    thaws: Mapped[int]
    """How many it adds to the thaws of the material: none, one, or those of what it was made of."""
    at: Mapped[datetime | None] = mapped_column(Moment)
    """As told; empty when nobody knows."""
    undone_sequence: Mapped[int | None]
    """Of the event that took it back."""
