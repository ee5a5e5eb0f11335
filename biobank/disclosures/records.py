"""What is signed and logged of demands, disclosures and breaches, with the SHA-256 that a signer is shown."""

from collections.abc import Iterable
from datetime import date
from typing import Any

from biobank.core.moments import to_text
from biobank.disclosures.choices import listed
from biobank.disclosures.models import (
    BreachPerson,
    BreachReport,
    DemandDecided,
    Disclosure,
    DisclosureNote,
    LegalDemand,
)
from biobank.ledger.canonical import sha256_of

Record = dict[str, Any]
DEMAND, DISCLOSURE, BREACH = "legal_demand", "disclosure", "breach"
"""Kinds of the records that are signed, and of the ledger's entries."""


def _day(on: date | None) -> str | None:
    return on.isoformat() if on else None


def demand_content(demand: LegalDemand) -> Record:
    return {
        "demand": demand.id,
        "reference": demand.reference,
        "demand_kind": demand.kind,
        "demanded_by": demand.demanded_by,
        "received_on": _day(demand.received_on),
        "answer_by": _day(demand.answer_by),
        "participants": listed(demand.participants),
        "fields": listed(demand.fields),
    }


def decided_content(decided: DemandDecided) -> Record:
    return {
        "decided": decided.id,
        "decision": decided.decision,
        "fields": listed(decided.fields),
        "certificate_cited": decided.certificate_cited,
        "certificate": decided.certificate,
        "reason": decided.reason,
        "signature": f"signature:{decided.signature_id}",
        "record_sha256": decided.record_sha256,
    }


def demand_record(demand: LegalDemand, decisions: Iterable[DemandDecided]) -> tuple[Record, str]:
    """What compliance is shown before it decides: the demand, and what was decided on it before."""
    earlier = [decided_content(each) for each in decisions]
    record = {"record": DEMAND, **demand_content(demand), "decisions": earlier}
    return record, sha256_of(record)


def disclosure_content(disclosure: Disclosure) -> Record:
    return {
        "disclosure": disclosure.id,
        "participant": disclosure.participant,
        "basis": disclosure.basis,
        "demand": disclosure.demand_id,
        "fields": listed(disclosure.fields),
        "receiver": disclosure.receiver,
        "purpose": disclosure.purpose,
        "opened_by": disclosure.opened_by,
    }


def disclosure_record(disclosure: Disclosure) -> tuple[Record, str]:
    """What an approver signs."""
    record = {"record": DISCLOSURE, **disclosure_content(disclosure)}
    return record, sha256_of(record)


def note_content(note: DisclosureNote) -> Record:
    return {
        "note": note.id,
        "told": note.change,
        "how": note.how,
        "on": _day(note.on_day),
        "because": note.because,
        "look_again_on": _day(note.look_again_on),
        "message": note.message_id,
    }


def breach_content(report: BreachReport, people: Iterable[BreachPerson]) -> Record:
    return {
        "breach": report.id,
        "about": report.about,
        "named": report.named,
        "from_at": to_text(report.from_at),
        "until_at": to_text(report.until_at),
        "cause": report.cause,
        "found_on": _day(report.found_on),
        "steps": listed(report.steps),
        "people": [
            {
                "participant": each.participant,
                "shown": listed(each.shown),
                "confirmed": listed(each.confirmed),
                "looks": each.looks,
                "entries": each.entries,
            }
            for each in people
        ],
    }
