"""What the ledger says of every recall, compared with what is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import events_of_kind, wrong
from biobank.recalls.models import Recall, RecallLine
from biobank.recalls.operations import subject_of, told
from biobank.recalls.queries import number_listed


@dataclass
class Replayed:
    """A recall as its entries tell it."""

    columns: dict[str, Any] = field(default_factory=dict)
    items: int = 0
    found: set[str] = field(default_factory=set)

    def take(self, event: Mapping[str, Any]) -> None:
        if event["change"] == "opened":
            names = ("lot", "specification", "cause", "notice", "opened_by")
            self.columns = {name: event.get(name) for name in names} | {"lifted_because": None}
            self.items = event["items"]
        elif event["change"] == "joined":
            self.items += len(event["joined"])
        elif event["change"] == "found":
            self.found.add(event["found"])
        elif event["change"] == "lifted":
            self.columns["lifted_because"] = event["reason"]


def recall_findings(work: Work) -> Iterator[Finding]:
    """Each recall that is not what the log tells of it."""
    work.flush()
    known: dict[str, Replayed] = {}
    for subject, event in events_of_kind(work, "recall"):
        known.setdefault(subject, Replayed()).take(event)
    for recall in work.session.scalars(select(Recall).order_by(Recall.id)):
        name = subject_of(recall)
        yield from _differences(name, known.pop(name, Replayed()), _stored(work, recall))
    for name in sorted(known):
        yield wrong(name, "has entries and is not stored")


def _stored(work: Work, recall: Recall) -> Replayed:
    of_it = RecallLine.recall_id == recall.id
    found = select(Item.identifier).join(RecallLine, RecallLine.item_id == Item.id)
    return Replayed(
        told(recall) | {"lifted_because": recall.lifted_because},
        number_listed(work, recall),
        set(work.session.scalars(found.where(of_it, RecallLine.found_at.is_not(None)))),
    )


def _differences(name: str, known: Replayed, stored: Replayed) -> Iterator[Finding]:
    for column, value in stored.columns.items():
        if known.columns.get(column) != value:
            yield wrong(name, f"is stored with {column} {value}, not {known.columns.get(column)}")
    if known.items != stored.items:
        yield wrong(name, f"lists {stored.items} items, not {known.items}")
    for item in sorted(known.found ^ stored.found):
        yield wrong(name, f"{'lacks' if item in known.found else 'has'} {item} as found")
