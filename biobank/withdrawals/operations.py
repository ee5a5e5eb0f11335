"""Recording a decision: standing, holds, order and message in one transaction."""

from datetime import date, datetime, timedelta

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.custody.holds import lift_hold, place_hold
from biobank.custody.models import Hold
from biobank.custody.queries import item_by_id
from biobank.custody.states import HoldKind
from biobank.destruction.inputs import Ordered
from biobank.destruction.models import DestructionOrder
from biobank.destruction.operations import account_for, link_orders, order_destruction
from biobank.destruction.queries import (
    covered_specimens,
    locked_order,
    specimens_of_person,
    standing_orders,
)
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.ledger.operations import append_to
from biobank.messages.operations import queue_message
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import participant_named, participant_seen_by, subject_of
from biobank.visits.answers import erase_safety_answers
from biobank.withdrawals import checks
from biobank.withdrawals.choices import blocks_use, information_after, is_undecided, samples_after
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.queries import left_at

WITHDRAWN = "withdrawn"
COLLECTED_AFTER = "collected_after_decision"


def withdraw(work: Work, decision: Decision, *, by: Actor) -> RecordedDecision:
    """Record what a participant decided, with all that follows, or nothing of it.

    Raises `ParticipantUnknown`, `DecidedInTheFuture`, `LooksLikeAName`, `WhoAsksMissing`, `EvidenceMissing`,
    `ReversalNeeded`; never anything about a tube.
    """
    participant = lock(work, participant_seen_by(work, by, decision.participant).code)
    at = moments.now()
    checks.not_in_the_future(decision, at, timedelta(minutes=work.settings.clock_skew_minutes))
    checks.codes_only(decision)
    checks.next_of_kin_shows_papers(decision)
    checks.reverses_nothing(participant, decision)
    recorded = _append(work, participant, decision, by)
    _set_standing(participant, decision, recorded)
    hold_what_is_theirs(work, participant, by=by)
    order = None
    if decision.samples is SamplesAnswer.DESTROY:
        order = order_destruction(work, participant.code, _ordered(decision, recorded), by=by)
    if decision.information is InformationAnswer.REMOVE:
        erase_safety_answers(work, participant.code, by=by)
    _confirm(work, participant, decision, recorded, order, by)
    return recorded


def _append(work: Work, participant: Participant, decision: Decision, by: Actor) -> RecordedDecision:
    at = moments.now()
    recorded = RecordedDecision(
        participant=participant.code,
        leaves=decision.leaves,
        information=decision.information.value,
        samples=decision.samples.value,
        requested_by=decision.requested_by.strip(),
        capacity=decision.capacity.value,
        ceremony=decision.ceremony.value,
        channel=decision.channel.value,
        decided_at=decision.decided_at.at,
        zone=decision.decided_at.zone,
        offset_minutes=decision.decided_at.offset_minutes,
        recorded_at=at,
        recorded_by=by.person,
        evidence=(decision.evidence or "").strip() or None,
        due_on=_due_on(work, decision, at.date()),
    )
    work.session.add(recorded)
    work.flush()
    append_to(
        work,
        subject=subject_of(participant.code),
        kind="decision",
        content=decision_content(recorded),
        recorded_at=at,
    )
    return recorded


def _due_on(work: Work, decision: Decision, today: date) -> date | None:
    if not is_undecided(decision.information, decision.samples):
        return None
    return today + timedelta(days=work.settings.undecided_due_days)


def decision_content(recorded: RecordedDecision) -> dict[str, object]:
    """What the ledger keeps of a decision; `verify` compares the two."""
    return {
        "decision": recorded.id,
        "leaves": recorded.leaves,
        "information": recorded.information,
        "samples": recorded.samples,
        "requested_by": recorded.requested_by,
        "capacity": recorded.capacity,
        "ceremony": recorded.ceremony,
        "channel": recorded.channel,
        "decided_at": to_text(recorded.decided_at),
        "zone": recorded.zone,
        "offset_minutes": recorded.offset_minutes,
        "recorded_by": recorded.recorded_by,
        "evidence": recorded.evidence,
        "due_on": recorded.due_on.isoformat() if recorded.due_on else None,
    }


