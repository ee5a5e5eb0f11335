"""What the ledger says of each downtime form, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.downtime.models import DowntimeForm
from biobank.downtime.operations import ENTRY, entered_content, printed_content, voided_content
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Event, record_findings


def form_findings(work: Work) -> Iterator[Finding]:
    """Each form that was not printed, entered or voided as the log says."""
    stored = ((_called("", content), content) for content in _contents(work))
    yield from record_findings(work, ENTRY, _called, stored)


def _called(_subject: str, event: Event) -> str:
    return f"form {event.get('form')} {event.get('change')}"


def _contents(work: Work) -> Iterator[Event]:
    question = (
        select(DowntimeForm, Item.identifier)
        .outerjoin(Item, Item.id == DowntimeForm.kit_id)
        .order_by(DowntimeForm.id)
    )
    for form, kit in work.session.execute(question):
        yield printed_content(form)
        if form.voided_at is not None:
            yield voided_content(form)
        if form.entered_at is not None:
            yield entered_content(form, kit or "")
