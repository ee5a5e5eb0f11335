"""Destruction orders: opened by a decision, kept up with every event, and linked to another code."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.custody.queries import happened_at, newest_events
from biobank.custody.states import LIVE, Kind, State
from biobank.destruction.choices import (
    CALLED_DESTROYED,
    ENDS_BY_TIME,
    UNFINISHED,
    BatchState,
    Ceremony,
    LineEnd,
    OrderState,
    Settlement,
    Specimen,
    outcome_of,
)
from biobank.destruction.clock import hold_its_lines, keep_time, start_clock
from biobank.destruction.inputs import Ordered
from biobank.destruction.models import DestructionLine, DestructionOrder, WasteBatch
from biobank.destruction.outside import attested_end, grade_of
from biobank.destruction.pooling import kept_by_policy
from biobank.destruction.queries import (
    batch_of_bag,
    came_back_after,
    covered_specimens,
    current_order,
    lines_of,
    locked_order,
    orders_of,
    specimens_of_person,
    standing_orders,
)
from biobank.items.identifiers import Letter, new_identifier
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.ledger.operations import append_to

FALSELY_DESTROYED = "A piece that was called destroyed was found."
DESTROYED_FOR_ANOTHER = "A piece that was destroyed turned out to be another participant's."


def note_event(work: Work, order: DestructionOrder, change: str, by: Actor, **content: Any) -> None:
    """Append to the order's own history; every entry says in which state the order is after it."""
    append_to(
        work,
        subject=order.identifier,
        kind="order",
        content={"change": change, "state": order.state, "recorded_by": by.person, **content},
    )


def order_destruction(work: Work, participant: str, ordered: Ordered, *, by: Actor) -> DestructionOrder:
    """Open an order, or extend the one that is still open. The caller has locked the participant.

    Who came back and decides again gets an order of their own for it: the old one goes on as it was.
    """
    standing = current_order(work, participant)
    if standing is not None and _is_extended_by(work, standing, ordered):
        order = locked_order(work, standing.id)
        _extend(order, ordered)
        note_event(work, order, "extended", by, **(_told(order) | {"decision": ordered.decision}))
        account_for(work, order, by=by, at_decision=True)
        return order
    order = _opened(work, participant, ordered)
    note_event(work, order, "opened", by, participant=participant, **_told(order))
    account_for(work, order, by=by, at_decision=True)
    return order


def _is_extended_by(work: Work, standing: DestructionOrder, ordered: Ordered) -> bool:
    came_back = came_back_after(work, standing.participant, standing.reaches_until)
    same_period = came_back is None or ordered.decided_at < came_back
    return OrderState(standing.state) in UNFINISHED and same_period


def _extend(order: DestructionOrder, ordered: Ordered) -> None:
    """A further decision reaches further; its answer about a ceremony counts where it is one."""
    order.left = order.left or ordered.left
    order.reaches_until = max(order.reaches_until, ordered.decided_at)
    if ordered.ceremony is not Ceremony.UNANSWERED:
        order.ceremony = ordered.ceremony.value
    if ordered.ceremony is Ceremony.YES and order.ceremony_settled == Settlement.NOT_WANTED:
        _settle_anew(order)


def _settle_anew(order: DestructionOrder) -> None:
    """What was settled about a ceremony no longer says all."""
    order.ceremony_settled = order.ceremony_settled_at = None


def _opened(work: Work, participant: str, ordered: Ordered) -> DestructionOrder:
    window = timedelta(days=work.settings.hold_window_days)
    order = DestructionOrder(
        identifier=new_identifier(Letter.ORDER),
        participant=participant,
        state=OrderState.OPEN.value,
        opened_at=ordered.recorded_at,
        hold_until=ordered.recorded_at + window,
        due_at=ordered.recorded_at + timedelta(days=work.settings.order_overdue_days),
        decision=ordered.decision,
        left=ordered.left,
        information=ordered.information,
        samples=ordered.samples,
        requested_by=ordered.requested_by,
        capacity=ordered.capacity,
        channel=ordered.channel,
        decided_at=ordered.decided_at,
        reaches_until=ordered.decided_at,
        decision_recorded_at=ordered.recorded_at,
        ceremony=ordered.ceremony.value,
    )
    work.session.add(order)
    work.flush()
    return order


