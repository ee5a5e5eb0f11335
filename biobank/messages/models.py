"""The outbox: messages, the texts as they were sent, each attempt and what came of it."""

from datetime import date, datetime

from sqlalchemy import CheckConstraint, Date, ForeignKey, Integer, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from biobank.core.tables import AppendOnly, Base, Key, Moment, PrimaryKey
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
    tries: Mapped[int] = mapped_column(Integer, default=0)
    """Attempts since it was queued, or queued again."""
    due_at: Mapped[datetime | None] = mapped_column(Moment)
    """Not to be tried before; empty: at once."""
    claimed_until: Mapped[datetime | None] = mapped_column(Moment)
    """Some worker sends it now; a worker that was killed holds it no longer than this."""
    trouble: Mapped[str | None] = mapped_column(String(24))
    """What became of the last attempt, where it came to nothing."""
    by_post: Mapped[str | None] = mapped_column(String(24))
    """Why it is not sent and waits to be handed over on paper."""
    handed_over_on: Mapped[date | None] = mapped_column(Date)
    handed_over_by: Mapped[str | None] = mapped_column(String(40))
    handed_over_how: Mapped[str | None] = mapped_column(String(12))


class KeptText(AppendOnly, Base):
    """What a message said, word for word, before it left: no name and no address stands in it."""

    __tablename__ = "message_texts"
    __table_args__ = (UniqueConstraint("message_id", "sha256"),)

    id: Mapped[PrimaryKey]
    message_id: Mapped[int] = mapped_column(Key, ForeignKey("messages.id", ondelete="RESTRICT"))
    version: Mapped[str] = mapped_column(String(12))
    """Of the file of words."""
    language: Mapped[str] = mapped_column(String(12))
    subject: Mapped[str] = mapped_column(String(200))
    body: Mapped[str] = mapped_column(String(8000))
    sha256: Mapped[str] = mapped_column(String(64))
    """Of subject, an empty line, and body in UTF-8."""
    made_at: Mapped[datetime] = mapped_column(Moment)


class Attempt(AppendOnly, Base):
    """That a message is going to be sent: written down before the mail server hears of it."""

    __tablename__ = "message_attempts"
    __table_args__ = (UniqueConstraint("message_id", "number"),)

    id: Mapped[PrimaryKey]
    message_id: Mapped[int] = mapped_column(Key, ForeignKey("messages.id", ondelete="RESTRICT"))
    number: Mapped[int] = mapped_column(Integer)
    begun_at: Mapped[datetime] = mapped_column(Moment)
    begun_by: Mapped[str] = mapped_column(String(40))


class Answer(AppendOnly, Base):
    """What came of an attempt. One without an answer was cut off: nobody knows whether it arrived."""

    __tablename__ = "message_answers"
    __table_args__ = (CheckConstraint("outcome IN ('sent', 'again', 'failed', 'by_post')", name="outcome"),)

    id: Mapped[PrimaryKey]
    attempt_id: Mapped[int] = mapped_column(
        Key, ForeignKey("message_attempts.id", ondelete="RESTRICT"), unique=True
    )
    text_id: Mapped[int | None] = mapped_column(Key, ForeignKey("message_texts.id", ondelete="RESTRICT"))
    outcome: Mapped[str] = mapped_column(String(12))
    trouble: Mapped[str | None] = mapped_column(String(24))
    code: Mapped[int | None] = mapped_column(Integer)
    """The three digits that the mail server answered; never its words."""
    at: Mapped[datetime] = mapped_column(Moment)
