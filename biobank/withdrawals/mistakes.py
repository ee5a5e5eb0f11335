"""What was entered for the wrong participant, or of the wrong one, is corrected by two people at any time."""

from collections.abc import Mapping
from datetime import timedelta

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told, to_text
from biobank.custody.holds import open_discrepancy
from biobank.custody.queries import item_by_id
from biobank.custody.steps import Source
from biobank.destruction.cancelling import cancel_order, decisions_behind, destroyed_under
from biobank.destruction.choices import UNFINISHED, Ceremony, OrderState
from biobank.destruction.models import DestructionOrder
from biobank.destruction.operations import note_event, order_destruction
from biobank.destruction.queries import lines_of, locked_order, standing_orders
from biobank.discrepancies.choices import REPORTABLE
from biobank.items.identifiers import printed
from biobank.kits.operations import merge_participants
from biobank.participants.checks import two_codes
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import participant_named, participant_seen_by
from biobank.withdrawals import checks
from biobank.withdrawals.choices import Capacity, Channel, SignedKind
from biobank.withdrawals.deaths import messages_follow, restate_death
from biobank.withdrawals.holding import bring_up_to_date, hold_what_is_theirs, restate
from biobank.withdrawals.inputs import Change, Decision
from biobank.withdrawals.models import RecordedDecision, SignedChange
from biobank.withdrawals.operations import ordered, withdraw
from biobank.withdrawals.queries import death_numbered, deaths_of, decision_numbered, standing_decisions
from biobank.withdrawals.records import Shown, death_record, mistake_record, same_person_record
from biobank.withdrawals.reversing import tell_of_change
from biobank.withdrawals.two_people import About, signed_by_two

DESTROYED_BY_MISTAKE = "destroyed_by_mistake"


def orders_of_decision(work: Work, decision: RecordedDecision) -> list[DestructionOrder]:
    """The orders that a decision opened or extended."""
    if decision.samples != SamplesAnswer.DESTROY:
        return []
    code = participant_named(work, decision.participant).code
    return [each for each in standing_orders(work, code) if decision.id in decisions_behind(work, each)]


def shown_for_mistake(work: Work, by: Actor, number: int, other: str | None) -> Shown:
    """Raises `DecisionUnknown`, `ParticipantUnknown`."""
    decision = decision_numbered(work, by, number)
    whose = participant_seen_by(work, by, other).code if other else None
    return mistake_record(work, decision, orders_of_decision(work, decision), whose)


def correct_decision(work: Work, number: int, change: Change, *, by: Actor) -> SignedChange:
    """A decision was entered for the wrong participant; it counts no more, and goes to whose it is.

    At any time: what its order destroyed already becomes an incident each. Raises `DecisionUnknown`,
    `NotForThem`, `RecordChanged`, `SamePerson`, `OnlyCompliance` and what `sign` and `withdraw` raise.
    """
    decision = decision_numbered(work, by, number)
    checks.told_well(work, change)
    other = participant_seen_by(work, by, change.other).code if change.other else None
    participant = _locked(work, participant_named(work, decision.participant).code, other)
    checks.own_name_is_unwritten(work, by, participant.code, change)
    _still_counts(work, participant, decision)
    shown = shown_for_mistake(work, by, number, other)
    orders = [locked_order(work, order.id) for order in orders_of_decision(work, decision)]
    named = orders[-1].identifier if orders else None
    about = About(decisions=(decision,), other=other, order=named)
    kept = signed_by_two(work, by, SignedKind.MISTAKEN_DECISION, change, participant, shown, about)
    undo(work, participant, decision, orders, kept, by)
    tell_of_change(work, by, participant, kept, "decision_was_not_theirs", change.language)
    if other:
        withdraw(work, _again(decision, other, change.language), by=by)
    return kept


def _locked(work: Work, code: str, other: str | None) -> Participant:
    """Both, in one order, so that two corrections never wait for each other; gives the first."""
    if other == code:
        raise checks.NotForThem(
            f"{code} is whom it was entered for; give the other code, or none.", field="other"
        )
    locked = {each: lock(work, each) for each in sorted({code, other or code})}
    return locked[code]


def _still_counts(work: Work, participant: Participant, decision: RecordedDecision) -> None:
    if decision.id not in {each.id for each in standing_decisions(work, participant.code)}:
        raise checks.NotForThem(f"Decision {decision.id} counts no more already; nothing is left to correct.")


def undo(
    work: Work,
    participant: Participant,
    decision: RecordedDecision,
    orders: list[DestructionOrder],
    kept: SignedChange,
    by: Actor,
) -> None:
    """What follows from a correction that is stored; the caller has locked participant and orders."""
    for order in orders:
        _report_destroyed(work, order, decision, by)
        signatures = (kept.first_signature, kept.second_signature)
        cancel_order(work, order, by=by, because="entered_by_mistake", signatures=signatures)
    restate(work, participant)
    hold_what_is_theirs(work, participant, by=by, lifted_because="entered_by_mistake")
    for other in _still_ordered(work, participant, orders):
        order_destruction(work, participant.code, ordered(other), by=by)
    bring_up_to_date(work, participant.code, by=by)


