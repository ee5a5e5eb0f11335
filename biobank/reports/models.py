"""Moments in the life of tubes, beside the log that tells them, so that charts need not read it."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment


class Milestone(Base):
    """The first time that a tube took one step; made again from the log by `biobank reports rebuild`."""

    __tablename__ = "milestones"
    __table_args__ = (
        Index("ix_milestones_step_drawn_at_site", "step", "drawn_at", "site"),
        Index("ix_milestones_step_at", "step", "at"),
    )

    item_id: Mapped[int] = mapped_column(
        Key, ForeignKey("items.id", ondelete="RESTRICT"), primary_key=True, autoincrement=False
    )
    step: Mapped[str] = mapped_column(String(16), primary_key=True)
    """`collected`, `not_collected`, `dispatched`, `received` or `stored`."""
    site: Mapped[str | None] = mapped_column(String(64))
    """Where it was drawn, or was to be."""
    kit_id: Mapped[int | None] = mapped_column(Key)
    drawn_at: Mapped[datetime] = mapped_column(Moment)
    """When it was collected, or said to stay empty; of the steps after, the same moment."""
    at: Mapped[datetime] = mapped_column(Moment)
    """When the step was done as told; else when it was recorded."""
    answer: Mapped[str | None] = mapped_column(String(40))
    """How full it is, or why it stayed empty."""