def _told(order: DestructionOrder) -> dict[str, Any]:
    return {
        "decision": order.decision,
        "left": order.left,
        "decided_at": to_text(order.decided_at),
        "reaches_until": to_text(order.reaches_until),
        "hold_until": to_text(order.hold_until),
        "ceremony": order.ceremony,
        "ceremony_settled": order.ceremony_settled,
        "due_at": to_text(order.due_at),
    }


@dataclass(frozen=True)
class Outlook:
    """What is the same for every line of an order while it is gone through."""

    order: DestructionOrder
    theirs: frozenset[int]
    """Items that are of the order's participant, or made of theirs."""
    known: frozenset[int]
    """Items that came onto the order with a decision just now."""
    until: datetime | None
    """When the participant came back."""
    kept: frozenset[int]
    """Pools that the programme keeps."""


def account_for(work: Work, order: DestructionOrder, *, by: Actor, at_decision: bool = False) -> None:
    """Recompute an order's lines from the items as they are; what changed is one event of the order.

    The caller holds the order (`locked_order`). A closed order that changed is open again: its certificate
    no longer says all. `at_decision`: what is new came with a decision, and not late.
    """
    lines = {line.item_id: line for line in lines_of(work, order)}
    added = [item for item in _reached(work, order) if item.id not in lines]
    new = {item.id for item in added}
    for item in added:
        lines[item.id] = _new_line(work, order, item, late=not at_decision)
    theirs = frozenset(item.id for item in specimens_of_person(work, order.participant))
    until = came_back_after(work, order.participant, order.reaches_until)
    items = items_numbered(work, lines)
    kept = kept_by_policy(work, order, items)
    outlook = Outlook(order, theirs, frozenset(new if at_decision else ()), until, kept)
    changed: dict[str, str | None] = {}
    for item in items:
        line = lines[item.id]
        if _brought_up_to_date(work, outlook, line, item):
            changed[item.identifier] = line.outcome
    work.flush()
    missed = any(_missed_the_ceremony(order, lines[item.id], item) for item in items)
    if missed:
        _settle_anew(order)
    if added or changed or missed:
        _note_lines(work, order, [item.identifier for item in added], changed, by)
    _keep_time(work, order, by)


def _missed_the_ceremony(order: DestructionOrder, line: DestructionLine, item: Item) -> bool:
    """A tube that came after it was held; what was made of a tube was there with the tube."""
    if order.ceremony_settled != Settlement.HELD or order.ceremony_settled_at is None:
        return False
    is_here = item.kind == Kind.TUBE and State(item.state) in LIVE
    return is_here and line.added_at > order.ceremony_settled_at


def _keep_time(work: Work, order: DestructionOrder, by: Actor) -> None:
    """What joined a held order is held too; the clock stops or goes on as the lines ask for."""
    hold_its_lines(work, order, by=by)
    told = keep_time(work, order)
    if told:
        note_event(work, order, "clock", by, **told)


def _reached(work: Work, order: DestructionOrder) -> list[Item]:
    """What the order has to answer for: new material goes onto the newest order of a participant alone."""
    others = [other for other in standing_orders(work, order.participant) if other.id != order.id]
    if any(other.id > order.id for other in others):
        return []
    elsewhere = {line.item_id for other in others for line in lines_of(work, other)}
    until = _until(work, order)
    # Somebody who left may have something else destroyed later; what the leaving reaches stays reached.
    together = [order, *(one for one in others if _until(work, one) == until)]
    covered = covered_specimens(
        work,
        order.participant,
        left=any(each.left for each in together),
        decided_at=max(each.reaches_until for each in together),
        until=until,
    )
    return [item for item in covered if item.id not in elsewhere]


def _until(work: Work, order: DestructionOrder) -> datetime | None:
    return came_back_after(work, order.participant, order.reaches_until)


def _new_line(work: Work, order: DestructionOrder, item: Item, *, late: bool) -> DestructionLine:
    line = DestructionLine(order_id=order.id, item_id=item.id, added_at=moments.now(), late=late)
    work.session.add(line)
    return line


def _brought_up_to_date(work: Work, outlook: Outlook, line: DestructionLine, item: Item) -> bool:
    """Whether the line's end, or its bag, changed."""
    batch = _batch_around(work, line, item)
    is_theirs = item.id in outlook.theirs
    outcome = _end_of(work, outlook, line, item, batch) if is_theirs else LineEnd.LINKED_ELSEWHERE
    before = (line.outcome, line.batch_id)
    line.batch_id = batch.id if batch else None
    if outcome != line.outcome:
        _question_what_was_said(outlook.order, line, outcome)
        _set_outcome(work, line, item, outcome)
    return (line.outcome, line.batch_id) != before