def _report_destroyed(work: Work, order: DestructionOrder, decision: RecordedDecision, by: Actor) -> None:
    """What would not have been on the order without this decision and is gone: an incident each."""
    own = order.decision == decision.id
    since = {line.item_id for line in lines_of(work, order) if own or line.added_at >= decision.recorded_at}
    for item in destroyed_under(work, order):
        if item.id in since:
            sentence = f"{printed(item.identifier)}: {REPORTABLE[DESTROYED_BY_MISTAKE].lower()}."
            open_discrepancy(work, item_by_id(work, item.id), DESTROYED_BY_MISTAKE, sentence, by=by)


def _still_ordered(
    work: Work, participant: Participant, orders: list[DestructionOrder]
) -> list[RecordedDecision]:
    """Other decisions that the cancelled orders stood for: they get an order of their own, and a window."""
    behind = {number for order in orders for number in decisions_behind(work, order)}
    return [each for each in standing_decisions(work, participant.code) if each.id in behind]


def _again(decision: RecordedDecision, whose: str, language: str) -> Decision:
    """The same decision for whose it is, made when it was made."""
    of_themselves = decision.capacity == Capacity.PARTICIPANT
    return Decision(
        participant=whose,
        leaves=decision.leaves,
        information=InformationAnswer(decision.information),
        samples=SamplesAnswer(decision.samples),
        ceremony=Ceremony(decision.ceremony),
        requested_by=whose if of_themselves else decision.requested_by,
        capacity=Capacity(decision.capacity),
        channel=Channel(decision.channel),
        decided_at=Told(decision.decided_at, decision.zone, decision.offset_minutes),
        evidence=decision.evidence,
        proved=decision.proved,
        language=language,
    )


def correct_death(work: Work, number: int, change: Change, *, by: Actor) -> SignedChange:
    """A death was told by mistake; messages that were not sent yet go back to the participant.

    Raises `DeathUnknown`, `NotForThem`, `RecordChanged`, `SamePerson`, `OnlyCompliance`, what `sign` raises.
    """
    death = death_numbered(work, by, number)
    participant = lock(work, participant_named(work, death.participant).code)
    checks.told_well(work, change)
    checks.own_name_is_unwritten(work, by, participant.code, change)
    if death.id not in {each.id for each in deaths_of(work, participant.code)}:
        raise checks.NotForThem(f"Death {number} was taken back already; nothing is left to correct.")
    about = About(death_id=death.id)
    kind = SignedKind.MISTAKEN_DEATH
    kept = signed_by_two(work, by, kind, change, participant, death_record(death), about)
    restate_death(work, participant)
    messages_follow(work, participant, by=by)
    return kept


def shown_for_same_person(work: Work, by: Actor, code: str, into: str) -> Shown:
    """Raises `ParticipantUnknown`, `OneCodeOnly`."""
    one, other = participant_seen_by(work, by, code), participant_seen_by(work, by, into)
    two_codes(one, other)
    return same_person_record(work, one, other)


def merge_codes(work: Work, change: Change, *, by: Actor) -> SignedChange:
    """Two codes are one participant: `change.participant` goes on as `change.other`.

    Nothing is destroyed by it: both decisions stand, the stricter answer holds, and an order that reaches
    further through it begins its hold window anew. Raises `ParticipantUnknown`, `OneCodeOnly`,
    `RecordChanged`, `SamePerson`, `OnlyCompliance` and what `sign` raises.
    """
    checks.told_well(work, change)
    codes = [participant_seen_by(work, by, code).code for code in (change.participant, change.other or "")]
    locked = {code: lock(work, code) for code in sorted(set(codes))}  # in one order: nobody waits for nobody
    before, into = (locked[code] for code in codes)
    checks.own_name_is_unwritten(work, by, into.code, change)
    shown = shown_for_same_person(work, by, before.code, into.code)
    kind, about = SignedKind.SAME_PERSON, About(other=into.code)
    kept = signed_by_two(work, by, kind, change, before, shown, about)
    become_one(work, before, into, by=by)
    return kept


def become_one(work: Work, before: Participant, into: Participant, *, by: Actor) -> None:
    """What follows when two codes are signed to be one participant; the caller has locked both."""
    known = {order.id: len(lines_of(work, order)) for each in (before, into) for order in _orders(work, each)}
    target = merge_participants(work, before.code, into.code, by=by, source=Source("keyed"))
    restate(work, target)
    restate_death(work, target)
    _one_order_for_both(work, before.code, target, known, by)
    messages_follow(work, target, by=by)


def _orders(work: Work, participant: Participant) -> list[DestructionOrder]:
    return standing_orders(work, participant.code)


def _one_order_for_both(
    work: Work, before: str, target: Participant, known: Mapping[int, int], by: Actor
) -> None:
    """`known` says how many lines each order had before."""
    for code in (before, target.code):
        bring_up_to_date(work, code, by=by)
    for order in _orders(work, target):
        grew = len(lines_of(work, order)) > known.get(order.id, 0)
        if grew and OrderState(order.state) in UNFINISHED:
            order.hold_until = moments.now() + timedelta(days=work.settings.hold_window_days)
            note_event(work, order, "reaches_further", by, hold_until=to_text(order.hold_until))
