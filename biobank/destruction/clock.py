"""The clock of an order: it stands still under a legal hold and while a ceremony is waited for."""

from datetime import datetime, timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.custody.many_holds import place_holds
from biobank.custody.states import HoldKind
from biobank.destruction.choices import UNFINISHED, LineEnd, OrderState
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import has_a_held_line, is_unsettled, legal_holds_of, lines_of
from biobank.ledger.queries import entries_of

MAY_TURN_UP = frozenset({None, LineEnd.LOST, LineEnd.NEVER_RECEIVED})
"""Ends of lines of which there may still be something to keep."""


def start_clock(work: Work, order: DestructionOrder) -> None:
    """From now it runs; what has to be done until then is said in the settings."""
    order.due_at = moments.now() + timedelta(days=work.settings.order_overdue_days)


def keep_time(work: Work, order: DestructionOrder) -> dict[str, Any]:
    """Stop the clock or let it go on, by the time it stood later; gives what the log says of the change."""
    still = OrderState(order.state) in UNFINISHED and _stands_still(work, order)
    if still and order.paused_at is None:
        order.paused_at = _still_since(work, order)
        return {"paused_at": to_text(order.paused_at)}
    if not still and order.paused_at is not None:
        order.due_at += moments.now() - order.paused_at
        order.paused_at = None
        return {"paused_at": None, "due_at": to_text(order.due_at)}
    return {}


def _still_since(work: Work, order: DestructionOrder) -> datetime:
    """Now; or when it was opened, of one that waited for a ceremony before clocks were kept."""
    if not is_unsettled(order) or order.legal_hold:
        return moments.now()
    told = {entry.event.get("change") for entry in entries_of(work, order.identifier)}
    return moments.now() if told & CHANGED_SINCE else order.opened_at


CHANGED_SINCE = frozenset({"clock", "extended", "ceremony_settled", "reopened"})
"""Changes of an order after which nobody can say that it waited all the time."""


def _stands_still(work: Work, order: DestructionOrder) -> bool:
    """A legal hold on one piece alone stops it too: the order cannot be closed without that piece."""
    return order.legal_hold or is_unsettled(order) or has_a_held_line(work, order)


def hold_its_lines(work: Work, order: DestructionOrder, *, by: Actor) -> int:
    """Let what an order under a legal hold lists be held too, also what joined it since; gives how many."""
    if not order.legal_hold:
        return 0
    newest = [hold for hold in legal_holds_of(work, order) if hold.lifted_at is None][-1]
    numbers = [line.item_id for line in lines_of(work, order) if line.outcome in MAY_TURN_UP]
    return place_holds(work, numbers, HoldKind.LEGAL, reason_of(newest.id), by=by)


def reason_of(number: int) -> str:
    """Why a piece is held, on the piece: by which hold; what it is about stands with the order alone."""
    return f"legal_hold:{number}"
