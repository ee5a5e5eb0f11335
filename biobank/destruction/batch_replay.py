"""What the ledger says of how each waste bag was counted and is destroyed, compared with what is stored."""

from collections.abc import Iterator

from sqlalchemy import select

from biobank.core.database import Work
from biobank.destruction.batches import count_content
from biobank.destruction.choices import BatchState
from biobank.destruction.models import WasteBatch
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Facts, events_of_kind, fact_findings, wrong

COUNTED = (
    *("pieces", "method", "cycle", "done_at", "destroyed_at", "zone", "offset_minutes"),
    *("contractor", "manifest", "handed_over_at"),
)


def batch_findings(work: Work) -> Iterator[Finding]:
    """Each bag that is stored otherwise than it was counted last; nothing of one that is being filled."""
    work.flush()
    told: dict[str, Facts] = {}
    for bag, event in events_of_kind(work, "waste_batch"):
        told[bag] = {name: event[name] for name in COUNTED if name in event}
    question = select(WasteBatch, Item.identifier).join(Item, Item.id == WasteBatch.item_id)
    for batch, bag in work.session.execute(question.order_by(WasteBatch.id)):
        stored = {} if batch.state == BatchState.FILLING else count_content(batch)
        yield from fact_findings(bag, told.pop(bag, {}), stored)
    for bag in sorted(told):
        yield wrong(bag, "was counted and is not stored")
