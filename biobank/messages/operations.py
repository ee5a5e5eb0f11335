"""Queueing a message in the transaction of what it confirms, trying it again, handing it over on paper."""

import json
from collections.abc import Mapping

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.ledger.operations import append_to
from biobank.messages import checks
from biobank.messages.inputs import OnPaper
from biobank.messages.models import Message
from biobank.messages.queries import kept_texts, message_about, message_numbered
from biobank.messages.states import MessageState
from biobank.participants.operations import lock
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
    at = moments.now()
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
    message.addressee, message.by_post, message.due_at = addressee, None, None
    note_change(work, by, message, addressee=addressee)


def try_again(work: Work, by: Actor, number: int) -> Message:
    """Queue it anew, to be sent at the next look into the outbox, however often it failed.

    Raises `MessageUnknown`, `NotWaiting`, `BeingSent`.
    """
    message = _waiting(work, number)
    message.tries, message.due_at, message.by_post = 0, None, None
    move(work, by, message, MessageState.QUEUED)
    return message


def mark_handed_over(work: Work, by: Actor, number: int, paper: OnPaper | None = None) -> Message:
    """It was given on paper. Raises `MessageUnknown`, `NotWaiting`, `BeingSent`, `PaperRefused`."""
    told, message = paper or OnPaper(), _waiting(work, number)
    message.handed_over_on = checks.handed_over_on(message, told.on)
    message.handed_over_by = checks.handed_over_by(work, told.handed_by) if told.handed_by else by.person
    message.handed_over_how = told.how.value
    move(
        work,
        by,
        message,
        MessageState.HANDED_OVER,
        on=message.handed_over_on.isoformat(),
        handed_over_by=message.handed_over_by,
        how=message.handed_over_how,
        **_text_of(work, message),
    )
    return message


def _text_of(work: Work, message: Message) -> dict[str, object]:
    """Of the letter that was printed last; nothing where none was."""
    texts = kept_texts(work, message)
    return {"text_sha256": texts[-1].sha256} if texts else {}


def _waiting(work: Work, number: int) -> Message:
    """Locked, in the order in which decisions lock: first whom it is about."""
    lock(work, message_numbered(work, number).participant)
    message = message_numbered(work, number, locked=True)
    checks.still_waits(message)
    checks.is_not_being_sent(message)
    return message


def move(work: Work, by: Actor, message: Message, state: MessageState, **told: object) -> None:
    """Into a state, with its entry; whoever calls has locked whom it is about."""
    message.state = state.value
    note_change(work, by, message, state=state.value, **told)


def note_change(work: Work, by: Actor, message: Message, **told: object) -> None:
    message.changed_at, message.changed_by = moments.now(), by.person
    work.flush()
    append_to(
        work,
        subject=subject_of(message.participant),
        kind="message",
        content={"about": message.about, **told, "recorded_by": by.person},
        recorded_at=message.changed_at,
    )
