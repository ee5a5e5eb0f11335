"""Sending what is due, one message at a time: claimed, written down, handed to the mail server, settled.

The address is read once the mail server is ready, and is neither stored nor logged. What is killed
between the mail server's answer and our own commit is sent again after its claim is over, under the same
Message-ID.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select, update

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.core.errors import DatabaseUnavailable, DomainError
from biobank.identity.accesses import Access
from biobank.identity.inputs import Identity
from biobank.identity.operations import read_identity
from biobank.identity.service_questions import record_address
from biobank.messages import mail
from biobank.messages.choices import OF_THE_SERVER, ByPost, Outcome, Trouble, wait_after
from biobank.messages.models import Answer, Attempt, KeptText, Message
from biobank.messages.operations import move, note_change
from biobank.messages.queries import is_due, is_for_themselves, message_numbered, newest_attempt
from biobank.messages.states import WAITING, MessageState
from biobank.messages.words import ENGLISH, MessageText, WordsMissing, text_of
from biobank.participants.operations import lock
from biobank.participants.queries import participant_named, standing
from biobank.settings import Settings

log = logging.getLogger(__name__)
CLAIMED_FOR = 10
"""Times the seconds that a mail server may take for one answer; handing over takes five answers."""


@dataclass(frozen=True)
class Claimed:
    """A message that this worker alone may send, and the attempt that says so."""

    message: int
    attempt: int


@dataclass(frozen=True)
class Result:
    """What came of an attempt."""

    outcome: Outcome
    trouble: Trouble | None = None
    code: int | None = None
    text: int | None = None
    because: ByPost | None = None


def send_due(settings: Settings, by: Actor) -> list[Result]:
    """Send what is due, until nothing is, or the mail server has trouble that the next would meet as well.

    In transactions of its own. What nobody may be mailed is laid aside for paper. Without a mail server
    nothing is done.
    """
    results: list[Result] = []
    while mail.sends(settings) and (claimed := claim_next(by)) is not None:
        result = _tried(claimed, settings, by)
        with writing() as work:
            settle(work, by, claimed, result)
        results.append(result)
        if result.trouble in OF_THE_SERVER:
            break
    return results


def claim_next(by: Actor) -> Claimed | None:
    """The oldest that is due, for this worker alone, with its attempt written down; None: nothing is."""
    while (number := _oldest_due()) is not None:
        with writing() as work:
            message = message_numbered(work, number)
            because = _because_by_post(work, message)
            if because is not None:
                _lay_aside(work, by, message, because)
            elif _is_ours(work, number):
                return _begun(work, by, number)
    return None


def _oldest_due() -> int | None:
    oldest = select(Message.id).where(is_due(moments.now())).order_by(Message.id).limit(1)
    with reading() as work:
        return work.session.scalar(oldest)


def _because_by_post(work: Work, message: Message) -> ByPost | None:
    """What can be said without the vault."""
    if not is_for_themselves(work, message):
        return ByPost.ANOTHER
    died = standing(participant_named(work, message.participant)).died
    return ByPost.DIED if died else None


def _lay_aside(work: Work, by: Actor, message: Message, because: ByPost) -> None:
    lock(work, message.participant)
    message.by_post, message.trouble, message.due_at = because.value, None, None
    note_change(work, by, message, by_post=because.value)


def _is_ours(work: Work, number: int) -> bool:
    """Of several workers one alone changes the row; the others find that it is no longer due."""
    due = is_due(moments.now())
    claim = update(Message).where(Message.id == number, due).values(claimed_until=_until(work))
    changed = work.session.execute(claim.execution_options(synchronize_session=False))
    work.expire()
    return bool(getattr(changed, "rowcount", 0) == 1)


def _until(work: Work) -> datetime:
    return moments.now() + timedelta(seconds=CLAIMED_FOR * work.settings.smtp_timeout_seconds)


def _begun(work: Work, by: Actor, number: int) -> Claimed:
    message = message_numbered(work, number)
    attempt = Attempt(
        message_id=number,
        number=newest_attempt(work, message) + 1,
        begun_at=moments.now(),
        begun_by=by.person,
    )
    message.tries += 1
    work.session.add(attempt)
    work.flush()
    return Claimed(number, attempt.id)


def _tried(claimed: Claimed, settings: Settings, by: Actor) -> Result:
    """Whatever happens is a class of trouble: an exception's words could hold the address."""
    try:
        return _sent(claimed, settings, by)
    except mail.NotSent as refusal:
        outcome = Outcome.FAILED if refusal.for_good else Outcome.AGAIN
        return Result(outcome, refusal.trouble, refusal.code)
    except WordsMissing:
        return Result(Outcome.FAILED, Trouble.WORDS)
    except (DatabaseUnavailable, DomainError):
        return Result(Outcome.AGAIN, Trouble.VAULT)
    except Exception as problem:  # noqa: BLE001 (whatever it was, the message must not stay claimed)
        kind = type(problem).__name__
        log.error("Message %s could not be sent: %s.", claimed.message, kind)  # noqa: TRY400 (a traceback could hold an address)
        return Result(Outcome.AGAIN, Trouble.OURS)


