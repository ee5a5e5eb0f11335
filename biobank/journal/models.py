"""What was taken over from the journal after an older backup was restored; append-only."""

from datetime import datetime

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey


class JournalApplication(AppendOnly, Base):
    """A line of the journal that the database lacked, and that was applied to it."""

    __tablename__ = "journal_applications"

    id: Mapped[PrimaryKey]
    line: Mapped[int]
    """Number of the line in the journal."""
    entry_hash: Mapped[str] = mapped_column(String(64), unique=True)
    """Leaf hash of the entry that the line holds: what is applied once is not applied again."""
    kind: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(64))
    number: Mapped[int | None] = mapped_column(Key)
    """Of the decision, death or whatever it is about."""
    applied_at: Mapped[datetime] = mapped_column(Moment)
    applied_by: Mapped[str] = mapped_column(String(40))
