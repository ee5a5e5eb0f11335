"""Queueing a message in the transaction of what it confirms, and handing one over on paper."""

import json
from collections.abc import Mapping

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.ledger.operations import append_to
from biobank.messages import checks
from biobank.messages.models import Message
from biobank.messages.queries import message_about, message_numbered
from biobank.messages.states import MessageState
from biobank.participants.queries import subject_of


def queue_message(
    work: Work,
    by: Actor,
    *,
    about: str,
    participant: str,
    addressee: str,
    template: str,
    context: Mapping[str, object],
    language: str = "en",
) -> Message:
    """Raises `ConfirmedAlready` when there is a message about the same thing."""
    if message_about(work, about) is not None:
        raise checks.ConfirmedAlready(f"{about} has its message already; it is not told twice.", about=about)
    at = now()
    message = Message(
        about=about,
        participant=participant,
        addressee=addressee,
        template=template,
        language=language,
        context=json.dumps(context, sort_keys=True),
        queued_at=at,
        changed_at=at,
        changed_by=by.person,
    )
    work.session.add(message)
    work.flush()
    return message


def address_to(work: Work, by: Actor, message: Message, addressee: str) -> None:
    """A message that was not sent yet goes to somebody else: nothing is written to the dead."""
    if message.addressee == addressee:
        return
    message.addressee, message.changed_at, message.changed_by = addressee, now(), by.person
    work.flush()
    append_to(
        work,
        subject=subject_of(message.participant),
        kind="message",
        content={"about": message.about, "addressee": addressee, "recorded_by": by.person},
        recorded_at=message.changed_at,
    )


def mark_handed_over(work: Work, by: Actor, number: int) -> Message:
    """It was given on paper. Raises `MessageUnknown`, `NotWaiting`."""
    message = message_numbered(work, number)
    checks.still_waits(message)
    message.state, message.changed_at, message.changed_by = MessageState.HANDED_OVER.value, now(), by.person
    append_to(
        work,
        subject=subject_of(message.participant),
        kind="message",
        content={"about": message.about, "state": message.state, "recorded_by": by.person},
        recorded_at=message.changed_at,
    )
    return message
