"""Destruction orders: opened by a decision, kept up with every event, and linked to another code."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import insert

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.destruction.choices import UNFINISHED, Ceremony, OrderState, Settlement
from biobank.destruction.clock import hold_its_lines, keep_time, start_clock
from biobank.destruction.inputs import Ordered
from biobank.destruction.line_ends import Outlook, brought_up_to_date, missed_the_ceremony
from biobank.destruction.models import DestructionLine, DestructionOrder
from biobank.destruction.pooling import kept_by_policy
from biobank.destruction.queries import (
    batches_of,
    came_back_after,
    covered_specimens,
    current_order,
    lines_of,
    lines_of_item,
    locked_order,
    orders_of,
    specimens_of_person,
    standing_orders,
)
from biobank.items.identifiers import Letter, new_identifier
from biobank.items.models import Item
from biobank.items.queries import items_numbered, participants_behind
from biobank.ledger.operations import append_to
from biobank.participants.queries import codes_of


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


def account_for(work: Work, order: DestructionOrder, *, by: Actor, at_decision: bool = False) -> None:
    """Recompute an order's lines from the items as they are; what changed is one event of the order.

    The caller holds the order (`locked_order`). A closed order that changed is open again: its certificate
    no longer says all. `at_decision`: what is new came with a decision, and not late.
    """
    specimens = specimens_of_person(work, order.participant)
    listed = {line.item_id for line in lines_of(work, order)}
    added = [item for item in _reached(work, order, specimens) if item.id not in listed]
    _add_lines(work, order, added, late=not at_decision)
    theirs = frozenset(item.id for item in specimens)
    _follow(work, order, lines_of(work, order), theirs, added, at_decision=at_decision, by=by)


def account_for_one(work: Work, order: DestructionOrder, item_id: int, *, by: Actor) -> None:
    """The same after a step that can have changed nothing but this item: of its line alone.

    A scan of one of thousands does not wait for the others; closing goes through all of them again.
    """
    lines = [line for line in lines_of_item(work, item_id) if line.order_id == order.id]
    of_person = set(participants_behind(work, item_id)) & set(codes_of(work, order.participant))
    _follow(work, order, lines, frozenset({item_id} if of_person else ()), by=by)


def _follow(
    work: Work,
    order: DestructionOrder,
    of_order: Sequence[DestructionLine],
    theirs: frozenset[int],
    added: Sequence[Item] = (),
    *,
    at_decision: bool = False,
    by: Actor,
) -> None:
    """Let these lines say how their items ended, and the order and its clock what follows from it."""
    lines = {line.item_id: line for line in of_order}
    items = items_numbered(work, lines)
    known = frozenset(item.id for item in added) if at_decision else frozenset[int]()
    until = came_back_after(work, order.participant, order.reaches_until)
    outlook = Outlook(order, theirs, known, until, kept_by_policy(work, order, items))
    changed: dict[str, str | None] = {}
    for item in items:
        line = lines[item.id]
        if brought_up_to_date(work, outlook, line, item):
            changed[item.identifier] = line.outcome
    work.flush()
    missed = any(missed_the_ceremony(order, lines[item.id], item) for item in items)
    if missed:
        _settle_anew(order)
    if added or changed or missed:
        _note_lines(work, order, [item.identifier for item in added], changed, by)
    _keep_time(work, order, by)


def _keep_time(work: Work, order: DestructionOrder, by: Actor) -> None:
    """What joined a held order is held too; the clock stops or goes on as the lines ask for."""
    hold_its_lines(work, order, by=by)
    told = keep_time(work, order)
    if told:
        note_event(work, order, "clock", by, **told)


def _reached(work: Work, order: DestructionOrder, specimens: Sequence[Item]) -> list[Item]:
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
        specimens,
        left=any(each.left for each in together),
        decided_at=max(each.reaches_until for each in together),
        until=until,
    )
    return [item for item in covered if item.id not in elsewhere]


def _until(work: Work, order: DestructionOrder) -> datetime | None:
    return came_back_after(work, order.participant, order.reaches_until)


def _add_lines(work: Work, order: DestructionOrder, added: Sequence[Item], *, late: bool) -> None:
    now = moments.now()
    rows = [{"order_id": order.id, "item_id": item.id, "added_at": now, "late": late} for item in added]
    if rows:
        work.session.execute(insert(DestructionLine), rows)


def _note_lines(
    work: Work, order: DestructionOrder, added: list[str], changed: Mapping[str, str | None], by: Actor
) -> None:
    reopens = order.state == OrderState.CLOSED
    if reopens:
        _reopen(work, order)
    if order.state == OrderState.OPEN and batches_of(work, order):
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
