"""Compliance confirms orders, a third person with one signature; each closes and gets its certificate."""

import hashlib
from collections.abc import Sequence
from pathlib import Path

from biobank.access.actors import Actor
from biobank.access.models import Signature
from biobank.access.queries import actor_named
from biobank.access.signatures import sign
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.destruction import checks
from biobank.destruction.choices import CONFIRMATION, OrderState
from biobank.destruction.documents import certificate_pdf
from biobank.destruction.inputs import Confirmed, Credentials, Shown
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.destruction.operations import account_for, note_event
from biobank.destruction.queries import certificates_of, locked_order, order_seen_by
from biobank.destruction.records import Record, order_record, signed_by
from biobank.items.identifiers import Letter, new_identifier
from biobank.ledger import checkpoints
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.keys import load_key_file
from biobank.ledger.notes import to_base64
from biobank.ledger.operations import append_to, issue_checkpoint


def confirm_orders(work: Work, by: Actor, orders: Sequence[Shown], credentials: Credentials) -> Confirmed:
    """Sign what is complete and unchanged, send back the rest with a sentence each.

    Raises `OrderUnknown`, `PermissionMissing`, what `access.signatures.sign` raises, and `KeyRefused` when
    the ledger's key cannot be read: then nothing is confirmed.
    """
    signer = credentials.username.strip().lower()
    returned: dict[str, str] = {}
    taken: list[DestructionOrder] = []
    for order, shown in _locked(work, by, orders):
        account_for(work, order, by=by)
        reason = checks.why_not_confirmed(work, order, signer, shown, order_record(work, order)[1])
        if reason is None:
            taken.append(order)
        else:
            returned[order.identifier] = reason
    if not taken:
        return Confirmed({}, returned)
    signature = _signature(work, by, taken, credentials)
    for order in taken:
        _close(work, order, signature, by)
    return Confirmed(_certificates(work, taken, signature, by), returned, signature.id)


def _locked(work: Work, by: Actor, orders: Sequence[Shown]) -> list[tuple[DestructionOrder, str]]:
    """Every order once, by number, so that two confirmations never wait for each other."""
    shown = {order_seen_by(work, by, each.order).id: each.sha256 for each in orders}
    return [(locked_order(work, number), shown[number]) for number in sorted(shown)]


def _signature(
    work: Work, by: Actor, orders: Sequence[DestructionOrder], credentials: Credentials
) -> Signature:
    records = [("destruction_order", order.identifier, order_record(work, order)[1]) for order in orders]
    signature = sign(work, by, credentials.username, credentials.password, CONFIRMATION, records)
    checks.signer_may_confirm(actor_named(work, signature.signer))
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
    work: Work, orders: Sequence[DestructionOrder], signature: Signature, by: Actor
) -> dict[str, str]:
    """One checkpoint, taken now that the orders are closed, stands on all of them."""
    key = load_key_file(Path(work.settings.ledger_key_file))
    note = issue_checkpoint(work, key)
    checkpoint = checkpoints.read(note)
    ledger = {
        "origin": checkpoint.origin,
        "size": checkpoint.size,
        "root": to_base64(checkpoint.root),
        "checkpoint": note,
        "public_key": str(key.public),
    }
    return {order.identifier: _issued(work, order, signature, ledger, by).identifier for order in orders}


def _issued(
    work: Work, order: DestructionOrder, signature: Signature, ledger: Record, by: Actor
) -> Certificate:
    """Draw, store and log a certificate; its bytes are never made again."""
    record = _certificate_record(work, order, signature, ledger)
    text = canonical_bytes(record)
    pdf = certificate_pdf(record, text, work.settings.time_zone)
    certificate = Certificate(
        identifier=record["certificate"],
        order_id=order.id,
        replaces=record["replaces"],
        issued_at=moments.read_moment(record["issued_at"]).at,
        record=text.decode(),
        sha256=hashlib.sha256(pdf).hexdigest(),
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
            "recorded_by": by.person,
        },
    )
    return certificate


def _certificate_record(work: Work, order: DestructionOrder, signature: Signature, ledger: Record) -> Record:
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
        "confirmed": signed_by(signature),
        "ledger": ledger,
    }
