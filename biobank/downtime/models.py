"""Downtime forms by number and what became of each; steps that were recorded long after they were taken."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class DowntimeForm(Base):
    """One blank form of one site; it is out until it is entered or voided."""

    __tablename__ = "downtime_forms"
    __table_args__ = (
        CheckConstraint("(entered_at IS NULL) = (entered_by IS NULL)", name="entered"),
        Index("ix_downtime_forms_site_id", "site", "id"),
        Index("ix_downtime_forms_kit_id", "kit_id"),
        Index("ix_downtime_forms_pack", "pack"),
    )

    id: Mapped[PrimaryKey]
    number: Mapped[str] = mapped_column(String(13), unique=True)
    """`F`, ten random digits and two check digits, as printed."""
    pack: Mapped[str] = mapped_column(String(13))
    """Number of the first form that was printed with it."""
    site: Mapped[str] = mapped_column(String(64), ForeignKey("sites.code"))
    definition: Mapped[str] = mapped_column(String(64))
    """The kit definition whose tubes the form lists."""
    printed_at: Mapped[datetime] = mapped_column(Moment)
    printed_by: Mapped[str] = mapped_column(String(64))
    kit_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    """The kit that was drawn on it, as told when it was entered."""
    entered_at: Mapped[datetime | None] = mapped_column(Moment)
    entered_by: Mapped[str | None] = mapped_column(String(64))
    voided_at: Mapped[datetime | None] = mapped_column(Moment)
    voided_by: Mapped[str | None] = mapped_column(String(64))
    void_reason: Mapped[str | None] = mapped_column(String(20))
    """One of `downtime.choices.FormVoidReason`."""


class LateEntry(Base):
    """A step that a person told of more than the setting's hours after it was taken."""

    __tablename__ = "late_entries"
    __table_args__ = (Index("ix_late_entries_site_id", "site", "id"),)

    id: Mapped[PrimaryKey]
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    sequence: Mapped[int]
    """Number of the item's entry."""
    action: Mapped[str] = mapped_column(String(40))
    site: Mapped[str | None] = mapped_column(String(64))
    """Of the item after the step."""
    occurred_at: Mapped[datetime] = mapped_column(Moment)
    recorded_at: Mapped[datetime] = mapped_column(Moment)
    recorded_by: Mapped[str] = mapped_column(String(64))
    source: Mapped[str] = mapped_column(String(12))
    reference: Mapped[str] = mapped_column(String(200))
    """Such as the number of the paper form."""
