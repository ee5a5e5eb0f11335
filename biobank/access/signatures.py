"""Electronic signatures: credentials again, printed name, role, meaning and the hashes that were shown."""

from collections.abc import Sequence

import orjson

from biobank.access import checks
from biobank.access.accounts import accept_proof, verified
from biobank.access.actors import Actor
from biobank.access.choices import Proof
from biobank.access.inputs import Signing
from biobank.access.models import Approved, Signature, SignedRecord
from biobank.access.passkeys import Taken, read_answer, signed_by_passkey
from biobank.access.queries import actor_named
from biobank.core.database import Work
from biobank.core.moments import now, to_text
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.operations import append_to

Record = tuple[str, str, str]
"""Kind, identifier and SHA-256 (hexadecimal) of a record, as it was shown to the signer."""


def sign(
    work: Work,
    by: Actor,
    signer_username: str,
    password: str,
    meaning: str,
    records: Sequence[Record],
    *,
    address: str | None = None,
) -> Signature:
    """Sign `records` in one act; `by` is whose session it happens in, the signer may be somebody else.

    `password` is one, or what the signer's passkey answered when it was shown these records. Raises
    `PasswordNeeded` in a session that a badge opened, `CredentialsRefused`, `TooManyAttempts`,
    `NothingToSign`. The ledger's entry names the records, so that the signature cannot be moved to others.
    """
    checks.more_than_a_badge(by)
    checks.something_is_signed(records, meaning)
    signer, where = signer_username.strip().lower(), address or by.address
    proved_by = Proof.PASSKEY if password.startswith(checks.ANSWERED) else Proof.PASSWORD
    try:
        if proved_by is Proof.PASSKEY:
            taken = _by_passkey(work, by, signer, password, meaning, records, where)
        else:
            taken = Taken(verified(work, signer, password, where), {})
        accept_proof(work, taken.person.username)
    except checks.CredentialsRefused as refusal:
        refusal.signing = checks.FailedSigning(signer, by, meaning.strip(), proved_by, where)
        raise
    signature = _stored(work, by, taken, proved_by, meaning, records)
    append_to(
        work,
        subject=f"signature:{signature.id}",
        kind="signature",
        content=content_of(signature),
        recorded_at=signature.signed_at,
    )
    return signature


def sign_as_shown(work: Work, by: Actor, signing: Signing, meaning: str, record: Record) -> Signature:
    """One record, which is still what the signer was shown. Raises `RecordChanged`, what `sign` raises."""
    checks.shown_is_current(signing.sha256, record[2])
    return sign(work, by, signing.username, signing.password, meaning, [record])


def approve(approved: Approved, signature: Signature) -> None:
    approved.approved_at, approved.approved_by = signature.signed_at, signature.signer
    approved.approval_signature, approved.record_sha256 = signature.id, signature.records[0].sha256


def approval_content(approved: Approved) -> dict[str, object]:
    """What the ledger keeps of an approval; `verify` compares the two."""
    return {
        "approved_by": approved.approved_by,
        "signature": f"signature:{approved.approval_signature}",
        "record_sha256": approved.record_sha256,
    }


def _by_passkey(
    work: Work,
    by: Actor,
    signer: str,
    answer: str,
    meaning: str,
    records: Sequence[Record],
    address: str | None,
) -> Taken:
    hashes = [sha256 for _, _, sha256 in records]
    return signed_by_passkey(work, by, signer, read_answer(answer), meaning.strip(), hashes, address=address)


def _stored(
    work: Work, by: Actor, taken: Taken, proved_by: Proof, meaning: str, records: Sequence[Record]
) -> Signature:
    person = taken.person
    signature = Signature(
        signer=person.username,
        printed_name=person.printed_name,
        role=", ".join(sorted(actor_named(work, person.username).roles)),
        meaning=meaning.strip(),
        signed_at=now(),
        station=by.station,
        requested_by=by.person,
        proved_by=proved_by.value,
        assertion=canonical_bytes(dict(taken.evidence)).decode() if taken.evidence else None,
        records=[
            SignedRecord(kind=kind, identifier=identifier, sha256=sha256)
            for kind, identifier, sha256 in records
        ],
    )
    work.session.add(signature)
    work.flush()
    return signature


def content_of(signature: Signature) -> dict[str, object]:
    """What the ledger keeps of a signature; `verify` compares the two."""
    return {
        "signer": signature.signer,
        "printed_name": signature.printed_name,
        "role": signature.role,
        "meaning": signature.meaning,
        "signed_at": to_text(signature.signed_at),
        "station": signature.station,
        "requested_by": signature.requested_by,
        "proved_by": signature.proved_by,
        "assertion": None if signature.assertion is None else orjson.loads(signature.assertion),
        "records": [
            {"kind": record.kind, "identifier": record.identifier, "sha256": record.sha256}
            for record in signature.records
        ],
    }
