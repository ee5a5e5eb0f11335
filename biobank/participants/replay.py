"""What the ledger says of every consent, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import record_findings
from biobank.participants.models import Consent
from biobank.participants.operations import consent_content


def consent_findings(work: Work) -> Iterator[Finding]:
    """Each consent that is not the one that was recorded; a code that was linked may have changed."""
    consents = work.session.scalars(select(Consent).order_by(Consent.id))
    stored = ((f"consent {consent.id}", consent_content(consent)) for consent in consents)
    return record_findings(work, "consent", lambda _, event: f"consent {event.get('consent')}", stored)
