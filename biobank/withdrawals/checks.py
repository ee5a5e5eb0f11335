"""What must hold before a decision is recorded. Nothing about a tube, and no reason: nobody owes one."""

import re
from datetime import datetime, timedelta

from biobank.core.errors import Conflict, Invalid
from biobank.participants.models import Participant
from biobank.withdrawals.choices import Capacity, is_reversal
from biobank.withdrawals.inputs import Decision

LOOKS_LIKE_A_NAME = re.compile(r"@|\b[^\W\d_A-Z]*[A-Z][^\W\d_]*[a-z][^\W\d_]*\s+[A-Z][^\W\d_]*[a-z]")
"""An address, or two words in a row with a capital and a small letter each."""


class DecidedInTheFuture(Invalid):
    title = "Time in the future"


class LooksLikeAName(Invalid):
    title = "Codes only"


class WhoAsksMissing(Invalid):
    title = "Who asks"


class EvidenceMissing(Invalid):
    title = "Evidence missing"


class ReversalNeeded(Conflict):
    title = "A reversal"


def not_in_the_future(decision: Decision, now: datetime, skew: timedelta) -> None:
    if decision.decided_at.at > now + skew:
        raise DecidedInTheFuture(
            f"{decision.decided_at.at:%Y-%m-%d %H:%M} UTC has not come yet; check when it was decided.",
            field="decided_at",
        )


def codes_only(decision: Decision) -> None:
    """Raises `WhoAsksMissing`, `LooksLikeAName`, `Invalid` for a text that is too long."""
    if not decision.requested_by.strip():
        raise WhoAsksMissing(
            "Say by a code or a role who asks; for the participant, the participant code.",
            field="requested_by",
        )
    for field, text, longest in (
        ("requested_by", decision.requested_by, 80),
        ("evidence", decision.evidence or "", 120),
    ):
        if LOOKS_LIKE_A_NAME.search(text):
            raise LooksLikeAName(
                "This looks like a name or an address; write a code, a role or the number of a document.",
                field=field,
            )
        if len(text) > longest or not text.isprintable():
            raise LooksLikeAName(f"Write at most {longest} printable characters.", field=field)


def next_of_kin_shows_papers(decision: Decision) -> None:
    if decision.capacity is Capacity.NEXT_OF_KIN and not (decision.evidence or "").strip():
        raise EvidenceMissing(
            "A request by next of kin waits for their papers; name the document, then record it.",
            field="evidence",
        )


def reverses_nothing(participant: Participant, decision: Decision) -> None:
    """What was to be removed or destroyed is kept again only by the path that two people take."""
    if is_reversal(participant.information, participant.samples, decision.information, decision.samples):
        raise ReversalNeeded(
            f"{participant.code} decided before that information is {_past(participant.information)} and "
            f"samples are {_past(participant.samples)}; only compliance and a second person reverse that, "
            "and only while the hold window lasts. Call compliance now.",
            participant=participant.code,
        )


def _past(answer: str | None) -> str:
    return {"keep": "kept", "remove": "removed", "destroy": "destroyed"}.get(answer or "", "not decided on")
