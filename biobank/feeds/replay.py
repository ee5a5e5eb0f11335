"""What the ledger says of deliveries and of acknowledged lines, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.feeds.acknowledging import ENTRY as ACKNOWLEDGED
from biobank.feeds.contents import Content, delivery_content
from biobank.feeds.models import FeedDelivery, ResultAcknowledgement
from biobank.feeds.operations import ENTRY
from biobank.feeds.queries import rows_of
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Event, events_of_kind, record_findings, wrong


def feed_findings(work: Work) -> Iterator[Finding]:
    """Each delivery whose rows are not those entered, and each acknowledgement that nobody gave, or lost."""
    yield from record_findings(work, ENTRY, _called, _deliveries(work))
    yield from _acknowledgement_findings(work)


def _deliveries(work: Work) -> Iterator[tuple[str, Content]]:
    for delivery in work.session.scalars(select(FeedDelivery).order_by(FeedDelivery.id)):
        yield f"delivery {delivery.id}", delivery_content(delivery, rows_of(work, delivery))


def _called(_subject: str, event: Event) -> str:
    return f"delivery {event.get('delivery')}"


def _acknowledgement_findings(work: Work) -> Iterator[Finding]:
    told = {row for _, event in events_of_kind(work, ACKNOWLEDGED) for row in event.get("rows", ())}
    stored = {f"{row.position}-{row.line}" for row in work.session.scalars(select(ResultAcknowledgement))}
    for row in sorted(stored - told):
        yield wrong(f"destruction result {row}", "is stored as acknowledged and has no entry in the log")
    for row in sorted(told - stored):
        yield wrong(f"destruction result {row}", "was acknowledged and that is not stored")