def _set_standing(participant: Participant, decision: Decision, recorded: RecordedDecision) -> None:
    """The participant's standing: leaving is not undone by a later decision that leaves it out."""
    participant.left = participant.left or decision.leaves
    participant.information = information_after(participant.information, decision.information).value
    participant.samples = samples_after(participant.samples, decision.samples).value
    participant.decided_at = recorded.decided_at
    participant.decision_recorded_at = recorded.recorded_at


def _ordered(decision: Decision, recorded: RecordedDecision) -> Ordered:
    return Ordered(
        decision=recorded.id,
        left=recorded.leaves,
        information=recorded.information,
        samples=recorded.samples,
        requested_by=recorded.requested_by,
        capacity=recorded.capacity,
        channel=recorded.channel,
        ceremony=decision.ceremony,
        decided_at=recorded.decided_at,
        recorded_at=recorded.recorded_at,
    )


def _confirm(
    work: Work,
    participant: Participant,
    decision: Decision,
    recorded: RecordedDecision,
    order: DestructionOrder | None,
    by: Actor,
) -> None:
    """Queue the one message; of somebody who died, it goes to who asked."""
    queue_message(
        work,
        by,
        about=f"decision:{recorded.id}",
        participant=participant.code,
        addressee=recorded.requested_by if participant.deceased_on else participant.code,
        template="decision_confirmed",
        language=decision.language,
        context={
            "leaves": recorded.leaves,
            "information": recorded.information,
            "samples": recorded.samples,
            "decided_at": to_text(recorded.decided_at),
            "order": printed(order.identifier) if order else None,
            "hold_until": to_text(order.hold_until) if order else None,
            "due_on": recorded.due_on.isoformat() if recorded.due_on else None,
        },
    )


def hold_what_is_theirs(work: Work, participant: Participant, *, by: Actor) -> None:
    """Place the withdrawal holds that the participant's standing asks for, and lift those it no longer does.

    The caller has locked the participant, or holds an item of theirs.
    """
    wanted = _reasons(work, participant)
    specimens = specimens_of_person(work, participant.code)
    held = _held(work, [item.id for item in specimens])
    for number in [item.id for item in specimens]:
        if number in wanted and number not in held:
            place_hold(work, item_by_id(work, number), HoldKind.WITHDRAWAL, wanted[number], by=by)
        elif number in held and number not in wanted:
            lift_hold(work, item_by_id(work, number), HoldKind.WITHDRAWAL, "answered_keep", by=by)


def _reasons(work: Work, participant: Participant) -> dict[int, str]:
    """Why each specimen may not be used, by item."""
    if participant.decided_at is None or participant.information is None or participant.samples is None:
        return {}
    since = left_at(work, participant.code)
    wanted = {item.id: COLLECTED_AFTER for item in _collected_after(work, participant, since)}
    if blocks_use(InformationAnswer(participant.information), SamplesAnswer(participant.samples)):
        covered = covered_specimens(
            work, participant.code, left=participant.left, decided_at=participant.decided_at
        )
        wanted |= {item.id: WITHDRAWN for item in covered}
    return wanted


def _collected_after(work: Work, participant: Participant, since: datetime | None) -> list[Item]:
    """Drawn after leaving: not usable, even when the answer was to keep."""
    if since is None:
        return []
    return [
        item
        for item in specimens_of_person(work, participant.code)
        if item.collected_at is not None and item.collected_at > since
    ]


def _held(work: Work, numbers: list[int]) -> set[int]:
    return set(
        work.session.scalars(
            select(Hold.item_id).where(
                Hold.item_id.in_(numbers),
                Hold.kind == HoldKind.WITHDRAWAL.value,
                Hold.lifted_sequence.is_(None),
            ),
        ),
    )


def bring_up_to_date(work: Work, code: str, *, by: Actor) -> None:
    """Let a participant's holds and orders follow what happened to their items.

    The orders of a provisional code that was linked since go over first.
    """
    participant = participant_named(work, code)
    if participant.code != code:
        link_orders(work, by, provisional=code, code=participant.code)
    hold_what_is_theirs(work, participant, by=by)
    for number in [order.id for order in standing_orders(work, participant.code)]:
        account_for(work, locked_order(work, number), by=by)
