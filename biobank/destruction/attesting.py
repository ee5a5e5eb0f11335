"""Custodians outside: asked, and their word taken in, accepted with a signature or refused."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import shown_is_current
from biobank.access.models import Signature
from biobank.access.queries import actor_named
from biobank.access.signatures import sign
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.custodians.choices import RefusedBecause, Wanted, custody_of
from biobank.custodians.inputs import Destroyed, Document, NewAttestation, NewReport
from biobank.custodians.models import Attestation, AttestationEnd, AttestedPiece, CustodianAsked
from biobank.custodians.queries import (
    attestation_numbered,
    custodian_named,
    pieces_attested,
    subject_of,
)
from biobank.custody.checks import item_seen_by
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now, items_inside
from biobank.custody.states import Action
from biobank.custody.steps import ItemNow, Source
from biobank.destruction import attestation_checks as checks
from biobank.destruction import contractors
from biobank.destruction.attestation_records import attestation_record
from biobank.destruction.checks import compliance_decides
from biobank.destruction.choices import ACCEPTANCE, MAY_DESTROY, Grade
from biobank.destruction.inputs import Credentials
from biobank.destruction.locking import lock_pieces
from biobank.destruction.operations import note_event
from biobank.destruction.queries import batch_named, locked_order, orders_that_want, stage
from biobank.destruction.report_files import rows_of
from biobank.items.queries import participants_behind
from biobank.ledger.operations import append_to
from biobank.participants.own_names import own_name_is_not_in


def ask_custodian(work: Work, by: Actor, items: Iterable[str], wanted: Wanted) -> list[CustodianAsked]:
    """Note that custodians were asked about specimens of orders; due by the setting `custodian_answer_days`.

    Raises `OnlyCompliance`, `OtherSite`, `NotAttestable` for what is not outside or on no order, and for what
    is to be destroyed before its order is ready.
    """
    compliance_decides(by)
    return [_asked(work, by, item_seen_by(work, by, text), wanted) for text in items]


def _asked(work: Work, by: Actor, item: ItemNow, wanted: Wanted) -> CustodianAsked:
    custodian = checks.custodian_who_has(item)
    orders = orders_that_want(work, item.id)
    checks.may_be_asked(item, orders, wanted)
    order = locked_order(work, next((each for each in orders if stage(each) in MAY_DESTROY), orders[0]).id)
    at = moments.now()
    asked = CustodianAsked(
        order_id=order.id,
        item_id=item.id,
        custodian=custodian,
        wanted=wanted.value,
        asked_at=at,
        asked_by=by.person,
        due_at=at + timedelta(days=work.settings.custodian_answer_days),
    )
    work.session.add(asked)
    told = {
        "item": item.identifier,
        "custodian": custodian,
        "wanted": wanted.value,
        "answer_due_at": to_text(asked.due_at),
    }
    note_event(work, order, "custodian_asked", by, **told)
    return asked


def receive_attestation(work: Work, by: Actor, new: NewAttestation) -> Attestation:
    """Take in a signed document; it ends nothing before compliance accepts it.

    Raises `CustodianUnknown`, `AttestationRefused`, `NotAttestable`, `UnknownItem`, `OwnNameWritten`.
    """
    custodian = custodian_named(work, new.custodian).code
    checks.document_is_named(new.document)
    checks.way_is_possible(new.destroyed)
    items = {item.id: item for item in (item_now(work, text) for text in new.items)}
    checks.something_is_attested(items)
    people = {code for item in items for code in participants_behind(work, item)}
    for code in sorted(people):
        own_name_is_not_in(work, by, code, new.document.number, "document")
        own_name_is_not_in(work, by, code, new.destroyed.reference, "reference")
    for item in items.values():
        checks.can_be_attested(work, item, custodian, new.destroyed.on)
    pieces = [_piece(item, new.destroyed) for item in items.values()]
    return _received(work, by, custodian, Grade.ATTESTED, new.document, pieces)


def receive_report(work: Work, by: Actor, new: NewReport) -> Attestation:
    """Take in a custodian's file, every row or none.

    Raises `CustodianUnknown`, `AttestationRefused`, `ReportRefused` with one sentence a bad row.
    """
    custodian = custodian_named(work, new.custodian).code
    document = checks.file_is_named(new.number, hashlib.sha256(new.content).hexdigest())
    rows = rows_of(work, new.content, custodian)
    pieces = [_piece(row.item, row.destroyed, row.line) for row in rows]
    return _received(work, by, custodian, Grade.REPORTED, document, pieces)


def receive_manifest(
    work: Work, by: Actor, bag: str, document: Document, destroyed: Destroyed
) -> Attestation:
    """Take in the contractor's return of a container's manifest; `destroyed.reference` is its number.

    Raises `BatchUnknown`, `NotHandedOver`, `ManifestDiffers`, `AttestationRefused`.
    """
    batch, item = batch_named(work, bag, locked=True)
    contractors.waits_for_its_manifest(work, batch, item.identifier)
    checks.document_is_named(document)
    checks.way_is_possible(destroyed)
    contractors.manifest_is_of_it(batch, item.identifier, destroyed)
    pieces = [_piece(piece, destroyed) for piece in items_inside(work, item.id)]
    return _received(work, by, str(batch.contractor), Grade.ATTESTED, document, pieces, batch_id=batch.id)


def _piece(item: ItemNow, destroyed: Destroyed, line: int | None = None) -> AttestedPiece:
    return AttestedPiece(
        item_id=item.id,
        destroyed_on=destroyed.on,
        method=destroyed.method,
        reference=destroyed.reference,
        file_line=line,
    )


def _received(
    work: Work,
    by: Actor,
    custodian: str,
    grade: Grade,
    document: Document | checks.File,
    pieces: Sequence[AttestedPiece],
    *,
    batch_id: int | None = None,
) -> Attestation:
    attestation = Attestation(
        grade=grade.value,
        custodian=custodian,
        organisation=custodian_named(work, custodian).organisation,
        document=document.number,
        document_sha256=document.sha256,
        signer_role=document.signer_role.value if isinstance(document, Document) else None,
        batch_id=batch_id,
        received_at=moments.now(),
        received_by=by.person,
    )
    work.session.add(attestation)
    work.flush()
    for piece in pieces:
        piece.attestation_id = attestation.id
        work.session.add(piece)
    work.flush()
    _log(work, attestation, "received", by, told=attestation_record(work, attestation)[0])
    return attestation


def _log(work: Work, attestation: Attestation, change: str, by: Actor, **content: Any) -> None:
    append_to(
        work,
        subject=subject_of(attestation),
        kind="attestation",
        content={"change": change, "recorded_by": by.person, **content},
    )


def accept_attestation(
    work: Work,
    by: Actor,
    number: int,
    credentials: Credentials,
    shown_sha256: str,
    *,
    document_sha256: str | None = None,
) -> Signature:
    """Compliance signs what was shown; each specimen is destroyed by its custodian then, and its line ends.

    `document_sha256` is of the document in the signer's hand, if they gave it. Raises `AttestationUnknown`,
    `AttestationEnded`, `RecordChanged`, `OtherDocument`, `NotAttestable`, `ManifestDiffers`,
    `OwnAttestation`, `PermissionMissing` and what `access.signatures.sign` raises.
    """
    attestation, items = _locked_with_its_items(work, number)
    checks.waits_for_compliance(work, attestation)
    checks.document_is_the_same(attestation, document_sha256)
    if attestation.batch_id is None:
        for item in items:
            checks.still_attestable(work, item, attestation)
    else:
        contractors.nothing_of_it_was_found(work, attestation)
    _, sha256 = attestation_record(work, attestation)
    shown_is_current(shown_sha256, sha256)
    records = [("attestation", subject_of(attestation), sha256)]
    signature = sign(work, by, credentials.username, credentials.password, ACCEPTANCE, records)
    signer = actor_named(work, signature.signer)
    checks.signer_may_accept(signer, attestation)
    _ended(work, attestation, by, signer.person, signature=signature)
    acting = replace(signer, station=by.station)
    if attestation.batch_id is not None:
        contractors.destroy_outside(work, acting, attestation)
    else:
        _destroyed_outside(work, acting, attestation, items)
    return signature


def _locked_with_its_items(work: Work, number: int) -> tuple[Attestation, list[ItemNow]]:
    """The order of a specimen can be cancelled while somebody signs: it is checked once nobody else can."""
    numbers = [piece.item_id for piece in pieces_attested(work, attestation_numbered(work, number))]
    lock_pieces(work, [item_by_id(work, each) for each in numbers])
    attestation = attestation_numbered(work, number, locked=True)
    return attestation, [item_by_id(work, each) for each in numbers]


def _destroyed_outside(work: Work, by: Actor, attestation: Attestation, items: Sequence[ItemNow]) -> None:
    """A step of each specimen; nobody knows the hour, so its day stands in the details."""
    days = {piece.item_id: piece for piece in pieces_attested(work, attestation)}
    for item in sorted(items, key=lambda each: (each.participant or "", each.id)):
        piece = days[item.id]
        record(
            work,
            item.identifier,
            Action.ACCEPT_ATTESTATION,
            by=by,
            source=Source("system", subject_of(attestation)),
            at=None,
            performed_by=custody_of(attestation.custodian),
            details={
                "attestation": subject_of(attestation),
                "grade": attestation.grade,
                "destroyed_on": piece.destroyed_on.isoformat(),
                "method": piece.method,
                "reference": piece.reference,
            },
        )


def refuse_attestation(work: Work, by: Actor, number: int, because: RefusedBecause) -> Attestation:
    """Compliance does not take the custodian's word: every line stays open.

    Raises `OnlyCompliance`, `AttestationUnknown`, `AttestationEnded`.
    """
    compliance_decides(by)
    attestation = attestation_numbered(work, number, locked=True)
    checks.waits_for_compliance(work, attestation)
    _ended(work, attestation, by, by.person, because=because)
    return attestation


def _ended(
    work: Work,
    attestation: Attestation,
    by: Actor,
    person: str,
    *,
    signature: Signature | None = None,
    because: RefusedBecause | None = None,
) -> None:
    """The database takes one end of an attestation, whoever else decides at this moment."""
    end = AttestationEnd(
        attestation_id=attestation.id,
        accepted=signature is not None,
        signature_id=signature.id if signature else None,
        because=because.value if because else None,
        decided_at=moments.now(),
        decided_by=person,
    )
    work.session.add(end)
    work.flush()
    _log(
        work, attestation, "accepted" if signature else "refused", by,
        decided_by=person, because=end.because, signature=f"signature:{signature.id}" if signature else None,
    )  # fmt: skip
