"""What was printed, when and by whom: each label of each job, numbered by item, and how each job went."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class PrintJob(AppendOnly, Base):
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
    site: Mapped[str | None] = mapped_column(String(64), index=True)
    """Where it was printed; its people see the job."""
    printer: Mapped[str | None] = mapped_column(String(40))
    """By its name in the printers' file; empty for a file that was meant for no printer of it."""
    start: Mapped[int] = mapped_column(server_default="1")
    """First label used on the first sheet; 1 is top left."""
    paper: Mapped[str | None] = mapped_column(Text)
    """Stock and correction with their figures as they were, in JSON: a reprint is drawn on the same."""
    requisition: Mapped[str | None] = mapped_column(Text)
    """What the requisition of the job's kit said, in JSON."""
    requisition_sha256: Mapped[str | None] = mapped_column(String(64))
    reprint_of: Mapped[int | None] = mapped_column(Key, ForeignKey("print_jobs.id"))


class PrintedLabel(AppendOnly, Base):
    """One label of a job."""

    __tablename__ = "printed_labels"

    id: Mapped[PrimaryKey]
    job_id: Mapped[int] = mapped_column(Key, ForeignKey("print_jobs.id", ondelete="RESTRICT"), index=True)
    item_id: Mapped[int] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"), index=True)
    template: Mapped[str] = mapped_column(String(20))
    template_version: Mapped[int] = mapped_column(server_default="1")
    lines: Mapped[str | None] = mapped_column(Text)
    """The text on it, in JSON; empty for what was printed before the text was kept."""
    copy: Mapped[int]
    """1 for the first label of the item that was ever printed, then counting on; failed jobs do not count."""
    reason: Mapped[str | None] = mapped_column(String(20))
    """Why it was printed, when the item had all of its labels already."""
    remark: Mapped[str | None] = mapped_column(String(200))


class PrintJobEvent(AppendOnly, Base):
    """What happened to a job; the newest says how it stands."""

    __tablename__ = "print_job_events"
    __table_args__ = (
        CheckConstraint(
            "state IN ('made', 'handed_out', 'sending', 'sent', 'failed', 'unclear', "
            "'printed', 'not_printed')",
            name="state",
        ),
    )

    id: Mapped[PrimaryKey]
    job_id: Mapped[int] = mapped_column(Key, ForeignKey("print_jobs.id", ondelete="RESTRICT"), index=True)
    state: Mapped[str] = mapped_column(String(12), index=True)
    at: Mapped[datetime] = mapped_column(Moment)
    by: Mapped[str] = mapped_column(String(40))
    station: Mapped[str | None] = mapped_column(String(64))
    until: Mapped[datetime | None] = mapped_column(Moment)
    """Of `sending`: by then it is over; when nothing was said by then, nobody knows what came out."""
    remark: Mapped[str | None] = mapped_column(String(300))


class PrinterTurn(Base):
    """Which job a network printer is busy with: one at a time, whoever sends it."""

    __tablename__ = "printer_turns"

    printer: Mapped[str] = mapped_column(String(40), primary_key=True)
    job_id: Mapped[int] = mapped_column(Key, ForeignKey("print_jobs.id", ondelete="RESTRICT"))
    until: Mapped[datetime] = mapped_column(Moment)
    """From this moment on the next job may have it, also when the service was stopped in between."""


class PrinterChoice(Base):
    """The printer that a person takes when nothing more particular is said."""

    __tablename__ = "printer_choices"

    person: Mapped[str] = mapped_column(String(40), primary_key=True)
    printer: Mapped[str] = mapped_column(String(40))
    chosen_at: Mapped[datetime] = mapped_column(Moment)