def _batch_around(work: Work, line: DestructionLine, item: Item) -> WasteBatch | None:
    """The bag it lies in; once destroyed, the bag it went with."""
    if item.state == State.IN_WASTE and item.container_id is not None:
        return batch_of_bag(work, item.container_id)
    if item.state == State.DESTROYED and line.batch_id is not None:
        return work.session.get(WasteBatch, line.batch_id)
    return None


def _end_of(
    work: Work, outlook: Outlook, line: DestructionLine, item: Item, batch: WasteBatch | None
) -> LineEnd | None:
    state, order = State(item.state), outlook.order
    if line.outcome is not None and line.outcome in ENDS_BY_TIME.get(state, ()):
        return LineEnd(line.outcome)  # judged once, when it was new
    if line.outcome in (None, LineEnd.GIVEN_ANEW) and _is_given_anew(item, outlook.until):
        return LineEnd.GIVEN_ANEW
    if item.id in outlook.kept:
        return LineEnd.POOLED
    ended_at = _ending(work, item)[1] if state in ENDS_BY_TIME else None
    went = batch is not None and batch.state == BatchState.DESTROYED
    specimen = Specimen(state, ended_at, in_destroyed_batch=went, attested_as=attested_end(work, line, item))
    entered_at = order.decision_recorded_at
    was_known = item.id in outlook.known
    return outcome_of(specimen, order.decided_at, was_known=was_known, entered_at=entered_at)


def _is_given_anew(item: Item, until: datetime | None) -> bool:
    """A tube that was empty when its participant left, and was filled after they came back."""
    return until is not None and item.collected_at is not None and item.collected_at >= until


def _ending(work: Work, item: Item) -> tuple[int, datetime | None]:
    """The entry that brought the item into its state, and when that was, if anybody said."""
    events = newest_events(work, item.identifier)
    ending = next((event for event in events if event["from"] != event["to"]), events[-1])
    return ending["sequence"], happened_at(ending)


def _question_what_was_said(order: DestructionOrder, line: DestructionLine, outcome: LineEnd | None) -> None:
    if line.outcome in CALLED_DESTROYED:
        elsewhere = outcome is LineEnd.LINKED_ELSEWHERE
        order.in_question = DESTROYED_FOR_ANOTHER if elsewhere else FALSELY_DESTROYED


def _set_outcome(work: Work, line: DestructionLine, item: Item, outcome: LineEnd | None) -> None:
    if outcome is None:
        line.outcome = line.grade = line.outcome_sequence = line.outcome_at = None
        return
    line.outcome = outcome.value
    line.grade = grade_of(work, line, outcome).value
    line.outcome_sequence, line.outcome_at = _ending(work, item)


def _note_lines(
    work: Work, order: DestructionOrder, added: list[str], changed: Mapping[str, str | None], by: Actor
) -> None:
    reopens = order.state == OrderState.CLOSED
    if reopens:
        _reopen(work, order)
    in_waste = any(line.batch_id for line in lines_of(work, order))
    if order.state == OrderState.OPEN and in_waste:
        order.state = OrderState.IN_PROGRESS.value
    content: dict[str, Any] = {"added": added, "outcomes": dict(changed)}
    content["ceremony_settled"] = order.ceremony_settled
    if order.in_question:
        content["in_question"] = order.in_question
    if reopens:
        content["due_at"] = to_text(order.due_at)
    note_event(work, order, "reopened" if reopens else "lines", by, **content)


def _reopen(work: Work, order: DestructionOrder) -> None:
    """A late fact: the clock starts again, and a supplementary certificate will replace the one there is."""
    order.state, order.closed_at = OrderState.REOPENED.value, None
    start_clock(work, order)


def reopen_for_an_answer(work: Work, order: DestructionOrder, item: str, *, by: Actor) -> None:
    """The certificate of a closed order does not say what the holder of `item` answered since."""
    _reopen(work, order)
    told = {"due_at": to_text(order.due_at), "outcomes": {}, "holder_answered": item}
    note_event(work, order, "reopened", by, **told)


def link_orders(work: Work, by: Actor, *, provisional: str, code: str) -> list[DestructionOrder]:
    """Orders of a provisional code go on under the code that it turned out to be."""
    moved = [locked_order(work, order.id) for order in orders_of(work, provisional)]
    for order in moved:
        order.participant = code
        note_event(work, order, "linked", by, participant=code)
    return moved
