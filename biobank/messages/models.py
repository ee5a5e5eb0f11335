"""The outbox table."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, String
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import Base, Moment, PrimaryKey
from biobank.messages.states import MessageState


class Message(Base):
    """One message to one addressee about one thing that happened. Codes only: no name, no address."""

    __tablename__ = "messages"
    __table_args__ = (CheckConstraint("state IN ('queued', 'sent', 'failed', 'handed_over')", name="state"),)

    id: Mapped[PrimaryKey]
    about: Mapped[str] = mapped_column(String(64), unique=True)
    """What it confirms, for example `decision:12`; unique, so that nobody is told twice."""
    participant: Mapped[str] = mapped_column(ForeignKey("participants.code", ondelete="RESTRICT"), index=True)
    addressee: Mapped[str] = mapped_column(String(80))
    """The participant's code; of somebody who died, the code of who asked."""
    template: Mapped[str] = mapped_column(String(40))
    language: Mapped[str] = mapped_column(String(12))
    context: Mapped[str] = mapped_column(String(2000))
    """JSON of codes that the template turns into words."""
    state: Mapped[str] = mapped_column(String(12), default=MessageState.QUEUED.value, index=True)
    queued_at: Mapped[datetime] = mapped_column(Moment)
    changed_at: Mapped[datetime] = mapped_column(Moment)
    changed_by: Mapped[str] = mapped_column(String(40))
