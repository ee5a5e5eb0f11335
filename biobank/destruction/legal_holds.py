"""Legal holds on an order: placed and lifted by compliance, an event of the order and of each piece of it."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid, NotFound
from biobank.core.moments import to_text
from biobank.core.personal_shapes import names_nobody
from biobank.core.tables import HIGHEST_NUMBER
from biobank.custody.hold_checks import hold_named
from biobank.custody.many_holds import lift_holds
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind
from biobank.custody.steps import Attempt
from biobank.destruction import checks
from biobank.destruction.choices import UNFINISHED, OrderState
from biobank.destruction.clock import hold_its_lines, keep_time, reason_of
from biobank.destruction.models import DestructionLine, DestructionOrder, LegalHold
from biobank.destruction.operations import note_event
from biobank.destruction.pauses import LONGEST_REFERENCE, HeldBecause, LiftedBecause
from biobank.destruction.queries import legal_holds_of, lines_of, locked_order, order_seen_by, orders_seen_by
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.participants.operations import lock
from biobank.participants.own_names import own_name_is_not_in

BY_THE_ORDER = reason_of(0).removesuffix("0")
AS_ITS_PARENT = "as its parent "
"""How the hold of something begins that was made of a held piece."""


class LegalHoldUnknown(NotFound):
    title = "Legal hold unknown"


class LegalHoldRefused(Invalid):
    title = "Legal hold refused"


class NothingToHold(Conflict):
    title = "Nothing to hold"


class LiftedBefore(Conflict):
    title = "Lifted already"


class HeldWithItsOrder(Conflict):
    title = "Held with its order"


def place_legal_hold(work: Work, by: Actor, order: str, because: HeldBecause, reference: str) -> LegalHold:
    """Nothing of the order is destroyed any more and its clock stands still, until the hold is lifted.

    Raises `OrderUnknown`, `OnlyCompliance`, `NothingToHold`, `LegalHoldRefused`, `NamesSomebody`,
    `OwnNameWritten`.
    """
    found = _held_still(work, by, order_seen_by(work, by, order).id)
    if OrderState(found.state) not in UNFINISHED:
        raise NothingToHold(
            f"Order {printed(found.identifier)} is {found.state}: nothing of it is to be destroyed. A piece "
            "that is left is held by itself."
        )
    told = _reference(work, by, found, reference)
    hold = LegalHold(
        order_id=found.id,
        reason=because.value,
        reference=told,
        placed_at=moments.now(),
        placed_by=by.person,
    )
    return legal_hold_numbered(work, by, put_on(work, found, hold, by=by))


def put_on(work: Work, order: DestructionOrder, hold: LegalHold, *, by: Actor, **came: Any) -> int:
    """Store a legal hold and hold every piece of its order, which the caller has locked; gives its number.

    `came` is told with the entry of one that is made again.
    """
    told = {"because": hold.reason, "reference": hold.reference, "placed_at": to_text(hold.placed_at)}
    told["recorded_by"] = hold.placed_by
    work.session.add(hold)
    order.legal_hold = True
    work.flush()
    number, held = hold.id, hold_its_lines(work, order, by=by)
    order = locked_order(work, order.id)
    content = {"hold": number, "pieces": held, **told, **came}
    note_event(work, order, "legal_hold_placed", by, legal_hold=True, **content, **keep_time(work, order))
    return number


def lift_legal_hold(work: Work, by: Actor, number: int, because: LiftedBecause, reference: str) -> LegalHold:
    """Take the hold off the order and off its pieces, but for those that another one covers.

    Raises `LegalHoldUnknown`, `OnlyCompliance`, `LiftedBefore`, `LegalHoldRefused`, `NamesSomebody`.
    """
    order = _held_still(work, by, legal_hold_numbered(work, by, number).order_id)
    hold = legal_hold_numbered(work, by, number)
    if hold.lifted_at is not None:
        raise LiftedBefore(f"Legal hold {number} was lifted by {hold.lifted_by} already.")
    told = _reference(work, by, order, reference)
    hold.lifted_at, hold.lifted_by = moments.now(), by.person
    hold.lifted_because, hold.lift_reference = because.value, told
    take_off(work, order, hold, by=by)
    return legal_hold_numbered(work, by, number)


def take_off(work: Work, order: DestructionOrder, hold: LegalHold, *, by: Actor, **came: Any) -> None:
    """Free what only this hold kept, which says already why it is lifted. The caller has locked the order.

    `came` is told with the entry of one that is lifted again.
    """
    number = hold.id
    told = {"because": hold.lifted_because, "reference": hold.lift_reference, "recorded_by": hold.lifted_by}
    order.legal_hold = any(each.lifted_at is None for each in legal_holds_of(work, order))
    work.flush()
    freed = lift_holds(work, list(_freed(work, order)), HoldKind.LEGAL, f"{reason_of(number)} lifted", by=by)
    order = locked_order(work, order.id)
    content = {"hold": number, "pieces": freed, **told, **came}
    still = order.legal_hold
    note_event(work, order, "legal_hold_lifted", by, legal_hold=still, **content, **keep_time(work, order))


def legal_hold_numbered(work: Work, by: Actor, number: int) -> LegalHold:
    """Of an order that somebody may see. Raises `LegalHoldUnknown`."""
    seen = orders_seen_by(by).with_only_columns(DestructionOrder.id)
    asked = select(LegalHold).where(LegalHold.id == number, LegalHold.order_id.in_(seen))
    hold = work.session.scalar(asked) if 0 < number <= HIGHEST_NUMBER else None
    if hold is None:
        raise LegalHoldUnknown("There is no legal hold of that number; look at the order it stands on.")
    return hold


def _held_still(work: Work, by: Actor, order_id: int) -> DestructionOrder:
    """The participant first, as every step that destroys does; then the order."""
    checks.compliance_decides(by, "A legal hold is placed and lifted by compliance; ask them.")
    lock(work, work.session.get_one(DestructionOrder, order_id).participant)
    return locked_order(work, order_id)


def _reference(work: Work, by: Actor, order: DestructionOrder, text: str) -> str:
    told = text.strip()
    if not told or len(told) > LONGEST_REFERENCE:
        raise LegalHoldRefused(
            f"Give the reference by which the paper is found, up to {LONGEST_REFERENCE} characters.",
            field="reference",
        )
    names_nobody("reference", told)
    own_name_is_not_in(work, by, order.participant, told, "reference")
    return told


def _freed(work: Work, order: DestructionOrder) -> Iterator[int]:
    """Pieces that only this order's holds kept, and what was made of them while they were held."""
    if order.legal_hold:
        return
    numbers = [line.item_id for line in lines_of(work, order)]
    others = _kept_by_others(work, order, numbers)
    standing = select(Item.id, Item.identifier, Hold.reason).join(Hold, Hold.item_id == Item.id)
    standing = standing.where(Item.id.in_(numbers), Hold.kind == HoldKind.LEGAL.value)
    freed: set[str] = set()
    rows = work.session.execute(standing.where(Hold.lifted_sequence.is_(None)).order_by(Item.id))
    for number, identifier, reason in rows:  # a child is younger than its parents
        of_a_freed_one = reason.startswith(AS_ITS_PARENT) and reason.removeprefix(AS_ITS_PARENT) in freed
        if number not in others and (reason.startswith(BY_THE_ORDER) or of_a_freed_one):
            freed.add(identifier)
            yield number


