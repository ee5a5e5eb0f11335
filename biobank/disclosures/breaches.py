"""A breach is reported with whom it concerns, and each of them is told once what was seen."""

from collections.abc import Sequence

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.disclosures import checks
from biobank.disclosures.choices import listed
from biobank.disclosures.exposure import Exposed, exposed, reach_of
from biobank.disclosures.inputs import NewBreach
from biobank.disclosures.models import BreachPerson, BreachReport
from biobank.disclosures.queries import about_breach, breach_seen_by, people_of, untold_people
from biobank.disclosures.records import BREACH, breach_content
from biobank.ledger.operations import append_to
from biobank.messages.models import Message
from biobank.messages.operations import queue_message
from biobank.participants.operations import lock
from biobank.withdrawals.operations import addressee


def whom_it_concerns(work: Work, told: NewBreach) -> dict[str, Exposed]:
    """Looked at before anything is reported. Raises `BreachRefused`, `PersonUnknown`."""
    checks.breach_can_be(told)
    return exposed(work, reach_of(work, told))


def report_breach(work: Work, told: NewBreach, *, by: Actor) -> BreachReport:
    """Keep whom it concerns as the records tell now.

    Raises `AllSitesNeeded`, `BreachRefused`, `PersonUnknown`.
    """
    checks.sees_everybody(by)
    found = whom_it_concerns(work, told)
    report = BreachReport(
        about=told.about.value,
        named=(told.named or "").strip() or None,
        from_at=told.from_at,
        until_at=told.until_at,
        cause=told.cause.value,
        found_on=told.found_on,
        steps=",".join(step.value for step in told.steps),
        recorded_at=moments.now(),
        recorded_by=by.person,
    )
    work.session.add(report)
    work.flush()
    work.session.add_all(_person(report, code, each) for code, each in found.items())
    work.flush()
    content = breach_content(report, people_of(work, report))
    append_to(
        work,
        subject=f"{BREACH}:{report.id}",
        kind=BREACH,
        content={"change": "reported", "recorded_by": by.person, **content},
    )
    return report


def _person(report: BreachReport, code: str, seen: Exposed) -> BreachPerson:
    return BreachPerson(
        report_id=report.id,
        participant=code,
        shown=",".join(sorted(seen.shown)),
        confirmed=",".join(sorted(seen.confirmed - seen.shown)),
        looks=seen.looks,
        entries=seen.entries,
    )


def tell_people(work: Work, number: int, *, by: Actor) -> Sequence[Message]:
    """One message to each participant of whom something of the vault was seen and who was not told before.

    Raises `BreachUnknown`.
    """
    report = breach_seen_by(work, by, number, locked=True)
    people = untold_people(work, report)
    messages = [_tell(work, report, person, by) for person in people]
    if messages:
        told = [person.participant for person in people]
        append_to(
            work,
            subject=f"{BREACH}:{report.id}",
            kind=BREACH,
            content={"change": "told", "recorded_by": by.person, "participants": told},
        )
    return messages


def _tell(work: Work, report: BreachReport, person: BreachPerson, by: Actor) -> Message:
    participant = lock(work, person.participant)
    return queue_message(
        work,
        by,
        about=about_breach(person),
        participant=participant.code,
        addressee=addressee(work, participant, participant.code),
        template="breach_told",
        context={
            "found_on": report.found_on.isoformat(),
            "fields": sorted({*listed(person.shown), *listed(person.confirmed)}),
            "steps": listed(report.steps),
        },
    )
