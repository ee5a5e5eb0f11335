"""The record that compliance signs who accepts a custodian's word."""

from biobank.core.database import Work
from biobank.custodians.models import Attestation, AttestedPiece
from biobank.custodians.queries import pieces_attested, subject_of
from biobank.destruction.models import DestructionOrder, WasteBatch
from biobank.destruction.outside_records import told, way_told
from biobank.destruction.queries import bag_of, lines_of_item
from biobank.destruction.signed_records import Record
from biobank.items.models import Item
from biobank.ledger.canonical import sha256_of


def attestation_record(work: Work, attestation: Attestation) -> tuple[Record, str]:
    """What compliance accepts, and its SHA-256."""
    record: Record = {
        "record": "attestation",
        "attestation": subject_of(attestation),
        **told(attestation),
        "batch": _bag(work, attestation),
        "received_by": attestation.received_by,
        "pieces": [_piece(work, piece) for piece in pieces_attested(work, attestation)],
    }
    return record, sha256_of(record)


def _bag(work: Work, attestation: Attestation) -> str | None:
    if attestation.batch_id is None:
        return None
    return bag_of(work, work.session.get_one(WasteBatch, attestation.batch_id)).identifier


def _piece(work: Work, piece: AttestedPiece) -> Record:
    item = work.session.get_one(Item, piece.item_id)
    orders = [work.session.get_one(DestructionOrder, line.order_id) for line in lines_of_item(work, item.id)]
    return {
        "item": item.identifier,
        "kind": item.kind,
        "specification": item.specification,
        "orders": [order.identifier for order in orders],
        **way_told(piece),
    }
