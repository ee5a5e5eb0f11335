"""What the log says of demands, disclosures and breaches, compared with what is stored."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.disclosures.models import BreachReport, Disclosure, LegalDemand
from biobank.disclosures.queries import decisions_on, message_to, notes_on, people_of
from biobank.disclosures.records import (
    BREACH,
    DEMAND,
    DISCLOSURE,
    breach_content,
    decided_content,
    demand_content,
    disclosure_content,
    note_content,
)
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Event, events_of_kind, wrong

OF_THE_ENTRY = frozenset(
    {"v", "kind", "subject", "sequence", "previous", "recorded_at", "recorded_by", "change"}
)
Facts = dict[str, Any]


def disclosure_findings(work: Work) -> Iterator[Finding]:
    """Each demand, disclosure or breach that is not what the log tells of it, or that either lacks."""
    work.flush()
    for kind, stored in ((DEMAND, _demands), (DISCLOSURE, _disclosures), (BREACH, _breaches)):
        yield from _compared(work, kind, dict(stored(work)))


def _compared(work: Work, kind: str, stored: Mapping[str, Facts]) -> Iterator[Finding]:
    told: dict[str, Facts] = {}
    for subject, event in events_of_kind(work, kind):
        told.setdefault(subject, {}).update(_fact(event))
    for name in sorted({*told, *stored}):
        if name not in stored:
            yield wrong(name, "has entries and is not stored")
            continue
        log, kept = told.get(name, {}), stored[name]
        for fact in sorted({*log, *kept}):
            if log.get(fact) != kept.get(fact):
                yield wrong(name, f"is stored with {fact} {kept.get(fact)}, not {log.get(fact)}")


def _fact(event: Event) -> Facts:
    change = str(event["change"])
    content = {name: value for name, value in event.items() if name not in OF_THE_ENTRY}
    if change in ("decided", "participant"):
        return {f"{change} {content.get('decided') or content.get('note')}": content}
    if change == "told":
        return {f"told {code}": True for code in event["participants"]}
    return {change: content if change in ("recorded", "opened", "approved", "reported") else True}


def _demands(work: Work) -> Iterator[tuple[str, Facts]]:
    for demand in work.session.scalars(select(LegalDemand).order_by(LegalDemand.id)):
        decided = {f"decided {each.id}": decided_content(each) for each in decisions_on(work, demand)}
        yield f"{DEMAND}:{demand.id}", {"recorded": demand_content(demand), **decided}


def _disclosures(work: Work) -> Iterator[tuple[str, Facts]]:
    for each in work.session.scalars(select(Disclosure).order_by(Disclosure.id)):
        facts: Facts = {"opened": disclosure_content(each)}
        if each.approved_at is not None:
            facts["approved"] = {
                "approved_by": each.approved_by,
                "signature": f"signature:{each.approval_signature}",
                "record_sha256": each.record_sha256,
            }
        facts |= {"handed_out": True} if each.made_at else {}
        facts |= {"given_up": True} if each.dropped_at else {}
        facts |= {f"participant {note.id}": note_content(note) for note in notes_on(work, each)}
        yield f"{DISCLOSURE}:{each.id}", facts


def _breaches(work: Work) -> Iterator[tuple[str, Facts]]:
    for report in work.session.scalars(select(BreachReport).order_by(BreachReport.id)):
        people = people_of(work, report)
        told = {f"told {each.participant}": True for each in people if message_to(work, each) is not None}
        yield f"{BREACH}:{report.id}", {"reported": breach_content(report, people), **told}
