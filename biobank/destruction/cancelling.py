"""An order that counts no more: its decision was taken back, or was entered for the wrong participant."""

from collections.abc import Sequence

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.custody.states import State
from biobank.destruction.batches import forget_count
from biobank.destruction.choices import CALLED_DESTROYED, BatchState, OrderState
from biobank.destruction.models import DestructionOrder
from biobank.destruction.operations import note_event
from biobank.destruction.outside import is_handed_over
from biobank.destruction.queries import bag_of, batch_named, batches_of, lines_of
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.ledger.queries import entries_of

ORDERED_BY_MISTAKE = "The decision behind it was entered by mistake."


def decisions_behind(work: Work, order: DestructionOrder) -> set[int]:
    """The decision that opened an order, and those that extended it, as its own history tells."""
    events = [entry.event for entry in entries_of(work, order.identifier)]
    return {int(event["decision"]) for event in events if event.get("change") in ("opened", "extended")}


def destroyed_under(work: Work, order: DestructionOrder) -> list[Item]:
    """What this order destroyed, here or outside."""
    gone = [line.item_id for line in lines_of(work, order) if line.outcome in CALLED_DESTROYED]
    return list(items_numbered(work, gone))


def in_waste_under(work: Work, order: DestructionOrder) -> list[Item]:
    """What lies in a bag for this order, and can still be taken out."""
    items = items_numbered(work, [line.item_id for line in lines_of(work, order)])
    return [item for item in items if item.state == State.IN_WASTE]


def cancel_order(
    work: Work, order: DestructionOrder, *, by: Actor, because: str, signatures: Sequence[int]
) -> None:
    """End an order without destroying more; the caller holds it (`locked_order`).

    Counted bags with a piece of it are to be counted again, since nothing of it may go with them. What it
    destroyed stays destroyed, and its certificates are in question.
    """
    for batch in batches_of(work, order):
        if batch.state == BatchState.COUNTED and not is_handed_over(batch):
            locked, bag = batch_named(work, bag_of(work, batch).identifier, locked=True)
            forget_count(work, by, locked, bag)
    order.state = OrderState.CANCELLED.value
    if destroyed_under(work, order):
        order.in_question = ORDERED_BY_MISTAKE
    signed = [f"signature:{number}" for number in signatures]
    note_event(work, order, "cancelled", by, because=because, signatures=signed)
    work.flush()
