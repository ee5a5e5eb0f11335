"""The walk: where what is to be destroyed lies, place by place, and the orders for which nobody can walk."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from sqlalchemy import func, or_, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.rows import in_turns
from biobank.custody.states import State
from biobank.destruction.choices import MAY_DESTROY
from biobank.destruction.models import DestructionLine, DestructionOrder
from biobank.destruction.queries import (
    has_a_held_line,
    is_overdue,
    open_lines,
    stage,
    unfinished_orders,
)
from biobank.items.models import Item
from biobank.items.queries import items_numbered, place_path
from biobank.items.walking import door, natural
from biobank.shipments.choices import TRAVELLING_AT_MOST
from biobank.shipments.models import Shipment
from biobank.sites.queries import clinics

REACHABLE = frozenset({State.COLLECTED, State.RECEIVED, State.STORED, State.CHECKED_OUT})
TAKEN_CARE_OF = frozenset({State.IN_WASTE, State.SENT_OUT})
"""Open, and with somebody: in a bag that goes on, or with a custodian who is asked."""


class Instruction(StrEnum):
    """What is to be done with a piece where it is."""

    FETCH = "fetch"
    SHIP = "ship"
    """From the clinic to the biobank; it is destroyed there."""
    DESTROY_THERE = "destroy_there"


@dataclass(frozen=True)
class Pick:
    """One piece of the walk: where it lies, outermost place first, and for which order it is fetched."""

    item: Item
    path: tuple[Item, ...]
    orders: tuple[str, ...]
    clinic: str | None = None
    """The clinic that has it; empty at a biobank."""
    instruction: Instruction = Instruction.FETCH


def worklist(work: Work, orders: Sequence[DestructionOrder] | None = None) -> list[Pick]:
    """One walk through every place for `orders` (or all that may be destroyed now): freezer to position.

    What a clinic still has comes after what lies at a biobank, clinic by clinic.
    """
    chosen = unfinished_orders(work) if orders is None else orders
    wanted: dict[int, list[DestructionOrder]] = {}
    for order in chosen:
        if orders is not None or stage(order) in MAY_DESTROY:
            for line in open_lines(work, order):
                wanted.setdefault(line.item_id, []).append(order)
    codes = clinics(work)
    items = [item for item in items_numbered(work, wanted) if State(item.state) in REACHABLE]
    return sorted((_pick(work, item, wanted[item.id], codes) for item in items), key=_along_the_walk)


def _pick(work: Work, item: Item, orders: Sequence[DestructionOrder], clinics: frozenset[str]) -> Pick:
    site = (item.custodian or "").removeprefix("site:")
    clinic = site if site in clinics else None
    path, named = tuple(reversed(place_path(work, item))), tuple(order.identifier for order in orders)
    if clinic is None:
        return Pick(item, path, named)
    there = work.settings.clinics_destroy or any(order.at_clinics for order in orders)
    return Pick(item, path, named, clinic, Instruction.DESTROY_THERE if there else Instruction.SHIP)


def _along_the_walk(pick: Pick) -> tuple[Any, ...]:
    places = tuple(door(place) for place in pick.path)
    return pick.clinic or "", places, natural(pick.item.position or ""), pick.item.id


def orders_without_work(work: Work, by: Actor | None = None) -> list[DestructionOrder]:
    return without_work(work, unfinished_orders(work, by))


def has_no_work(work: Work, order: DestructionOrder) -> bool:
    """Whether it may be carried out, has open lines, and nobody can fetch any of them."""
    return bool(without_work(work, [order]))


def without_work(work: Work, orders: Sequence[DestructionOrder]) -> list[DestructionOrder]:
    """Orders that may be carried out and have open lines, of which nobody can fetch any: no success.

    What lies in a bag, travels in a parcel that is not late, is with a custodian outside or under a legal
    hold is taken care of.
    """
    ready = [order for order in orders if stage(order) in MAY_DESTROY]
    states = _states_of_open_lines(work, [order.id for order in ready])
    alone = [order for order in ready if order.id in states]
    unseen = [order for order in alone if not states[order.id] & (REACHABLE | TAKEN_CARE_OF)]
    return [
        order
        for order in unseen
        if not has_a_held_line(work, order) and not _has_a_line_on_its_way(work, order)
    ]


def _has_a_line_on_its_way(work: Work, order: DestructionOrder) -> bool:
    """In a parcel that is not late, or that has arrived and waits to be opened."""
    not_late = or_(Shipment.arrived_at.is_not(None), Shipment.dispatched_at > now() - TRAVELLING_AT_MOST)
    carried = (
        select(Item.id)
        .join(DestructionLine, DestructionLine.item_id == Item.id)
        .join(Shipment, Shipment.item_id == Item.container_id)
        .where(DestructionLine.order_id == order.id, DestructionLine.outcome.is_(None))
        .where(Item.state == State.IN_TRANSIT.value, not_late)
    )
    return work.session.scalar(carried.limit(1)) is not None


def _states_of_open_lines(work: Work, orders: Sequence[int]) -> dict[int, set[State]]:
    """Of each order that has one; in few questions, since the start page asks it of all orders."""
    found: dict[int, set[State]] = {}
    asked = select(DestructionLine.order_id, Item.state).join(Item, Item.id == DestructionLine.item_id)
    for some in in_turns(orders):
        theirs = asked.where(DestructionLine.order_id.in_(some), DestructionLine.outcome.is_(None))
        for order, state in work.session.execute(theirs.distinct()):
            found.setdefault(order, set()).add(State(state))
    return found


def count_late_lines(work: Work, orders: Sequence[DestructionOrder]) -> int:
    """How many lines without an end there are on those of `orders` that are overdue."""
    late = in_turns(order.id for order in orders if is_overdue(order))
    asked = select(func.count()).select_from(DestructionLine).where(DestructionLine.outcome.is_(None))
    return sum(work.session.scalar(asked.where(DestructionLine.order_id.in_(some))) or 0 for some in late)


def late_items(work: Work, order: DestructionOrder) -> list[str]:
    """Codes of what still has no end on an overdue order."""
    numbers = [line.item_id for line in open_lines(work, order)] if is_overdue(order) else []
    return [item.identifier for item in items_numbered(work, numbers)]
