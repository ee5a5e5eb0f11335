"""What two people found out about two tubes with one code; cases themselves are of custody."""

from datetime import datetime

from sqlalchemy import ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.access.models import Approved
from biobank.core.tables import Base, Key, Moment, PrimaryKey


class CodeSeparation(Approved, Base):
    """One person's proposal of what becomes of a code that two tubes bear; another one approves it.

    Of several proposals the newest counts. Each is an entry of `discrepancy:<case>`.
    """

    __tablename__ = "code_separations"

    id: Mapped[PrimaryKey]
    case_id: Mapped[int] = mapped_column(Key, ForeignKey("discrepancies.id", ondelete="RESTRICT"), index=True)
    other_id: Mapped[int | None] = mapped_column(Key, ForeignKey("items.id", ondelete="RESTRICT"))
    """The second tube under its own new code."""
    outcome: Mapped[str] = mapped_column(String(24))
    """`codes_separated`, or `mistake` where it was one specimen after all."""
    sentence: Mapped[str] = mapped_column(String(500))
    proposed_at: Mapped[datetime] = mapped_column(Moment)
    proposed_by: Mapped[str] = mapped_column(String(40))
