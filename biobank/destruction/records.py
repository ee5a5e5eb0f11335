"""The records that people sign: canonical JSON of an order and of a batch, and their SHA-256."""

from collections.abc import Mapping, Sequence

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.moments import text_or_none, to_text
from biobank.custody.models import Hold
from biobank.custody.queries import newest_events
from biobank.custody.states import HoldKind
from biobank.destruction.choices import Ceremony, Settlement
from biobank.destruction.models import DestructionLine, DestructionOrder, WasteBatch
from biobank.destruction.outside_records import ended_outside, returned_record
from biobank.destruction.queries import (
    bag_of,
    batches_of,
    legal_holds_of,
    lines_of,
    parents_among,
    pieces_of,
    signature_numbered,
    specimens_of_person,
)
from biobank.destruction.signed_records import Record, signed_by
from biobank.items.identifiers import Letter
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.ledger.canonical import sha256_of


def batch_record(work: Work, batch: WasteBatch) -> tuple[Record, str]:
    """What performer and witness sign, and its SHA-256."""
    bag = bag_of(work, batch)
    record: Record = {
        "record": "waste_batch",
        "batch": bag.identifier,
        "site": bag.site,
        **_way_of(batch),
        "pieces": [_piece(work, item) for item in pieces_of(work, batch)],
    }
    return record, sha256_of(record)


def _way_of(batch: WasteBatch) -> Record:
    return {
        "method": batch.method,
        "cycle": batch.cycle,
        "place": batch.place,
        "pieces_counted": batch.pieces_counted,
        "destroyed_at": text_or_none(batch.destroyed_at),
        "zone": batch.zone,
        "offset_minutes": batch.offset_minutes,
        **_contractor(batch),
    }


def _contractor(batch: WasteBatch) -> Record:
    """Left out of what was destroyed here: such records are as they always were."""
    if batch.contractor is None:
        return {}
    return {
        "contractor": batch.contractor,
        "manifest": batch.manifest,
        "handed_over_at": text_or_none(batch.handed_over_at),
    }


def _piece(work: Work, item: Item) -> Record:
    orders = work.session.scalars(
        select(DestructionOrder.identifier)
        .join(DestructionLine, DestructionLine.order_id == DestructionOrder.id)
        .where(DestructionLine.item_id == item.id, DestructionLine.batch_id.is_not(None))
        .order_by(DestructionOrder.id),
    )
    return {
        "item": item.identifier,
        "kind": item.kind,
        "specification": item.specification,
        "participant": item.participant,
        "orders": list(orders),
    }


def order_record(work: Work, order: DestructionOrder) -> tuple[Record, str]:
    """What compliance confirms and the certificate states, and its SHA-256."""
    lines = lines_of(work, order)
    items = {item.id: item for item in items_numbered(work, [line.item_id for line in lines])}
    batches = {batch.id: bag_of(work, batch).identifier for batch in batches_of(work, order)}
    parents = _parents(work, order, list(items))
    record: Record = {
        "record": "destruction_order",
        "order": order.identifier,
        "participant": order.participant,
        "ordered": _ordered(order),
        "handling": _handling(order),
        "legal_holds": _under_legal_hold(work, list(items)),
        "legal_hold_periods": _legal_hold_periods(work, order),
        "lines": [_line(work, line, items[line.item_id], batches, parents) for line in lines],
        "batches": [_signed_batch(work, batch) for batch in batches_of(work, order)],
    }
    return record, sha256_of(record)


def _ordered(order: DestructionOrder) -> Record:
    return {
        "decision": order.decision,
        "leaves": order.left,
        "information": order.information,
        "samples": order.samples,
        "requested_by": order.requested_by,
        "capacity": order.capacity,
        "channel": order.channel,
        "decided_at": to_text(order.decided_at),
        "recorded_at": to_text(order.decision_recorded_at),
        "hold_until": to_text(order.hold_until),
    }


def _handling(order: DestructionOrder) -> Record:
    """The instruction and how it was settled. That nobody wanted one looks like that nobody was asked."""
    settled = order.ceremony_settled
    if settled == Settlement.HELD or (order.ceremony == Ceremony.YES and settled is None):
        return {
            "instruction": "ceremony",
            "settled": settled,
            "settled_at": text_or_none(order.ceremony_settled_at),
        }
    return {"instruction": "none", "settled": None, "settled_at": None}


def _under_legal_hold(work: Work, numbers: Sequence[int]) -> list[str]:
    """Items of the order on which a legal hold stands."""
    standing = (Hold.kind == HoldKind.LEGAL.value, Hold.lifted_sequence.is_(None))
    question = (
        select(Item.identifier).join(Hold, Hold.item_id == Item.id).where(Item.id.in_(numbers), *standing)
    )
    return list(work.session.scalars(question.order_by(Item.id)))


def _legal_hold_periods(work: Work, order: DestructionOrder) -> list[Record]:
    """From when to when a legal hold stood on the order; whose and why stays with compliance."""
    return [
        {"placed_at": to_text(hold.placed_at), "lifted_at": text_or_none(hold.lifted_at)}
        for hold in legal_holds_of(work, order)
    ]


def _parents(work: Work, order: DestructionOrder, numbers: Sequence[int]) -> dict[int, list[str]]:
    """What each piece was made of, as far as it is the participant's own: a pool has others' too."""
    own = {item.id: item.identifier for item in specimens_of_person(work, order.participant)}
    pairs = parents_among(work, numbers)
    return {child: [own[each] for each in sorted(parents) if each in own] for child, parents in pairs.items()}


def _line(
    work: Work,
    line: DestructionLine,
    item: Item,
    batches: Mapping[int, str],
    parents: Mapping[int, list[str]],
) -> Record:
    return {
        "item": item.identifier,
        "kind": item.kind,
        "specification": item.specification,
        "parents": parents.get(item.id, []),
        "volume_microlitres": item.volume_microlitres,
        "state": item.state,
        "last_place": last_place(work, item),
        "late": line.late,
        "outcome": line.outcome,
        "grade": line.grade,
        "event": line.outcome_sequence,
        "occurred_at": text_or_none(line.outcome_at),
        "batch": batches.get(line.batch_id) if line.batch_id else None,
        **ended_outside(work, line, item),
    }


def last_place(work: Work, item: Item) -> Record | None:
    """Where it lay last, waste bags apart; None where that was never told."""
    for event in newest_events(work, item.identifier):
        place = event.get("place")
        if place and not place.startswith(Letter.WASTE):
            return {"place": place, "position": event.get("position")}
    return None


def _signed_batch(work: Work, batch: WasteBatch) -> Record:
    return {
        "batch": bag_of(work, batch).identifier,
        "state": batch.state,
        **_way_of(batch),
        "record_sha256": batch_record(work, batch)[1],
        "performer": signed_by(signature_numbered(work, batch.performer_signature)),
        "witness": signed_by(signature_numbered(work, batch.witness_signature)),
        **({"returned": returned_record(work, batch)} if batch.contractor else {}),
    }
