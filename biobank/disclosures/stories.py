"""Demands, disclosures and breaches as pages and programs tell them, and what no record can tell."""

from typing import Any

from biobank.core.database import Work
from biobank.disclosures.choices import listed
from biobank.disclosures.models import BreachPerson, BreachReport, DemandDecided, Disclosure, LegalDemand
from biobank.disclosures.queries import decisions_on, message_to, notes_on, people_of, state_of
from biobank.disclosures.records import demand_record, disclosure_record

Story = dict[str, Any]
CANNOT_BE_KNOWN = (
    "Which codes somebody only looked at, on pages of the sample side, is written down nowhere.",
    "Of a token, what was done with it and what its person did otherwise are not told apart; both count.",
    "What somebody saw on another's screen, or on paper, is in no record.",
)
"""Stands on every breach report."""


def demand_told(work: Work, demand: LegalDemand) -> Story:
    decisions = decisions_on(work, demand)
    names = ("reference", "kind", "demanded_by", "received_on", "answer_by")
    return {name: getattr(demand, name) for name in names} | {
        "number": demand.id,
        "participants": listed(demand.participants),
        "asks_for": listed(demand.fields),
        "sha256": demand_record(demand, decisions)[1],
        "decisions": [_decided(each) for each in decisions],
    }


def _decided(decided: DemandDecided) -> Story:
    names = ("decision", "certificate_cited", "certificate", "reason", "decided_at", "decided_by")
    return {name: getattr(decided, name) for name in names} | {"lets_out": listed(decided.fields)}


def disclosure_told(work: Work, disclosure: Disclosure) -> Story:
    notes = notes_on(work, disclosure)
    told = next((note for note in notes if note.change == "told"), None)
    waits = notes[-1] if notes and told is None else None
    names = ("participant", "basis", "receiver", "purpose", "opened_by", "approved_by", "made_at", "made_by")
    return {name: getattr(disclosure, name) for name in names} | {
        "number": disclosure.id,
        "demand": disclosure.demand_id,
        "gives_out": listed(disclosure.fields),
        "state": state_of(disclosure),
        "told_on": told.on_day if told else None,
        "not_told_because": waits.because if waits else None,
        "look_again_on": waits.look_again_on if waits else None,
        "sha256": disclosure_record(disclosure)[1],
    }


def breach_told(work: Work, report: BreachReport) -> Story:
    names = ("about", "named", "from_at", "until_at", "cause", "found_on")
    return {name: getattr(report, name) for name in names} | {
        "number": report.id,
        "people": [_person(work, each) for each in people_of(work, report)],
        "cannot_be_known": list(CANNOT_BE_KNOWN),
    }


def _person(work: Work, person: BreachPerson) -> Story:
    message = message_to(work, person)
    return {
        "participant": person.participant,
        "shown": listed(person.shown),
        "confirmed": listed(person.confirmed),
        "looks": person.looks,
        "entries": person.entries,
        "message": message.state if message else None,
        "told_at": message.changed_at if message else None,
    }
