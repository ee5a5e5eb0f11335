"""What a letter says and to whom, when a message goes on paper: the address is read for this print alone."""

from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.core.moments import zone_named
from biobank.identity.accesses import Access
from biobank.identity.inputs import Identity
from biobank.identity.operations import read_identity
from biobank.identity.service_questions import record_address
from biobank.messages import checks
from biobank.messages.models import Message
from biobank.messages.queries import is_for_themselves, message_seen_by
from biobank.messages.sending import keep_text, language_for
from biobank.messages.words import MessageText, day_said, text_of
from biobank.participants.queries import participant_named, standing

NOBODY = Identity()


@dataclass(frozen=True)
class Asked:
    """A letter that may be printed, and the look that lets its address be read; None: written by hand."""

    message: int
    access: Access | None


@dataclass(frozen=True)
class LetterSaid:
    """Its words, its day, and the lines of its address, which are stored nowhere."""

    text: MessageText
    day: str
    to: tuple[str, ...]


def ask_for_letter(work: Work, by: Actor, number: int) -> Asked:
    """That a letter is printed, and that its address is read for it.

    Of who died and of who asked for another no address is read. Raises `MessageUnknown`, `NotWaiting`,
    `BeingSent`, `AccessNotRecorded`.
    """
    message = message_seen_by(work, by, number)
    checks.still_waits(message)
    checks.is_not_being_sent(message)
    died = standing(participant_named(work, message.participant)).died
    if died or not is_for_themselves(work, message):
        return Asked(number, None)
    return Asked(number, record_address(work, by, message.participant, number))


def letter_said(asked: Asked) -> LetterSaid:
    """After the transaction of `ask_for_letter` was kept, in those of its own. Raises `WordsMissing`."""
    with reading() as work:
        whom = read_identity(work, asked.access) if asked.access else NOBODY
    with writing() as work:
        message = work.session.get_one(Message, asked.message)
        another = not is_for_themselves(work, message)
        language = language_for(message, whom.language)
        text = text_of(message, work.settings, language, for_another=another)
        keep_text(work, message, text)
        today = moments.now().astimezone(zone_named(work.settings.time_zone)).date()
    return LetterSaid(text, day_said(today, text.language), _lines(whom))


def _lines(whom: Identity) -> tuple[str, ...]:
    if not whom.postal_address:
        name = " ".join(filter(None, (whom.given_name, whom.family_name)))
        return (name,) if name else ()
    street = (line.strip() for line in whom.postal_address.splitlines())
    return (f"{whom.given_name} {whom.family_name}", *filter(None, street))
