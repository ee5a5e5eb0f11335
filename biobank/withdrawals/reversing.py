"""A decision taken back by its participant, while the hold window lasts and nothing of it is carried out."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.destruction.cancelling import cancel_order, destroyed_under, in_waste_under
from biobank.destruction.choices import OrderState
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import locked_order, standing_orders
from biobank.items.identifiers import printed
from biobank.messages.operations import queue_message
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import participant_seen_by, periods_of
from biobank.withdrawals import checks
from biobank.withdrawals.choices import SignedKind
from biobank.withdrawals.holding import bring_up_to_date, hold_what_is_theirs, restate
from biobank.withdrawals.inputs import Change
from biobank.withdrawals.models import RecordedDecision, SignedChange
from biobank.withdrawals.operations import addressee
from biobank.withdrawals.queries import standing_decisions
from biobank.withdrawals.records import Shown, reversal_record
from biobank.withdrawals.two_people import About, signed_by_two

STILL_POSSIBLE = (
    "Still possible: a new consent, with which the participant takes part again, or, if this was entered for "
    "the wrong participant, the path for decisions entered by mistake."
)


@dataclass(frozen=True)
class Reversible:
    """What a reversal takes back: decisions from the first that removes or destroys, and their order."""

    decisions: list[RecordedDecision]
    order: DestructionOrder | None
    until: datetime


def reversible(work: Work, participant: Participant) -> Reversible:
    """Raises `NotForThem` when nothing is to be taken back, `TooLate` with what is still possible."""
    decisions = _of_this_period(work, participant.code)
    order = next(
        (order for order in reversed(standing_orders(work, participant.code)) if _is_of(order, decisions)),
        None,
    )
    first = _first(decisions, order)
    if first is None:
        raise checks.NotForThem(
            f"{participant.code} asked neither to remove nor to destroy anything; an answer that is still "
            "open is given by a further decision."
        )
    window = timedelta(days=work.settings.hold_window_days)
    until = order.hold_until if order else first.recorded_at + window
    _in_time(work, participant, order, until)
    return Reversible([each for each in decisions if each.id >= first.id], order, until)


def _of_this_period(work: Work, code: str) -> list[RecordedDecision]:
    periods = periods_of(work, code)
    began = periods[-1].recorded_at if periods else None
    return [each for each in standing_decisions(work, code) if began is None or each.recorded_at > began]


def _is_of(order: DestructionOrder, decisions: list[RecordedDecision]) -> bool:
    return order.decision in {decision.id for decision in decisions}


def _first(decisions: list[RecordedDecision], order: DestructionOrder | None) -> RecordedDecision | None:
    strict = [
        decision
        for decision in decisions
        if decision.samples == SamplesAnswer.DESTROY or decision.information == InformationAnswer.REMOVE
    ]
    if order is not None:
        strict = [decision for decision in strict if decision.id >= order.decision]
    return strict[0] if strict else None


def _in_time(work: Work, participant: Participant, order: DestructionOrder | None, until: datetime) -> None:
    gone = destroyed_under(work, order) if order else []
    if gone or (order is not None and order.state == OrderState.CLOSED):
        raise checks.TooLate(
            f"{len(gone)} of the samples of {participant.code} are destroyed already; this cannot be taken "
            f"back. {STILL_POSSIBLE}"
        )
    bags = in_waste_under(work, order) if order else []
    if bags:
        raise checks.TooLate(
            f"{len(bags)} pieces lie in waste; take them out first, then take the decision back while the "
            "hold window lasts."
        )
    if moments.now() > until:
        raise checks.TooLate(
            f"The hold window ended on {until:%Y-%m-%d %H:%M} UTC; this cannot be taken back. "
            f"{STILL_POSSIBLE}"
        )


def shown_for_reversal(work: Work, participant: Participant) -> tuple[Reversible, Shown]:
    found = reversible(work, participant)
    return found, reversal_record(work, participant, found.decisions, found.order)


def reverse(work: Work, change: Change, *, by: Actor) -> SignedChange:
    """Take a decision back with two signatures: the order is cancelled and the tubes can be used again.

    The participant stands where they stood before that decision. Raises `ParticipantUnknown`, `NotForThem`,
    `TooLate`, `PapersMissing`, `RecordChanged`, `SamePerson`, `OnlyCompliance` and what `sign` raises.
    """
    participant = lock(work, participant_seen_by(work, by, change.participant).code)
    checks.told_well(work, change)
    checks.own_name_is_unwritten(work, by, participant.code, change)
    checks.may_decide(participant, change)
    found, shown = shown_for_reversal(work, participant)
    order = locked_order(work, found.order.id) if found.order else None
    about = About(decisions=tuple(found.decisions), order=order.identifier if order else None)
    kept = signed_by_two(work, by, SignedKind.REVERSAL, change, participant, shown, about)
    take_back(work, participant, order, kept, by=by)
    tell_of_change(work, by, participant, kept, "decision_reversed", change.language)
    return kept


def take_back(
    work: Work, participant: Participant, order: DestructionOrder | None, kept: SignedChange, *, by: Actor
) -> None:
    """What follows from a reversal that is stored; the caller has locked participant and order."""
    if order is not None:
        signatures = (kept.first_signature, kept.second_signature)
        cancel_order(work, order, by=by, because="reversed", signatures=signatures)
    restate(work, participant)
    hold_what_is_theirs(work, participant, by=by, lifted_because="reversed")
    bring_up_to_date(work, participant.code, by=by)


def tell_of_change(
    work: Work, by: Actor, participant: Participant, kept: SignedChange, template: str, language: str
) -> None:
    """One message about what two people signed."""
    queue_message(
        work,
        by,
        about=f"change:{kept.id}",
        participant=participant.code,
        addressee=addressee(work, participant, kept.requested_by),
        template=template,
        language=language,
        context={
            "decisions": sorted(kept.undone),
            "order": printed(kept.order_identifier) if kept.order_identifier else None,
            "left": participant.left,
        },
    )
