"""What the log says of demands, disclosures and breaches, compared with what is stored."""

from collections.abc import Iterator, Mapping

from sqlalchemy import select

from biobank.access.signatures import approval_content
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
from biobank.ledger.replaying import Event, Facts, content_told, events_of_kind, fact_findings, wrong

BY = "{} by"
"""Who it was: a fact beside each that a column names somebody of."""
WITH_CONTENT = frozenset({"recorded", "opened", "approved", "reported"})


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
        yield from fact_findings(name, told.get(name, {}), stored[name])


def _fact(event: Event) -> Facts:
    change, content, by = str(event["change"]), content_told(event), event["recorded_by"]
    if change == "decided":
        return {f"decided {content['decided']}": content}
    if change == "participant":
        told = f"participant {content['note']}"
        return {told: content, BY.format(told): by}
    if change == "told":
        return {f"told {code}": True for code in event["participants"]}
    if change == "approved":
        return {change: content}
    return {change: content if change in WITH_CONTENT else True, BY.format(change): by}


def _demands(work: Work) -> Iterator[tuple[str, Facts]]:
    for demand in work.session.scalars(select(LegalDemand).order_by(LegalDemand.id)):
        decided = {f"decided {each.id}": decided_content(each) for each in decisions_on(work, demand)}
        recorded = {"recorded": demand_content(demand), BY.format("recorded"): demand.recorded_by}
        yield f"{DEMAND}:{demand.id}", {**recorded, **decided}


def _disclosures(work: Work) -> Iterator[tuple[str, Facts]]:
    for each in work.session.scalars(select(Disclosure).order_by(Disclosure.id)):
        facts: Facts = {"opened": disclosure_content(each), BY.format("opened"): each.opened_by}
        if each.approved_at is not None:
            facts["approved"] = approval_content(each)
        facts |= {"handed_out": True, BY.format("handed_out"): each.made_by} if each.made_at else {}
        facts |= {"given_up": True, BY.format("given_up"): each.dropped_by} if each.dropped_at else {}
        for note in notes_on(work, each):
            told = f"participant {note.id}"
            facts |= {told: note_content(note), BY.format(told): note.recorded_by}
        yield f"{DISCLOSURE}:{each.id}", facts


def _breaches(work: Work) -> Iterator[tuple[str, Facts]]:
    for report in work.session.scalars(select(BreachReport).order_by(BreachReport.id)):
        people = people_of(work, report)
        told = {f"told {each.participant}": True for each in people if message_to(work, each) is not None}
        reported = {"reported": breach_content(report, people), BY.format("reported"): report.recorded_by}
        yield f"{BREACH}:{report.id}", {**reported, **told}
