"""The centrifuge programmes of a site, and which tube was spun when: an index of the log's own events."""

from datetime import datetime

from sqlalchemy import ForeignKey, String, UniqueConstraint
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
    added_at: Mapped[datetime] = mapped_column(Moment)
    added_by: Mapped[str] = mapped_column(String(40))
    retired_at: Mapped[datetime | None] = mapped_column(Moment)
    """Since when it is no longer offered."""
    retired_by: Mapped[str | None] = mapped_column(String(40))


class Spin(Base):
    """One tube in one run. What was taken back stays, with the number of the event that did so."""

    __tablename__ = "spins"
    __table_args__ = (UniqueConstraint("item_id", "sequence"),)

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
