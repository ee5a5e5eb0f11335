"""Questions about what ends outside: how a custodian's word ends a line, and what of orders is out there."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import Select, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custodians.choices import PREFIX, code_in, custody_of
from biobank.custodians.models import Attestation, AttestedPiece, CustodianAsked
from biobank.custodians.queries import (
    AttestationUnknown,
    asked_about,
    attestation_numbered,
    attestations,
    attested,
    pieces_attested,
    waiting_for,
)
from biobank.custody.states import State
from biobank.destruction.choices import MAY_DESTROY, UNFINISHED, BatchState, Grade, LineEnd
from biobank.destruction.models import DestructionLine, DestructionOrder, WasteBatch
from biobank.destruction.queries import orders_seen_by, stage
from biobank.items.models import Item
from biobank.items.queries import items_numbered

ENDS_BY_GRADE = {
    Grade.ATTESTED: LineEnd.DESTROYED_BY_CUSTODIAN,
    Grade.REPORTED: LineEnd.REPORTED_BY_FILE,
}


def attested_end(work: Work, line: DestructionLine, item: Item) -> LineEnd | None:
    """How a destroyed specimen ended if compliance accepted its custodian's word since it is on the order."""
    if item.state != State.DESTROYED or line.batch_id is not None:
        return None
    found = attested(work, item.id)
    if found is None or found[2].decided_at < line.added_at:
        return None
    return ENDS_BY_GRADE[Grade(found[0].grade)]


def grade_of(work: Work, line: DestructionLine, outcome: LineEnd) -> Grade:
    """What our people saw is witnessed; what a contractor or custodian says is not."""
    if outcome is LineEnd.DESTROYED:
        batch = work.session.get(WasteBatch, line.batch_id) if line.batch_id else None
        return Grade.ATTESTED if batch is not None and batch.contractor else Grade.WITNESSED
    return next((grade for grade, end in ENDS_BY_GRADE.items() if end is outcome), Grade.RECORDED)


def others_attested(work: Work, item_id: int) -> tuple[Attestation, list[Item]] | None:
    """The accepted attestation of a specimen, and what else it names."""
    found = attested(work, item_id)
    if found is None:
        return None
    numbers = [piece.item_id for piece in pieces_attested(work, found[0]) if piece.item_id != item_id]
    return found[0], items_numbered(work, numbers)


def is_handed_over(batch: WasteBatch) -> bool:
    """Sealed before two of us and taken by the contractor, whose manifest did not return yet."""
    signed = batch.performer_signature is not None and batch.witness_signature is not None
    return batch.contractor is not None and signed and batch.state == BatchState.COUNTED


@dataclass(frozen=True)
class Outside:
    """One open line whose specimen is at a custodian: what it was asked, and what it said."""

    order: DestructionOrder
    item: Item
    custodian: str
    asked: CustodianAsked | None
    attestation: Attestation | None
    """That waits for compliance."""

    @property
    def may_be_destroyed(self) -> bool:
        return stage(self.order) in MAY_DESTROY

    @property
    def is_late(self) -> bool:
        """It was asked, and its time is over without a word."""
        return self.attestation is None and self.asked is not None and self.asked.due_at < moments.now()

    @property
    def is_to_be_asked(self) -> bool:
        """Nobody asked yet, or only to keep it, and now it may be destroyed or come back."""
        if self.attestation is not None:
            return False
        return self.asked is None or (self.asked.wanted == "keep_unused" and self.may_be_destroyed)


def outside_of_orders(work: Work, by: Actor, custodian: str | None = None) -> list[Outside]:
    """Open lines of specimens at custodians (or at one), those that are due first first."""
    orders = orders_seen_by(by).where(DestructionOrder.state.in_(sorted(UNFINISHED))).subquery()
    at = Item.custodian == custody_of(custodian) if custodian else Item.custodian.startswith(PREFIX)
    question = (
        select(DestructionLine, Item)
        .join(Item, Item.id == DestructionLine.item_id)
        .where(DestructionLine.order_id.in_(select(orders.c.id)), DestructionLine.outcome.is_(None))
        .where(Item.state == State.SENT_OUT.value, at)
    )
    rows = work.session.execute(question.order_by(DestructionLine.id)).all()
    asked = asked_about(work, [item.id for _, item in rows])
    found = [_outside(work, line, item, asked.get(item.id)) for line, item in rows]
    return sorted(found, key=lambda each: (each.order.due_at, each.item.id))


def _outside(work: Work, line: DestructionLine, item: Item, asked: CustodianAsked | None) -> Outside:
    order = work.session.get_one(DestructionOrder, line.order_id)
    mine = asked if asked is not None and asked.order_id == order.id else None
    return Outside(order, item, str(code_in(item.custodian)), mine, waiting_for(work, item.id))


def containers_outside(work: Work) -> Sequence[WasteBatch]:
    """Containers that a contractor has and whose manifest did not come back or was not accepted yet."""
    question = select(WasteBatch).where(
        WasteBatch.state == BatchState.COUNTED.value, WasteBatch.contractor.is_not(None)
    )
    return [
        batch for batch in work.session.scalars(question.order_by(WasteBatch.id)) if is_handed_over(batch)
    ]


def attestations_seen_by(by: Actor, *, waiting: bool | None = None) -> Select[Attestation]:
    """About a specimen on an order that `by` sees."""
    question = attestations(waiting=waiting)
    if by.sites is None:
        return question
    orders = orders_seen_by(by).subquery()
    theirs = (
        select(AttestedPiece.attestation_id)
        .join(DestructionLine, DestructionLine.item_id == AttestedPiece.item_id)
        .where(DestructionLine.order_id.in_(select(orders.c.id)))
    )
    return question.where(Attestation.id.in_(theirs))


def attestation_seen_by(work: Work, by: Actor, number: int) -> Attestation:
    """Raises `AttestationUnknown` also for one that has nothing to do with a site of `by`."""
    found = attestation_numbered(work, number)
    if work.session.scalar(attestations_seen_by(by).where(Attestation.id == found.id)) is None:
        raise AttestationUnknown(f"There is no attestation {number} about a specimen of your sites.")
    return found
