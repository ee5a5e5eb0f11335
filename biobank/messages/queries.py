"""Questions about the outbox: what waits, and what a participant was told."""

from collections.abc import Sequence

from sqlalchemy import select

from biobank.core.database import Work
from biobank.messages.checks import MessageUnknown
from biobank.messages.models import Message
from biobank.messages.states import WAITING


def message_numbered(work: Work, number: int) -> Message:
    """Raises `MessageUnknown`."""
    message = work.session.get(Message, number)
    if message is None:
        raise MessageUnknown(f"There is no message {number}; look it up in the list of messages.")
    return message


def message_about(work: Work, about: str) -> Message | None:
    return work.session.scalar(select(Message).where(Message.about == about))


def waiting_messages(work: Work, limit: int = 100) -> Sequence[Message]:
    """What has not reached anybody yet, oldest first."""
    waiting = select(Message).where(Message.state.in_(sorted(WAITING))).order_by(Message.id)
    return work.session.scalars(waiting.limit(limit)).all()


def messages_of(work: Work, participant: str) -> Sequence[Message]:
    return work.session.scalars(
        select(Message).where(Message.participant == participant).order_by(Message.id),
    ).all()
