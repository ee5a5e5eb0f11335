"""What the log says of every case, compared with what is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from sqlalchemy import select

from biobank.access.signatures import approval_content
from biobank.core.database import Work
from biobank.custody.cases import CASE, subject_of_case
from biobank.custody.models import Discrepancy
from biobank.discrepancies.models import CodeSeparation
from biobank.discrepancies.records import COLUMNS, columns_told, separation_content
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Facts, content_told, events_of_kind, fact_findings, wrong

OPENED = ("item", "item_sequence", "about", "found_at", "sentence_sha256")
AT_ONCE = 500


@dataclass
class Replayed:
    """A case as its entries tell it."""

    facts: Facts = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        change = event["change"]
        if change == "opened":
            self.facts |= {name: event[name] for name in OPENED if name in event}
            self.facts |= dict.fromkeys(COLUMNS) | {"state": "open", "opened_by": event["recorded_by"]}
        if change == "separation_proposed":
            self.facts[f"proposal {event['separation']}"] = content_told(event)
        if change == "separation_approved":
            approval = {name: event[name] for name in ("approved_by", "signature", "record_sha256")}
            self.facts[f"approval {event['separation']}"] = approval
        self.facts |= {name: event[name] for name in COLUMNS if name in event}


def case_findings(work: Work) -> Iterator[Finding]:
    """Each case that is not what the log tells of it, and each one of the two that the other lacks."""
    work.flush()
    known: dict[str, Replayed] = {}
    for subject, event in events_of_kind(work, CASE):
        known.setdefault(subject, Replayed()).take(event)
    question = select(Discrepancy, Item.identifier).join(Item, Item.id == Discrepancy.item_id)
    rows = work.session.execute(question.order_by(Discrepancy.id).execution_options(yield_per=AT_ONCE))
    for case, item in rows:
        name = subject_of_case(case.id)
        told = known.pop(name, Replayed()).facts
        yield from fact_findings(name, told, _stored(work, case, item, told))
    for name in sorted(known):
        yield wrong(name, "has entries and is not stored")


def _stored(work: Work, case: Discrepancy, item: str, told: Facts) -> Facts:
    """Of a case from before its opening was an entry only what was told since."""
    facts: Facts = columns_told(case)
    if case.has_entry:
        facts |= {"item": item, "item_sequence": case.opened_sequence, "about": case.kind}
        facts |= {"found_at": case.found_at, "opened_by": case.opened_by}
        if "sentence_sha256" in told:
            facts["sentence_sha256"] = sha256(case.sentence.encode()).hexdigest()
    else:
        facts = {name: value for name, value in facts.items() if name in told}
    for found in work.session.scalars(select(CodeSeparation).where(CodeSeparation.case_id == case.id)):
        other = work.session.get(Item, found.other_id) if found.other_id is not None else None
        content = separation_content(found, item, other.identifier if other else None)
        facts[f"proposal {found.id}"] = content
        if found.approved_at is not None:
            facts[f"approval {found.id}"] = approval_content(found)
    return facts
