"""What the ledger says of each order of a mailed kit and of each version, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Event, compared, events_of_kind
from biobank.supplies.models import SupplyOrder, SupplyVersion
from biobank.supplies.versions import ENTRY, order_content, subject_of, version_content


def supply_findings(work: Work) -> Iterator[Finding]:
    """Each order and each version that is not the one recorded."""
    work.flush()
    versions: dict[str, Event] = {}
    orders: dict[str, Event] = {}
    for subject, event in events_of_kind(work, ENTRY):
        versions[f"{subject} version {event.get('version')}"] = event
        orders[subject] = event.get("now") or {}
    stored = work.session.scalars(select(SupplyVersion).order_by(SupplyVersion.id))
    yield from compared(
        versions,
        ((f"{subject_of(each.order_id)} version {each.version}", version_content(each)) for each in stored),
    )
    kept = work.session.scalars(select(SupplyOrder).order_by(SupplyOrder.id))
    yield from compared(orders, ((subject_of(each.id), order_content(work, each)) for each in kept))
