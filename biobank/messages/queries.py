"""Questions about the outbox: what waits, what is due, what is late, and what a participant was told."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, Select, and_, func, or_, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import row_numbered
from biobank.core.tables import HIGHEST_NUMBER
from biobank.messages.models import Answer, Attempt, KeptText, Message
from biobank.messages.states import WAITING, MessageState
from biobank.participants.models import ParticipantSite
from biobank.participants.queries import codes_of, participant_named


class MessageUnknown(NotFound):
    title = "Message unknown"


def message_numbered(work: Work, number: int, *, locked: bool = False) -> Message:
    """Raises `MessageUnknown`."""
    return _known(row_numbered(work, Message, number, locked=locked), number)


def message_seen_by(work: Work, by: Actor, number: int) -> Message:
    """The message, if its participant visited a site of `by`; else `MessageUnknown`."""
    seen = messages_seen_by(by, Message.id == number)
    return _known(work.session.scalar(seen) if number <= HIGHEST_NUMBER else None, number)


def _known(found: Message | None, number: int) -> Message:
    if found is None:
        raise MessageUnknown(f"There is no message {number}; look it up in the list of messages.")
    return found


def message_about(work: Work, about: str) -> Message | None:
    return work.session.scalar(select(Message).where(Message.about == about))


def messages_of(work: Work, participant: str) -> Sequence[Message]:
    """What a participant is told, under whichever code."""
    theirs = Message.participant.in_(codes_of(work, participant))
    return work.session.scalars(select(Message).where(theirs).order_by(Message.id)).all()


def messages_seen_by(by: Actor, *conditions: ColumnElement[bool]) -> Select[Message]:
    """Of participants who visited a site of `by`."""
    question = select(Message).where(*conditions)
    if by.sites is None:
        return question
    visited = select(ParticipantSite.participant).where(ParticipantSite.site.in_(by.sites))
    return question.where(Message.participant.in_(visited))


def is_for_themselves(work: Work, message: Message) -> bool:
    """Whether it goes to whom it is about, under any code of theirs."""
    return message.addressee in codes_of(work, participant_named(work, message.participant).code)


def is_failed() -> ColumnElement[bool]:
    return Message.state == MessageState.FAILED.value


def is_for_post() -> ColumnElement[bool]:
    return and_(Message.state == MessageState.QUEUED.value, Message.by_post.is_not(None))


def is_to_be_sent() -> ColumnElement[bool]:
    return and_(Message.state == MessageState.QUEUED.value, Message.by_post.is_(None))


def is_due(at: datetime) -> ColumnElement[bool]:
    """To be sent now, and nobody is sending it."""
    return and_(
        is_to_be_sent(),
        or_(Message.due_at.is_(None), Message.due_at <= at),
        or_(Message.claimed_until.is_(None), Message.claimed_until <= at),
    )


def is_late(hours: int) -> ColumnElement[bool]:
    """Has not reached anybody for so many hours."""
    return and_(
        Message.state.in_(sorted(WAITING)), Message.queued_at <= moments.now() - timedelta(hours=hours)
    )


@dataclass(frozen=True)
class Tried:
    """An attempt, what came of it (None: it was cut off), and the text that was to go."""

    attempt: Attempt
    answer: Answer | None
    text: KeptText | None


def attempts_of(work: Work, message: Message) -> list[Tried]:
    """Oldest first."""
    question = (
        select(Attempt, Answer, KeptText)
        .outerjoin(Answer, Answer.attempt_id == Attempt.id)
        .outerjoin(KeptText, KeptText.id == Answer.text_id)
        .where(Attempt.message_id == message.id)
        .order_by(Attempt.number)
    )
    return [Tried(*row) for row in work.session.execute(question)]


def kept_texts(work: Work, message: Message) -> Sequence[KeptText]:
    question = select(KeptText).where(KeptText.message_id == message.id).order_by(KeptText.id)
    return work.session.scalars(question).all()


def newest_attempt(work: Work, message: Message) -> int:
    """Its number; 0 before the first."""
    question = select(func.max(Attempt.number)).where(Attempt.message_id == message.id)
    return work.session.scalar(question) or 0
