"""What the log says of pick lists and of studies' sample numbers, compared with what is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Facts, content_told, events_of_kind, fact_findings, wrong
from biobank.retrieval import numbering
from biobank.retrieval.choices import LineState, RemovedBecause
from biobank.retrieval.models import PickList
from biobank.retrieval.queries import lines_on, subject_of
from biobank.retrieval.records import KIND, line_content, made_content

NEW = {"state": LineState.TO_PICK.value, "because": None, "item_sequence": None, "by": None, "due_at": None}


@dataclass
class Replayed:
    """A list as its entries tell it: how it was made, its end, and each line by its piece."""

    facts: Facts = field(default_factory=dict)
    lines: Facts = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        change, content = event["change"], content_told(event)
        if change == "made":
            self.facts["made"] = content
        elif change == "added":
            self.lines |= {item: dict(NEW) for item in content["items"]}
        elif change == "line":
            self.lines[content.pop("item")] = content
        elif change == "cancelled":
            self.facts["cancelled"] = [event["recorded_by"], content["because"]]
            self._cancel(event["recorded_by"])

    def _cancel(self, by: str) -> None:
        for told in self.lines.values():
            if told["state"] == LineState.TO_PICK:
                told |= {"state": LineState.REMOVED.value, "because": RemovedBecause.CANCELLED.value}
                told["by"] = by

    @property
    def all(self) -> Facts:
        return self.facts | {f"piece {item}": told for item, told in self.lines.items()}


def list_findings(work: Work) -> Iterator[Finding]:
    """Each pick list that is not what the log tells of it, and each that one of the two lacks."""
    work.flush()
    known: dict[str, Replayed] = {}
    for subject, event in events_of_kind(work, KIND):
        known.setdefault(subject, Replayed()).take(event)
    for listed in work.session.scalars(select(PickList).order_by(PickList.id)):
        name = subject_of(listed)
        yield from fact_findings(name, known.pop(name, Replayed()).all, _stored(work, listed))
    for name in sorted(known):
        yield wrong(name, "has entries and is not stored")


def _stored(work: Work, listed: PickList) -> Facts:
    facts: Facts = {"made": made_content(listed)}
    if listed.cancelled_at is not None:
        facts["cancelled"] = [listed.cancelled_by, listed.cancelled_because]
    return facts | {
        f"piece {each.item.identifier}": line_content(each.line) for each in lines_on(work, listed)
    }


def sample_findings(work: Work) -> Iterator[Finding]:
    """Each number of a study that is not what the log tells of its piece."""
    work.flush()
    told: dict[str, Facts] = {}
    for subject, event in events_of_kind(work, numbering.KIND):
        if event["change"] == "numbered":
            told.setdefault(subject, {})[event["item"]] = event["number"]
    stored: dict[str, Facts] = {}
    for subject, item, number in numbering.sample_numbers(work):
        stored.setdefault(subject, {})[item] = number
    for subject in sorted({*told, *stored}):
        yield from fact_findings(subject, told.get(subject, {}), stored.get(subject, {}))
