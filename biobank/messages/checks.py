"""What must hold before a message is queued, sent again or handed over."""

from datetime import date

from sqlalchemy import select

from biobank.access.models import Person
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.messages.models import Message
from biobank.messages.states import WAITING, MessageState


class ConfirmedAlready(Conflict):
    """Each thing is confirmed exactly once."""

    title = "Confirmed already"


class NotWaiting(Conflict):
    title = "Message is not waiting"


class BeingSent(Conflict):
    """A worker hands it to the mail server at this moment."""

    title = "Being sent just now"


class PaperRefused(Invalid):
    title = "Not as it can be"


def still_waits(message: Message) -> None:
    if MessageState(message.state) not in WAITING:
        raise NotWaiting(
            f"Message {message.id} is {message.state.replace('_', ' ')} already; nothing is left to do.",
            message=message.id,
        )


def is_not_being_sent(message: Message) -> None:
    if message.claimed_until is not None and message.claimed_until > moments.now():
        raise BeingSent(
            f"Message {message.id} is being sent; look again in some minutes.", message=message.id
        )


def handed_over_on(message: Message, on: date | None) -> date:
    """Neither before it was queued nor in the future; a day more either way, since zones differ."""
    today = moments.now().date()
    day = on or today
    if not message.queued_at.date().toordinal() - 1 <= day.toordinal() <= today.toordinal() + 1:
        raise PaperRefused(
            "It was handed over after it was queued and not in the future; check the day.", field="on"
        )
    return day


def handed_over_by(work: Work, person: str) -> str:
    """Somebody who works here."""
    username = person.strip().lower()
    if work.session.scalar(select(Person.id).where(Person.username == username)) is None:
        raise PaperRefused(
            "Nobody of that user name works here; give the one they sign in with.", field="handed_by"
        )
    return username
