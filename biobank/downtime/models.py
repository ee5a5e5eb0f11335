"""Downtime forms: blank forms printed ahead, by number, and what became of each."""

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
    )

    id: Mapped[PrimaryKey]
    number: Mapped[str] = mapped_column(String(13), unique=True)
    """`F`, ten random digits and two check digits, as printed."""
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
    """One of `downtime.choices.VoidReason`."""