def _kept_by_others(work: Work, order: DestructionOrder, numbers: list[int]) -> set[int]:
    """What lies on another order that is under a legal hold too, such as a pool."""
    question = (
        select(DestructionLine.item_id)
        .join(DestructionOrder, DestructionOrder.id == DestructionLine.order_id)
        .where(DestructionOrder.id != order.id, DestructionOrder.legal_hold)
        .where(DestructionLine.item_id.in_(numbers))
    )
    return set(work.session.scalars(question))


def keeps_the_hold_of_its_order(work: Work, attempt: Attempt) -> None:
    """Wired before `release`: what is held with its order is freed with it, not piece by piece."""
    if HoldKind.LEGAL not in attempt.holds or attempt.details.get("hold") is None:
        return
    if hold_named(attempt, HoldKind.DISCREPANCY) is not HoldKind.LEGAL:
        return
    orders = (
        select(DestructionOrder.identifier)
        .join(DestructionLine, DestructionLine.order_id == DestructionOrder.id)
        .where(DestructionLine.item_id == attempt.item.id, DestructionOrder.legal_hold)
    )
    order = work.session.scalar(orders.limit(1))
    if order is not None:
        raise HeldWithItsOrder(
            f"{printed(attempt.item.identifier)} is held with order {printed(order)}; lift the legal hold "
            "of the order.",
            item=attempt.item.identifier,
        )
