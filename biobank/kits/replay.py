"""What the ledger says of cancelled and restored collections, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.items.models import Item
from biobank.kits.cancelling import ENTRY
from biobank.kits.models import CollectionChange
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Event, record_findings


def collection_findings(work: Work) -> Iterator[Finding]:
    question = select(CollectionChange, Item.identifier).join(Item, Item.id == CollectionChange.kit_id)
    stored = (
        (
            f"collection of {kit}, entry {change.sequence}",
            {"change": change.change, "reason": change.reason, "recorded_by": change.recorded_by},
        )
        for change, kit in work.session.execute(question.order_by(CollectionChange.id))
    )
    return record_findings(work, ENTRY, _called, stored)


def _called(subject: str, event: Event) -> str:
    return f"collection of {subject}, entry {event.get('sequence')}"
