"""What must hold before a decision is recorded. Nothing about a tube, and no reason: nobody owes one."""

import re
from contextlib import suppress
from datetime import timedelta

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.days import day_can_be
from biobank.core.errors import Conflict, DatabaseUnavailable, Forbidden, Invalid
from biobank.core.personal_shapes import names_nobody, readings
from biobank.destruction.queries import standing_orders
from biobank.participants.choices import SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.own_names import own_name_is_not_in
from biobank.participants.queries import codes_of
from biobank.withdrawals.choices import Capacity, is_reversal
from biobank.withdrawals.inputs import Asking, Decision
from biobank.withdrawals.queries import spans_of

LOOKS_LIKE_A_NAME = re.compile(r"@|\b[^\W\d_A-Z]*[A-Z][^\W\d_]*[a-z][^\W\d_]*\s+[A-Z][^\W\d_]*[a-z]")
"""An address, or two words in a row with a capital and a small letter each."""
DIGITS = re.compile(r"\d+")


class DecidedInTheFuture(Invalid):
    title = "Time in the future"


class LooksLikeAName(Invalid):
    title = "Codes only"


class WhoAsksMissing(Invalid):
    title = "Who asks"


class SomebodyElsesCode(Invalid):
    title = "Another participant"


class PapersMissing(Invalid):
    title = "Papers missing"


class ReversalNeeded(Conflict):
    title = "A reversal"


class NotWaiting(Conflict):
    title = "Not waiting"


class NotForThem(Conflict):
    title = "Not possible now"


class TooLate(Conflict):
    title = "Too late to take back"


class SamePerson(Forbidden):
    title = "Somebody else signs"


def told_well(work: Work, asked: Asking) -> None:
    """Raises `DecidedInTheFuture`, `DayRefused`, `WhoAsksMissing`, `LooksLikeAName`."""
    day_can_be("decided_at", asked.decided_at.at.date())
    not_in_the_future(asked, timedelta(minutes=work.settings.clock_skew_minutes))
    codes_only(asked)


def not_in_the_future(asked: Asking, skew: timedelta) -> None:
    if asked.decided_at.at > moments.now() + skew:
        raise DecidedInTheFuture(
            f"{asked.decided_at.at:%Y-%m-%d %H:%M} UTC has not come yet; check when it was decided.",
            field="decided_at",
        )


def codes_only(asked: Asking) -> None:
    """Raises `WhoAsksMissing`, `LooksLikeAName` (also for a text that is too long), `NamesSomebody`.

    Papers are numbered ("Form 7 Annex 2"); in who asks a digit stands between no two words with capitals.
    """
    if not asked.requested_by.strip():
        raise WhoAsksMissing(
            "Say by a code or a role who asks; for the participant, the participant code.",
            field="requested_by",
        )
    evidence = asked.evidence or ""
    for field, text, read, longest in (
        ("requested_by", asked.requested_by, DIGITS.sub("", asked.requested_by), 80),
        ("evidence", evidence, evidence, 120),
    ):
        if any(map(LOOKS_LIKE_A_NAME.search, readings(read))):
            raise LooksLikeAName(
                "This looks like a name or an address; write a code, a role or the number of a document.",
                field=field,
            )
        if len(text) > longest or not text.isprintable():
            raise LooksLikeAName(f"Write at most {longest} printable characters.", field=field)
    if set("<>") & set(asked.requested_by):
        raise LooksLikeAName("Write a code or a role, without < and >.", field="requested_by")
    names_nobody("requested_by", asked.requested_by)


def asks_under_own_code(work: Work, participant: Participant, asked: Asking) -> None:
    """A participant who asks does so under one of their own codes. Raises `SomebodyElsesCode`."""
    told = asked.requested_by.strip().upper()
    if asked.capacity is not Capacity.PARTICIPANT:
        return
    if not re.fullmatch(work.settings.participant_code_pattern, told):
        return
    if told not in codes_of(work, participant.code):
        raise SomebodyElsesCode(
            f"{told} is no code of {participant.code}; give the participant's own code, or say in which "
            "other capacity somebody asks.",
            field="requested_by",
        )


def own_name_is_unwritten(work: Work, by: Actor, participant: str, asked: Asking) -> None:
    """Of a participant that the caller has locked. A vault that is away keeps nobody from leaving.

    Nor does a role that is somebody's name as well. Raises `OwnNameWritten`.
    """
    role = asked.requested_by.strip().casefold().replace(" ", "_") in set(Capacity)
    for field, text in (("requested_by", None if role else asked.requested_by), ("evidence", asked.evidence)):
        with suppress(DatabaseUnavailable):
            own_name_is_not_in(work, by, participant, text, field)


def acts_for_themselves(participant: Participant, capacity: Capacity) -> bool:
    """Participants, and the guardians of minors, need no papers to withdraw at any time."""
    return capacity is Capacity.PARTICIPANT or (capacity is Capacity.GUARDIAN and participant.minor is True)


def is_proved(participant: Participant, asked: Asking) -> bool:
    """Whether who asks may: for themselves, or by papers that are named and were accepted."""
    if acts_for_themselves(participant, asked.capacity):
        return True
    return bool((asked.evidence or "").strip()) and asked.proved is not False


def may_decide(participant: Participant, decision: Asking) -> None:
    """Raises `PapersMissing`: such a request is recorded as one that waits."""
    if not is_proved(participant, decision):
        raise PapersMissing(
            "Who asks for somebody else shows papers; without them the request waits and nothing is done. "
            "Name the document, or record it as a request that waits.",
            field="evidence",
        )


def reverses_nothing(work: Work, participant: Participant, decision: Decision) -> None:
    """What was to be removed or destroyed is kept again only by the path that two people take."""
    newest = spans_of(work, participant.code)[-1]
    back = is_reversal(newest.information, newest.samples, decision.information, decision.samples)
    if back:
        told = f"information is {_past(newest.information)} and samples are {_past(newest.samples)}"
    elif decision.samples is SamplesAnswer.KEEP and _window_lasts(work, participant.code):
        told = "samples are destroyed"  # by somebody who stays: it reaches only what was given by then
    else:
        return
    raise ReversalNeeded(
        f"{participant.code} decided before that {told}; only compliance and a second person reverse that, "
        "and only while the hold window lasts. Call compliance now. Leaving can be recorded at once with "
        "answers that are not decided.",
        participant=participant.code,
    )


def _window_lasts(work: Work, code: str) -> bool:
    """Of an order of somebody who stays: of who left, the answers themselves are compared."""
    orders = [order for order in standing_orders(work, code) if not order.left and order.closed_at is None]
    return any(order.hold_until > moments.now() for order in orders)


def _past(answer: str | None) -> str:
    return {"keep": "kept", "remove": "removed", "destroy": "destroyed"}.get(answer or "", "not decided on")
