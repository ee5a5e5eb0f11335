"""Recording a decision: standing, holds, order and message in one transaction."""

from datetime import date, timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told, to_text
from biobank.destruction.choices import Ceremony
from biobank.destruction.inputs import Ordered
from biobank.destruction.models import DestructionOrder
from biobank.destruction.operations import order_destruction
from biobank.items.identifiers import printed
from biobank.ledger.operations import append_to
from biobank.messages.operations import queue_message
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import codes_of, participant_seen_by, subject_of
from biobank.visits.answers import erase_safety_answers
from biobank.withdrawals import checks
from biobank.withdrawals.choices import information_after, is_undecided, samples_after
from biobank.withdrawals.contents import decision_content
from biobank.withdrawals.holding import hold_what_is_theirs, report_uses, restate
from biobank.withdrawals.inputs import Asking, Decision
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.queries import deaths_of


def withdraw(work: Work, decision: Decision, *, by: Actor) -> RecordedDecision:
    """Record what a participant decided, with all that follows, or nothing of it.

    Raises `ParticipantUnknown`, `DecidedInTheFuture`, `LooksLikeAName`, `OwnNameWritten`, `WhoAsksMissing`,
    `SomebodyElsesCode`, `PapersMissing`, `ReversalNeeded`; never anything about a tube.
    """
    participant = lock(work, participant_seen_by(work, by, decision.participant).code)
    checks.told_well(work, decision)
    checks.asks_under_own_code(work, participant, decision)
    checks.own_name_is_unwritten(work, by, participant.code, decision)
    checks.may_decide(participant, decision)
    checks.reverses_nothing(work, participant, decision)
    recorded = _append(work, participant, decision, by)
    carry_out(work, participant, recorded, language=decision.language, by=by)
    return recorded


def carry_out(
    work: Work, participant: Participant, recorded: RecordedDecision, *, language: str, by: Actor
) -> None:
    """What follows from a decision that is stored: standing, holds, order and message.

    The caller has locked the participant.
    """
    restate(work, participant)
    hold_what_is_theirs(work, participant, by=by)
    order = None
    if recorded.samples == SamplesAnswer.DESTROY:
        order = order_destruction(work, participant.code, ordered(recorded), by=by)
    if recorded.information == InformationAnswer.REMOVE:
        erase_safety_answers(work, participant.code, by=by)
    report_uses(work, participant, by=by)
    _confirm(work, participant, recorded, order, language, by)


def asked_columns(asked: Asking, by: Actor) -> dict[str, Any]:
    """Columns of who asked, how and when, and of who enters it now."""
    return {
        "requested_by": asked.requested_by.strip(),
        "capacity": asked.capacity.value,
        "channel": asked.channel.value,
        "evidence": (asked.evidence or "").strip() or None,
        **times_told(asked.decided_at),
        "recorded_at": moments.now(),
        "recorded_by": by.person,
    }


def times_told(at: Told) -> dict[str, Any]:
    return {"decided_at": at.at, "zone": at.zone, "offset_minutes": at.offset_minutes}


def _append(work: Work, participant: Participant, decision: Decision, by: Actor) -> RecordedDecision:
    asked = asked_columns(decision, by)
    recorded = RecordedDecision(
        participant=participant.code,
        leaves=decision.leaves,
        information=decision.information.value,
        samples=decision.samples.value,
        proved=checks.is_proved(participant, decision),
        ceremony=decision.ceremony.value,
        due_on=_due_on(work, decision, asked["recorded_at"].date()),
        **asked,
    )
    work.session.add(recorded)
    work.flush()
    append_to(
        work,
        subject=subject_of(participant.code),
        kind="decision",
        content=decision_content(recorded),
        recorded_at=recorded.recorded_at,
    )
    return recorded


def _due_on(work: Work, decision: Decision, today: date) -> date | None:
    if not is_undecided(decision.information, decision.samples):
        return None
    return today + timedelta(days=work.settings.undecided_due_days)


def ordered(recorded: RecordedDecision) -> Ordered:
    """What its destruction order keeps of a decision."""
    return Ordered(
        decision=recorded.id,
        left=recorded.leaves,
        information=recorded.information,
        samples=recorded.samples,
        requested_by=recorded.requested_by,
        capacity=recorded.capacity,
        channel=recorded.channel,
        ceremony=Ceremony(recorded.ceremony),
        decided_at=recorded.decided_at,
        recorded_at=recorded.recorded_at,
    )


def _confirm(
    work: Work,
    participant: Participant,
    recorded: RecordedDecision,
    order: DestructionOrder | None,
    language: str,
    by: Actor,
) -> None:
    """Queue the one message."""
    information, samples = InformationAnswer(recorded.information), SamplesAnswer(recorded.samples)
    queue_message(
        work,
        by,
        about=f"decision:{recorded.id}",
        participant=participant.code,
        addressee=addressee(work, participant, recorded.requested_by),
        template="decision_confirmed",
        language=language,
        context={
            "leaves": recorded.leaves,
            # What holds now: no later answer takes back an earlier *remove* or *destroy*.
            "information": information_after(participant.information, information).value,
            "samples": samples_after(participant.samples, samples).value,
            "decided_at": to_text(recorded.decided_at),
            "order": printed(order.identifier) if order else None,
            "hold_until": to_text(order.hold_until) if order else None,
            "due_on": recorded.due_on.isoformat() if recorded.due_on else None,
        },
    )


def addressee(work: Work, participant: Participant, requested_by: str) -> str:
    """Who is told: the participant; of one who died whoever asked, or else whoever told of the death."""
    if not (participant.deceased or participant.deceased_on):
        return participant.code
    if requested_by not in (*codes_of(work, participant.code), "participant"):
        return requested_by
    deaths = deaths_of(work, participant.code)
    return deaths[-1].requested_by if deaths else requested_by
