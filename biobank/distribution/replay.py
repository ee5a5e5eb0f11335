"""What the log says of requests, hand-overs and holders' answers, compared with what is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import select

from biobank.access.signatures import approval_content
from biobank.core.database import Work
from biobank.distribution.models import (
    DistributedItem,
    Distribution,
    HolderNote,
    StudyCheck,
    StudyRequest,
)
from biobank.distribution.operations import check_content, holder_content
from biobank.distribution.queries import subject_of_request
from biobank.distribution.records import KIND, request_content
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Facts, content_told, events_of_kind, fact_findings, wrong


@dataclass
class Replayed:
    """A request as its entries tell it: each fact under a name of its own."""

    facts: Facts = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        self.facts |= self._told(str(event["change"]), event, content_told(event))

    def _told(self, change: str, event: Mapping[str, Any], content: Facts) -> Facts:
        if change in ("holder_asked", "holder_answered"):
            return {f"note {event['note']}": content}
        if change in ("distribution_opened", "distribution_closed"):
            done = change.removeprefix("distribution_")
            return {f"distribution {event['distribution']} {done} by": event["recorded_by"]}
        if change == "distributed":
            return {f"{event['item']} at {event['item_sequence']}": [event["distribution"], None]}
        if change == "came_back":
            return self._back(event)
        if change == "checked":
            return {f"check {event['check']}": content}
        ended = {change: event.get("because"), "ended by": event["recorded_by"]}
        return ended if change == "ended" else {change: content}

    def _back(self, event: Mapping[str, Any]) -> Facts:
        newest = [name for name in self.facts if name.startswith(f"{event['item']} at ")][-1:]
        return {name: [self.facts[name][0], event["item_sequence"]] for name in newest}


def request_findings(work: Work) -> Iterator[Finding]:
    """Each request that is not what the log tells of it, and each one of the two that the other lacks."""
    work.flush()
    known: dict[str, Replayed] = {}
    for subject, event in events_of_kind(work, KIND):
        known.setdefault(subject, Replayed()).take(event)
    for request in work.session.scalars(select(StudyRequest).order_by(StudyRequest.id)):
        name = subject_of_request(request)
        yield from fact_findings(name, known.pop(name, Replayed()).facts, _stored(work, request))
    for name in sorted(known):
        yield wrong(name, "has entries and is not stored")


def _stored(work: Work, request: StudyRequest) -> Facts:
    facts: Facts = {"registered": request_content(request)}
    if request.approved_at is not None:
        facts["approved"] = approval_content(request)
    if request.ended_at is not None:
        facts |= {"ended": request.ended_because, "ended by": request.ended_by}
    for each in _all(work, Distribution, request):
        facts[f"distribution {each.id} opened by"] = each.opened_by
        facts |= {f"distribution {each.id} closed by": each.closed_by} if each.closed_at else {}
    for check in _all(work, StudyCheck, request):
        facts[f"check {check.id}"] = check_content(check)
    return facts | _distributed(work, request)


def _all(work: Work, model: Any, request: StudyRequest) -> list[Any]:
    question = select(model).where(model.request_id == request.id).order_by(model.id)
    return list(work.session.scalars(question))


def _distributed(work: Work, request: StudyRequest) -> Facts:
    question = (
        select(DistributedItem, Item.identifier)
        .join(Item, Item.id == DistributedItem.item_id)
        .where(DistributedItem.request_id == request.id)
    )
    facts: Facts = {}
    for record, item in work.session.execute(question):
        facts[f"{item} at {record.sequence}"] = [record.distribution_id, record.back_sequence]
        notes = select(HolderNote).where(HolderNote.distributed_id == record.id)
        for kept in work.session.scalars(notes.order_by(HolderNote.id)):
            facts[f"note {kept.id}"] = holder_content(kept, item)
    return facts
