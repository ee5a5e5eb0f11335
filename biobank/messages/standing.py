"""Piles of the outbox, in the order in which they need somebody, and the words for where a message stands."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.messages.choices import POST_SENTENCES, SENTENCES, ByPost, Trouble
from biobank.messages.models import Message
from biobank.messages.queries import is_failed, is_for_post, is_late, is_to_be_sent, messages_seen_by
from biobank.messages.states import MessageState


@dataclass(frozen=True)
class Pile:
    """Messages that stand alike: what they are called, how urgent they are, and which they are."""

    label: str
    tone: str
    condition: Callable[[], ColumnElement[bool]]


SHOWN: Mapping[str, Pile] = {
    "failed": Pile("Failed", "wrong", is_failed),
    "post": Pile("To hand over on paper", "late", is_for_post),
    "queued": Pile("Queued", "wait", is_to_be_sent),
    "sent": Pile("Sent", "right", lambda: Message.state == MessageState.SENT.value),
    "handed_over": Pile("Handed over", "right", lambda: Message.state == MessageState.HANDED_OVER.value),
}
OPEN = ("failed", "post", "queued")


def counts(work: Work, by: Actor) -> dict[str, int]:
    return {name: how_many_seen(work, by, pile.condition()) for name, pile in SHOWN.items()}


def how_many_seen(work: Work, by: Actor, *conditions: ColumnElement[bool]) -> int:
    found = messages_seen_by(by, *conditions).with_only_columns(Message.id).subquery()
    return work.session.scalar(select(func.count()).select_from(found)) or 0


def late_ones(work: Work, by: Actor) -> int:
    return how_many_seen(work, by, is_late(work.settings.message_late_hours))


def pile_of(message: Message) -> str:
    """The name of its pile."""
    if message.state == MessageState.QUEUED:
        return "post" if message.by_post else "queued"
    return message.state


def why(message: Message) -> str | None:
    """One sentence on why it has not arrived; None where there is nothing to say."""
    if message.state in (MessageState.SENT, MessageState.HANDED_OVER):
        return None
    if message.by_post:
        return POST_SENTENCES[ByPost(message.by_post)]
    return SENTENCES[Trouble(message.trouble)] if message.trouble else None
