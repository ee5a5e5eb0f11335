"""What the ledger says of every signature, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.access.models import Signature
from biobank.access.signatures import content_of
from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import record_findings


def signature_findings(work: Work) -> Iterator[Finding]:
    """Each signature whose signer, meaning, moment or records are not those that were signed."""
    signatures = work.session.scalars(select(Signature).order_by(Signature.id))
    stored = ((f"signature:{signature.id}", content_of(signature)) for signature in signatures)
    return record_findings(work, "signature", lambda subject, _: subject, stored)
