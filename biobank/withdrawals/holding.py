"""Holds and orders follow what a participant decided and what happened to their items."""

from collections.abc import Mapping
from datetime import datetime

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.custody.holds import open_discrepancy
from biobank.custody.locking import lock_in_order
from biobank.custody.many_holds import lift_holds, place_holds
from biobank.custody.models import Discrepancy, Hold
from biobank.custody.queries import happened_at, item_by_id, newest_events
from biobank.custody.states import HoldKind, State
from biobank.destruction.operations import account_for, account_for_one, link_orders
from biobank.destruction.queries import locked_order, parents_among, specimens_of_person, standing_orders
from biobank.discrepancies.choices import REPORTABLE
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import participants_behind
from biobank.participants.models import Participant
from biobank.participants.queries import codes_of, participant_named
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.queries import spans_of, standing_decisions
from biobank.withdrawals.standing import Spans, newest_answers, span_at

WITHDRAWN = "withdrawn"
COLLECTED_AFTER = "collected_after_decision"
NOT_GIVEN = frozenset({State.EXPECTED, State.NOT_COLLECTED, State.VOIDED})
USED_UP = frozenset({State.CONSUMED, State.DISTRIBUTED})
"""Ends by which material was used for good."""


def restate(work: Work, participant: Participant) -> None:
    """Let the stored standing be what was decided; the caller has locked the participant."""
    spans = spans_of(work, participant.code)
    decisions = standing_decisions(work, participant.code)
    newest = decisions[-1] if decisions else None
    participant.left = spans[-1].left_at is not None
    participant.information, participant.samples = newest_answers(spans)
    participant.decided_at = newest.decided_at if newest else None
    participant.decision_recorded_at = newest.recorded_at if newest else None
    work.flush()


def hold_what_is_theirs(
    work: Work, participant: Participant, *, by: Actor, lifted_because: str = "answered_keep"
) -> None:
    """Place the withdrawal holds that the participant's standing asks for, and lift those it no longer does.

    The caller has locked the participant, or holds an item of theirs.
    """
    specimens = specimens_of_person(work, participant.code)
    wanted = reasons(work, spans_of(work, participant.code), specimens)
    held = _held(work, [item.id for item in specimens])
    free = held - wanted.keys()
    free -= _wanted_by_others(work, participant, free)
    lock_in_order(work, free | (wanted.keys() - held))
    for reason in sorted(set(wanted.values())):
        numbers = [number for number, why in wanted.items() if why == reason and number not in held]
        if numbers:
            place_holds(work, numbers, HoldKind.WITHDRAWAL, reason, by=by)
    if free:
        lift_holds(work, sorted(free), HoldKind.WITHDRAWAL, lifted_because, by=by)


def _wanted_by_others(work: Work, participant: Participant, numbers: set[int]) -> set[int]:
    """What somebody else's standing holds too: a pool is held for each whose material is in it."""
    own, kept = set(codes_of(work, participant.code)), set[int]()
    for number in sorted(numbers):
        for code in participants_behind(work, number):
            if code not in own and number not in kept:
                spans, theirs = spans_of(work, code), specimens_of_person(work, code)
                kept |= {number} & reasons(work, spans, theirs).keys()
    return kept


def reasons(work: Work, spans: Spans, specimens: list[Item]) -> dict[int, str]:
    """Why each specimen may not be used, by item; what was made of something shares its reason."""
    parents = parents_among(work, [item.id for item in specimens])
    wanted: dict[int, str] = {}
    for item in specimens:  # a child is younger than its parents and comes after them
        theirs = [wanted[parent] for parent in sorted(parents.get(item.id, ())) if parent in wanted]
        reason = theirs[0] if theirs else None if item.id in parents else reason_for(spans, item)
        if reason is not None:
            wanted[item.id] = reason
    return wanted


def reason_for(spans: Spans, item: Item) -> str | None:
    """Why a tube may not be used. Of one that was drawn nobody knows when, the strictest answer holds."""
    if item.collected_at is not None:
        span = span_at(spans, item.collected_at)
        if span.left_at is not None and item.collected_at > span.left_at:
            return COLLECTED_AFTER
        return WITHDRAWN if span.use_blocked else None
    asked = spans[-1:] if item.state in NOT_GIVEN else spans
    return WITHDRAWN if any(span.use_blocked for span in asked) else None


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


def report_uses(work: Work, participant: Participant, *, by: Actor) -> None:
    """Open a case for everything that was used up after a decision that blocks its use, once each."""
    decisions = [each for each in standing_decisions(work, participant.code) if _blocks(each)]
    if not decisions:
        return
    specimens = specimens_of_person(work, participant.code)
    blocked = reasons(work, spans_of(work, participant.code), specimens)
    for number in [item.id for item in specimens if State(item.state) in USED_UP and item.id in blocked]:
        _report_use(work, number, decisions[0], by)


def _blocks(decision: RecordedDecision) -> bool:
    return (decision.information, decision.samples) != ("keep", "keep")


def _report_use(work: Work, number: int, decision: RecordedDecision, by: Actor) -> None:
    item = item_by_id(work, number)
    used_at = _used_at(work, item.identifier)
    known = work.session.scalars(select(Discrepancy.kind).where(Discrepancy.item_id == number)).all()
    if used_at is None or used_at <= decision.decided_at or set(known) & USES_REPORTED.keys():
        return
    how = "distributed" if item.state is State.DISTRIBUTED else "used"
    kind = f"{how}_before_entry" if used_at <= decision.recorded_at else f"{how}_after_decision"
    sentence = f"{printed(item.identifier)}: {REPORTABLE[kind].lower()}."
    open_discrepancy(work, item, kind, sentence, by=by)


USES_REPORTED: Mapping[str, str] = {
    kind: word for kind, word in REPORTABLE.items() if kind.startswith(("used_", "distributed_"))
}


def _used_at(work: Work, identifier: str) -> datetime | None:
    """When its last material went; nobody is accused where nobody said when."""
    events = newest_events(work, identifier)
    ending = next((event for event in events if event["from"] != event["to"]), None)
    return happened_at(ending) if ending else None


def bring_up_to_date(work: Work, code: str, *, by: Actor) -> None:
    """Let a participant's holds and orders follow what happened to their items.

    The orders of a code that was linked since go over first.
    """
    participant = participant_named(work, code)
    if participant.code != code:
        link_orders(work, by, provisional=code, code=participant.code)
    hold_what_is_theirs(work, participant, by=by)
    for number in [order.id for order in standing_orders(work, participant.code)]:
        account_for(work, locked_order(work, number), by=by)
    report_uses(work, participant, by=by)


def bring_line_up_to_date(work: Work, code: str, item_id: int, *, by: Actor) -> None:
    """The same after a step that can have changed nothing but one item: its line of each of their orders."""
    for number in [order.id for order in standing_orders(work, participant_named(work, code).code)]:
        account_for_one(work, locked_order(work, number), item_id, by=by)
