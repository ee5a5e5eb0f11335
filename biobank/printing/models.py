"""What was printed, when and by whom: each label of each job, numbered by item."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Key, Moment, PrimaryKey


class PrintJob(Base):
    """Labels that were made into one document."""

    __tablename__ = "print_jobs"
    __table_args__ = (CheckConstraint("medium IN ('pdf', 'zpl')", name="medium"),)

    id: Mapped[PrimaryKey]
    medium: Mapped[str] = mapped_column(String(4))
    stock: Mapped[str | None] = mapped_column(String(40))
    """Empty: each label in the size that its template was drawn for."""
    dpi: Mapped[int]
    labels: Mapped[int]
    sha256: Mapped[str] = mapped_column(String(64))
    """Of the document, hexadecimal: the same labels give the same bytes."""
    printed_at: Mapped[datetime] = mapped_column(Moment)
    printed_by: Mapped[str] = mapped_column(String(40))
    station: Mapped[str | None] = mapped_column(String(64))


class PrintedLabel(Base):
    """One label of a job."""

    __tablename__ = "printed_labels"

    id: Mapped[PrimaryKey]
    job_id: Mapped[int] = mapped_column(Key, ForeignKey("print_jobs.id", ondelete="RESTRICT"), index=True)
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    template: Mapped[str] = mapped_column(String(20))
    copy: Mapped[int]
    """1 for the first label of the item that was ever printed, then counting on."""
