"""What the ledger says of every attestation, compared with what is stored."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.custodians.models import Attestation, CustodianAsked
from biobank.custodians.queries import end_of, subject_of
from biobank.destruction.attestation_records import attestation_record
from biobank.destruction.models import DestructionOrder
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import events_of_kind, fact_findings, wrong

NOT_ENDED: dict[str, Any] = {"accepted": None, "decided_by": None, "because": None, "signature": None}
NEVER_COMPARED = frozenset({"orders"})
"""On which orders a piece is changes with the orders."""


def attestation_findings(work: Work) -> Iterator[Finding]:
    """Each attestation that is not what the log tells of it: its document, its pieces, who accepted it."""
    work.flush()
    known: dict[str, dict[str, Any]] = {}
    for subject, event in events_of_kind(work, "attestation"):
        known.setdefault(subject, dict(NOT_ENDED)).update(_from(event))
    for attestation in work.session.scalars(select(Attestation).order_by(Attestation.id)):
        name = subject_of(attestation)
        yield from fact_findings(name, known.pop(name, {}), _stored(work, attestation))
    for name in sorted(known):
        yield wrong(name, "is in the log and not stored")


def _from(event: Any) -> dict[str, Any]:
    change = event.get("change")
    if change == "received":
        return _comparable(event["told"])
    ended = {name: event.get(name) for name in ("decided_by", "because", "signature")}
    return {"accepted": change == "accepted", **ended}


def _comparable(record: dict[str, Any]) -> dict[str, Any]:
    pieces = [
        {name: value for name, value in piece.items() if name not in NEVER_COMPARED}
        for piece in record["pieces"]
    ]
    return {**record, "pieces": pieces}


def _stored(work: Work, attestation: Attestation) -> dict[str, Any]:
    end = end_of(work, attestation)
    ended = dict(NOT_ENDED)
    if end is not None:
        ended |= {
            "accepted": end.accepted,
            "decided_by": end.decided_by,
            "because": end.because,
            "signature": f"signature:{end.signature_id}" if end.signature_id else None,
        }
    return _comparable(attestation_record(work, attestation)[0]) | ended


def asked_findings(work: Work) -> Iterator[Finding]:
    """Each question to a custodian that the log does not tell of, and each that is not stored."""
    names = ("item", "custodian", "wanted", "answer_due_at")
    told: Counter[tuple[str, ...]] = Counter(
        (subject, *(str(event.get(name)) for name in names))
        for subject, event in events_of_kind(work, "order")
        if event.get("change") == "custodian_asked"
    )
    question = (
        select(CustodianAsked, DestructionOrder.identifier, Item.identifier)
        .join(DestructionOrder, DestructionOrder.id == CustodianAsked.order_id)
        .join(Item, Item.id == CustodianAsked.item_id)
    )
    stored: Counter[tuple[str, ...]] = Counter(
        (order, item, asked.custodian, asked.wanted, to_text(asked.due_at))
        for asked, order, item in work.session.execute(question)
    )
    for order, item, custodian, *_ in sorted((stored - told).elements()):
        yield wrong(order, f"is stored as if {custodian} was asked about {item}, and the log does not say so")
    for order, item, custodian, *_ in sorted((told - stored).elements()):
        yield wrong(order, f"lacks that {custodian} was asked about {item}")
