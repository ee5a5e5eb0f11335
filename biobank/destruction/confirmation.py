"""Compliance confirms orders, a third person with one signature; each closes and gets its certificate."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from biobank.access.actors import Actor
from biobank.access.models import Signature
from biobank.access.queries import actor_named
from biobank.access.signatures import sign
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.destruction.choices import CONFIRMATION, OrderState
from biobank.destruction.confirmation_checks import signer_may_confirm, why_not_confirmed
from biobank.destruction.documents import certificate_pdf
from biobank.destruction.inputs import Confirmed, Credentials, Shown
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.destruction.operations import account_for, note_event
from biobank.destruction.queries import certificates_of, locked_order, order_seen_by
from biobank.destruction.records import order_record
from biobank.destruction.signed_records import Record, signed_by
from biobank.destruction.signer_files import Signer, certificate_folder, fingerprint, load_signer, name_of
from biobank.items.identifiers import Letter, new_identifier
from biobank.ledger import checkpoints
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.keys import load_key_file
from biobank.ledger.notes import SigningKey, to_base64
from biobank.ledger.operations import append_to, issue_checkpoint

REASON = "Certificate of destruction, issued from the log of custody"


@dataclass(frozen=True)
class Keys:
    """What a certificate needs. Both are read before anybody signs: whoever lacks one confirms nothing."""

    log: SigningKey
    signer: Signer


def confirm_orders(work: Work, by: Actor, orders: Sequence[Shown], credentials: Credentials) -> Confirmed:
    """Sign what is complete and unchanged, send back the rest with a sentence each.

    Raises `OrderUnknown`, `PermissionMissing`, what `access.signatures.sign` raises, and `KeyRefused` or
    `SigningKeyRefused` when the ledger's key or the certificates' will not do: then nothing is confirmed.
    """
    signer = credentials.username.strip().lower()
    returned: dict[str, str] = {}
    taken: list[DestructionOrder] = []
    for order, shown in _locked(work, by, orders):
        account_for(work, order, by=by)
        reason = why_not_confirmed(work, order, signer, shown, order_record(work, order)[1])
        if reason is None:
            taken.append(order)
        else:
            returned[order.identifier] = reason
    if not taken:
        return Confirmed({}, returned)
    keys = _keys(work)
    signature = _signature(work, by, taken, credentials)
    for order in taken:
        _close(work, order, signature, by)
    return Confirmed(_certificates(work, taken, signature, keys, by), returned, signature.id)


def _locked(work: Work, by: Actor, orders: Sequence[Shown]) -> list[tuple[DestructionOrder, str]]:
    """Every order once, by number, so that two confirmations never wait for each other."""
    shown = {order_seen_by(work, by, each.order).id: each.sha256 for each in orders}
    return [(locked_order(work, number), shown[number]) for number in sorted(shown)]


def _keys(work: Work) -> Keys:
    signer = load_signer(certificate_folder(work.settings), moments.now())
    return Keys(load_key_file(Path(work.settings.ledger_key_file)), signer)


def _signature(
    work: Work, by: Actor, orders: Sequence[DestructionOrder], credentials: Credentials
) -> Signature:
    records = [("destruction_order", order.identifier, order_record(work, order)[1]) for order in orders]
    signature = sign(work, by, credentials.username, credentials.password, CONFIRMATION, records)
    signer_may_confirm(actor_named(work, signature.signer))
    return signature


def _close(work: Work, order: DestructionOrder, signature: Signature, by: Actor) -> None:
    order.state, order.closed_at, order.in_question = OrderState.CLOSED.value, moments.now(), None
    note_event(
        work,
        order,
        "closed",
        by,
        signature=f"signature:{signature.id}",
        record_sha256=order_record(work, order)[1],
    )


def _certificates(
    work: Work, orders: Sequence[DestructionOrder], signature: Signature, keys: Keys, by: Actor
) -> dict[str, str]:
    """One checkpoint, taken now that the orders are closed, stands on all of them."""
    note = issue_checkpoint(work, keys.log)
    checkpoint = checkpoints.read(note)
    ledger = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": to_base64(checkpoint.root),
        "checkpoint": note,
        "public_key": str(keys.log.public),
    }
    common = {"confirmed": signed_by(signature), "ledger": ledger, "signed_with": _described(keys.signer)}
    return {order.identifier: _issued(work, order, common, keys.signer, by).identifier for order in orders}


def _described(signer: Signer) -> Record:
    """Whose certificate signs the file, so that the page itself says by which it is to be checked."""
    return {
        "name": name_of(signer.certificate),
        "certificate_sha256": fingerprint(signer.certificate),
        "root_sha256": fingerprint(signer.root),
    }


def _issued(work: Work, order: DestructionOrder, common: Record, signer: Signer, by: Actor) -> Certificate:
    """Draw, sign, store and log a certificate; its bytes are never made again."""
    from biobank.destruction.signing import certified

    record = _certificate_record(work, order, common)
    text = canonical_bytes(record)
    pdf = certified(certificate_pdf(record, text, work.settings.time_zone), signer, REASON)
    certificate = Certificate(
        identifier=record["certificate"],
        order_id=order.id,
        replaces=record["replaces"],
        issued_at=moments.read_moment(record["issued_at"]).at,
        record=text.decode(),
        sha256=hashlib.sha256(pdf).hexdigest(),
        signed_with=fingerprint(signer.certificate),
        pdf=pdf,
    )
    work.session.add(certificate)
    append_to(
        work,
        subject=certificate.identifier,
        kind="certificate",
        content={
            "order": order.identifier,
            "replaces": certificate.replaces,
            "sha256": certificate.sha256,
            "record_sha256": hashlib.sha256(text).hexdigest(),
            "signed_with": certificate.signed_with,
            "recorded_by": by.person,
        },
    )
    return certificate


def _certificate_record(work: Work, order: DestructionOrder, common: Record) -> Record:
    earlier = certificates_of(work, order)
    stated, sha256 = order_record(work, order)
    return {
        "record": "certificate",
        "certificate": new_identifier(Letter.CERTIFICATE),
        "programme": work.settings.programme,
        "issued_at": to_text(moments.now()),
        "replaces": earlier[-1].identifier if earlier else None,
        "order_record": stated,
        "order_record_sha256": sha256,
        **common,
    }
