"""What must hold before a message is queued or handed over."""

from biobank.core.errors import Conflict, NotFound
from biobank.messages.models import Message
from biobank.messages.states import WAITING, MessageState


class MessageUnknown(NotFound):
    title = "Message unknown"


class ConfirmedAlready(Conflict):
    """Each thing is confirmed exactly once."""

    title = "Confirmed already"


class NotWaiting(Conflict):
    title = "Message is not waiting"


def still_waits(message: Message) -> None:
    if MessageState(message.state) not in WAITING:
        raise NotWaiting(
            f"Message {message.id} is {message.state.replace('_', ' ')} already; nothing is left to do.",
            message=message.id,
        )
