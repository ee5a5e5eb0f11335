"""What the ledger says of every order and certificate, compared with what is stored."""

import hashlib
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import bindparam, select

from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.destruction.models import Certificate, DestructionLine, DestructionOrder
from biobank.destruction.queries import lines_of
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.queries import entries, leaves, streamed
from biobank.ledger.replaying import events_of_kind, wrong

TOLD = (
    *("decision", "participant", "left", "decided_at", "reaches_until", "hold_until", "ceremony"),
    *("ceremony_settled", "legal_hold", "paused_at", "due_at", "at_clinics"),
)
"""Columns that stand in an order's entries by their own name."""
MOMENTS = ("decided_at", "reaches_until", "hold_until", "paused_at", "due_at")
NOT_ALWAYS_TOLD = {"due_at"}
"""Of orders of earlier versions the log says when they were opened, and not until when they were due."""

certificates = table_of(Certificate)
SEALED_CERTIFICATES = Statement(
    select(certificates.c.identifier, certificates.c.pdf)
    .join(entries, entries.c.subject == certificates.c.identifier)
    .join(leaves, leaves.c.entry_id == entries.c.id)
    .where(entries.c.kind == "certificate", leaves.c.leaf_index < bindparam("size"))
    .order_by(leaves.c.leaf_index)
)


@dataclass
class Replayed:
    """An order as its entries tell it: columns by name, and the outcome of each line by its item."""

    columns: dict[str, Any] = field(default_factory=lambda: {"legal_hold": False, "at_clinics": False})
    lines: dict[str, str | None] = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        self.columns["state"] = event["state"]
        # An extension names the further decision; the order stays that of its first.
        kept = TOLD[1:] if event["change"] == "extended" else TOLD
        self.columns |= {name: event[name] for name in kept if name in event}
        if event["change"] == "ceremony_settled":
            self.columns["ceremony_settled"] = event["settlement"]
        self.lines |= dict.fromkeys(event.get("added", ()))
        self.lines |= event.get("outcomes", {})


def order_findings(work: Work) -> Iterator[Finding]:
    """Each order, line and certificate that is not what the log tells of it."""
    work.flush()
    told: dict[str, Replayed] = {}
    for subject, event in events_of_kind(work, "order"):
        with suppress(KeyError, TypeError):  # an entry that is none of ours is found by the log's audit
            told.setdefault(subject, Replayed()).take(event)
    stored = {order.identifier: order for order in work.session.scalars(select(DestructionOrder))}
    for identifier in sorted(told.keys() | stored.keys()):
        if identifier not in stored:
            yield wrong(identifier, "has entries and is not stored")
        else:
            yield from _differences(
                told.get(identifier, Replayed()), _as_told(work, stored[identifier]), identifier
            )
    yield from _certificate_findings(work)


def _as_told(work: Work, order: DestructionOrder) -> Replayed:
    columns = {name: getattr(order, name) for name in (*TOLD, "state")}
    for name in MOMENTS:
        columns[name] = text_or_none(columns[name])
    lines = lines_of(work, order)
    question = (
        select(Item.id, Item.identifier).join(DestructionLine).where(DestructionLine.order_id == order.id)
    )
    named = {row.id: row.identifier for row in work.session.execute(question)}
    return Replayed(columns, {named[line.item_id]: line.outcome for line in lines})


def _differences(told: Replayed, stored: Replayed, identifier: str) -> Iterator[Finding]:
    for name, value in stored.columns.items():
        untold = name in NOT_ALWAYS_TOLD and name not in told.columns
        if told.columns.get(name) != value and not untold:
            yield wrong(identifier, f"is stored with {name} {value}, not {told.columns.get(name)}")
    for item in sorted(told.lines.keys() | stored.lines.keys()):
        if item not in stored.lines:
            yield wrong(identifier, f"lacks the line of {item}")
        elif item not in told.lines:
            yield wrong(identifier, f"has a line of {item} that the log does not tell of")
        elif told.lines[item] != stored.lines[item]:
            yield wrong(
                identifier,
                f"has {item} stored as {stored.lines[item] or 'open'}, not {told.lines[item] or 'open'}",
            )


def _certificate_findings(work: Work) -> Iterator[Finding]:
    told = {
        subject: tuple(event.get(name) for name in ("sha256", "sha256", "record_sha256", "signed_with"))
        for subject, event in events_of_kind(work, "certificate")
    }
    columns = (Certificate.pdf, Certificate.sha256, Certificate.record, Certificate.signed_with)
    for identifier, pdf, sha256, record, signer in work.session.execute(
        select(Certificate.identifier, *columns)
    ):
        if told.pop(identifier, None) != (_sha256(pdf), sha256, _sha256(record), signer):
            yield wrong(identifier, "is not the certificate that the log tells of")
    for identifier in told:
        yield wrong(identifier, "was issued and is not stored")


def certificates_for_export(work: Work, size: int) -> Iterator[dict[str, Any]]:
    """The certificates within the first `size` leaves, for the offline verifier."""
    for identifier, pdf in streamed(work, SEALED_CERTIFICATES, size=size):
        yield {"kind": "certificate", "number": identifier, "sha256": _sha256(pdf)}


def _sha256(pdf: bytes | str) -> str:
    """Of a file as it is stored; SQLite keeps in a column whatever it is given."""
    return hashlib.sha256(pdf if isinstance(pdf, bytes) else pdf.encode()).hexdigest()
