"""What records of orders and batches say of an end outside: who had it, and how that is known."""

from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.custodians.models import Attestation, AttestationEnd, AttestedPiece
from biobank.custodians.queries import attested, end_of, pieces_attested, returned_for, subject_of
from biobank.custody.queries import newest_event_of
from biobank.custody.states import Action
from biobank.destruction.choices import LineEnd
from biobank.destruction.models import DestructionLine, WasteBatch
from biobank.destruction.queries import signature_numbered
from biobank.destruction.signed_records import Record, signed_by
from biobank.distribution.queries import distribution_of
from biobank.items.models import Item

BY_CUSTODIAN = frozenset({LineEnd.DESTROYED_BY_CUSTODIAN, LineEnd.REPORTED_BY_FILE})
DISTRIBUTED = frozenset({LineEnd.DISTRIBUTED_EARLIER, LineEnd.DISTRIBUTED_BEFORE_ENTRY})


def ended_outside(work: Work, line: DestructionLine, item: Item) -> Record:
    """Further facts of a line that ended outside; the records of others are as they always were."""
    if line.outcome in BY_CUSTODIAN:
        return {"custodian": _by_custodian(work, item)}
    if line.outcome in DISTRIBUTED:
        return {"distribution": _distribution(work, item)}
    if line.outcome == LineEnd.GIVEN_BACK:
        return {"given_back": _given_back(work, item)}
    return {}


def _by_custodian(work: Work, item: Item) -> Record | None:
    found = attested(work, item.id)
    return _accepted(work, *found) if found else None


def _accepted(work: Work, attestation: Attestation, piece: AttestedPiece, end: AttestationEnd) -> Record:
    return {
        "attestation": subject_of(attestation),
        **told(attestation),
        **way_told(piece),
        "accepted": signed_by(signature_numbered(work, end.signature_id)),
    }


def told(attestation: Attestation) -> Record:
    """Who said so, and in which document."""
    return {
        "grade": attestation.grade,
        "custodian": attestation.custodian,
        "organisation": attestation.organisation,
        "document": attestation.document,
        "document_sha256": attestation.document_sha256,
        "signer_role": attestation.signer_role,
    }


def way_told(piece: AttestedPiece) -> Record:
    """How and when, as its custodian says; the line is that of a file."""
    return {
        "destroyed_on": piece.destroyed_on.isoformat(),
        "method": piece.method,
        "reference": piece.reference,
        "file_line": piece.file_line,
    }


def _distribution(work: Work, item: Item) -> Record | None:
    """To whom it went, and what they answered when asked; None where that was never noted."""
    found = distribution_of(work, item.id)
    if found is None:
        return None
    return {
        "receiver": found.receiver,
        "study": found.study,
        "request": found.request,
        "agreement": found.agreement,
        "distributed_at": text_or_none(found.at),
        "asked_on": found.asked_on.isoformat() if found.asked_on else None,
        "answer": found.answer,
        "answered_on": found.answered_on.isoformat() if found.answered_on else None,
        "answer_reference": found.reference,
    }


def _given_back(work: Work, item: Item) -> Record | None:
    """To whom, by code."""
    event = newest_event_of(work, item.identifier, Action.GIVE_BACK)
    if event is None:
        return None
    details = event.get("details", {})
    return {"given_to": details.get("given_to"), "receiver": details.get("receiver")}


def returned_record(work: Work, batch: WasteBatch) -> Record | None:
    """The contractor's return of a container's manifest; None before compliance accepted it."""
    attestation = returned_for(work, batch.id)
    end = end_of(work, attestation) if attestation is not None else None
    if attestation is None or end is None:
        return None
    return _accepted(work, attestation, pieces_attested(work, attestation)[0], end)
