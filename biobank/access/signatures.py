"""Electronic signatures: credentials again, printed name, role, meaning and the hashes that were shown."""

from collections.abc import Sequence

from biobank.access import checks
from biobank.access.accounts import accept_proof, verified
from biobank.access.actors import Actor
from biobank.access.models import Person, Signature, SignedRecord
from biobank.access.queries import actor_named
from biobank.core.database import Work
from biobank.core.moments import now, to_text
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

    Raises `CredentialsRefused`, `TooManyAttempts`, `NothingToSign`. The ledger's entry names the records, so
    that the signature cannot be moved to others.
    """
    if not records or not meaning.strip():
        raise checks.NothingToSign("A signature needs at least one record and says what it means.")
    person = verified(work, signer_username, password, address)
    accept_proof(work, person.username)
    signature = _stored(work, by, person, meaning, records)
    append_to(
        work,
        subject=f"signature:{signature.id}",
        kind="signature",
        content=content_of(signature),
        recorded_at=signature.signed_at,
    )
    return signature


def _stored(work: Work, by: Actor, person: Person, meaning: str, records: Sequence[Record]) -> Signature:
    signature = Signature(
        signer=person.username,
        printed_name=person.printed_name,
        role=", ".join(sorted(actor_named(work, person.username).roles)),
        meaning=meaning.strip(),
        signed_at=now(),
        station=by.station,
        requested_by=by.person,
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
        "records": [
            {"kind": record.kind, "identifier": record.identifier, "sha256": record.sha256}
            for record in signature.records
        ],
    }
