"""What the ledger says of consents, periods and ends of scopes, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import record_findings
from biobank.participants.models import Consent, Period, ScopeEnd
from biobank.participants.operations import consent_content, period_content, scope_end_content


def consent_findings(work: Work) -> Iterator[Finding]:
    """Each consent that is not the one that was recorded; a code that was linked may have changed."""
    consents = work.session.scalars(select(Consent).order_by(Consent.id))
    stored = ((f"consent {consent.id}", consent_content(consent)) for consent in consents)
    yield from record_findings(work, "consent", lambda _, event: f"consent {event.get('consent')}", stored)
    yield from _later_findings(work)


def _later_findings(work: Work) -> Iterator[Finding]:
    periods = work.session.scalars(select(Period).order_by(Period.id))
    begun = ((f"period {period.id}", period_content(period)) for period in periods)
    yield from record_findings(work, "period", lambda _, event: f"period {event.get('period')}", begun)
    ends = work.session.scalars(select(ScopeEnd).order_by(ScopeEnd.id))
    ended = ((f"scope end {end.id}", scope_end_content(end)) for end in ends)
    called = "scopes_ended"
    yield from record_findings(work, called, lambda _, event: f"scope end {event.get('scope_end')}", ended)
