"""What the ledger says of each version of an order, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.exchange.models import DataExport, OrderVersion
from biobank.exchange.study_files import ENTRY as EXPORT
from biobank.exchange.study_files import export_content
from biobank.exchange.versions import ENTRY, version_content
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Event, record_findings


def order_version_findings(work: Work) -> Iterator[Finding]:
    """Each version that is not the one recorded; one from before versions were kept has no entry."""
    question = select(OrderVersion).where(OrderVersion.document.is_not(None)).order_by(OrderVersion.id)
    contents = (version_content(version) for version in work.session.scalars(question))
    stored = ((_called("", content), content) for content in contents)
    yield from record_findings(work, ENTRY, _called, stored)


def _called(_subject: str, event: Event) -> str:
    return f"order {event.get('order')} version {event.get('version')}"


def export_findings(work: Work) -> Iterator[Finding]:
    """Each export for research that is not the one recorded."""
    exports = work.session.scalars(select(DataExport).order_by(DataExport.id))
    stored = ((f"export {each.id}", export_content(each)) for each in exports)
    yield from record_findings(work, EXPORT, lambda _, event: f"export {event.get('export')}", stored)