def _sent(claimed: Claimed, settings: Settings, by: Actor) -> Result:
    with mail.connected(settings) as server:
        with writing() as work:
            access = _addressed(work, by, claimed)
        if not isinstance(access, Access):
            return Result(Outcome.BY_POST, because=access)
        with reading() as work:
            whom = read_identity(work, access)
        if not whom.email:
            return Result(Outcome.BY_POST, because=ByPost.NO_EMAIL)
        with writing() as work:
            text, kept = _kept(work, claimed, whom)
        try:
            mail.hand_to(server, _mail(text, claimed, whom.email, settings), settings)
        except mail.NotSent as refusal:
            outcome = Outcome.FAILED if refusal.for_good else Outcome.AGAIN
            return Result(outcome, refusal.trouble, refusal.code, kept)
        return Result(Outcome.SENT, code=mail.ACCEPTED, text=kept)


def _addressed(work: Work, by: Actor, claimed: Claimed) -> Access | ByPost:
    """That the address is read now; a death that was told since the claim is seen under the lock."""
    message = message_numbered(work, claimed.message)
    lock(work, message.participant)
    message = message_numbered(work, claimed.message, locked=True)
    attempt = work.session.get_one(Attempt, claimed.attempt)
    if MessageState(message.state) not in WAITING or attempt.number != newest_attempt(work, message):
        raise mail.NotSent(Trouble.OURS)
    message.claimed_until = _until(work)
    because = _because_by_post(work, message)
    if because is not None:
        return because
    return record_address(work, by, message.participant, message.id) or ByPost.NOT_IN_VAULT


def _kept(work: Work, claimed: Claimed, whom: Identity) -> tuple[MessageText, int]:
    """The words, kept before they leave. Raises `WordsMissing`."""
    message = message_numbered(work, claimed.message)
    language = language_for(message, whom.language)
    text = text_of(message, work.settings, language, for_another=False)
    return text, keep_text(work, message, text).id


def language_for(message: Message, of_the_vault: str | None) -> str:
    """English is what both say when nobody said otherwise: whichever was told something else is believed."""
    return message.language if message.language != ENGLISH else of_the_vault or ENGLISH


def keep_text(work: Work, message: Message, text: MessageText) -> KeptText:
    """Once, however often it is sent."""
    known = work.session.scalar(
        select(KeptText).where(KeptText.message_id == message.id, KeptText.sha256 == text.sha256)
    )
    if known is not None:
        return known
    kept = KeptText(
        message_id=message.id,
        version=text.version,
        language=text.language,
        subject=text.subject,
        body=text.body,
        sha256=text.sha256,
        made_at=moments.now(),
    )
    work.session.add(kept)
    work.flush()
    return kept


def _mail(text: MessageText, claimed: Claimed, to: str, settings: Settings) -> mail.Mail:
    return mail.Mail(
        to=to,
        subject=text.subject,
        body=text.body,
        language=text.language,
        message_id=mail.message_id(settings, claimed.message),
        at=moments.now(),
    )


def settle(work: Work, by: Actor, claimed: Claimed, result: Result) -> None:
    """Keep what came of an attempt, and let the message stand where that leaves it."""
    lock(work, message_numbered(work, claimed.message).participant)
    message = message_numbered(work, claimed.message, locked=True)
    attempt = work.session.get_one(Attempt, claimed.attempt)
    _keep_answer(work, claimed, result)
    waits = MessageState(message.state) in WAITING
    newest = attempt.number == newest_attempt(work, message)
    if newest:
        message.claimed_until = None
    if result.outcome is Outcome.SENT and waits:
        message.trouble = message.by_post = None
        move(work, by, message, MessageState.SENT, **_told_of_text(work, attempt, result))
    elif newest and message.state == MessageState.QUEUED:
        _not_sent(work, by, message, result)
    work.flush()


def _keep_answer(work: Work, claimed: Claimed, result: Result) -> None:
    answer = Answer(
        attempt_id=claimed.attempt,
        text_id=result.text,
        outcome=result.outcome.value,
        trouble=result.trouble.value if result.trouble else None,
        code=result.code,
        at=moments.now(),
    )
    work.session.add(answer)
    work.flush()


def _told_of_text(work: Work, attempt: Attempt, result: Result) -> dict[str, object]:
    text = work.session.get_one(KeptText, result.text)
    said = {"text_sha256": text.sha256, "text_version": text.version, "language": text.language}
    return {"attempt": attempt.number, **said}


def _not_sent(work: Work, by: Actor, message: Message, result: Result) -> None:
    message.trouble = result.trouble.value if result.trouble else None
    if result.because is not None:
        _lay_aside(work, by, message, result.because)
    elif result.outcome is Outcome.FAILED or message.tries >= work.settings.message_attempts:
        message.due_at = None
        move(work, by, message, MessageState.FAILED, trouble=message.trouble)
    else:
        message.due_at = moments.now() + wait_after(message.tries)
