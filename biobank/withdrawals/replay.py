"""What the ledger says of every decision, compared with what is stored and with where participants stand."""

from collections.abc import Iterator
from contextlib import suppress

from sqlalchemy import or_, select

from biobank.core.database import Work
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import record_findings, wrong
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.withdrawals.choices import information_after, samples_after
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.operations import decision_content
from biobank.withdrawals.queries import decisions_of


def decision_findings(work: Work) -> Iterator[Finding]:
    """Each decision that is not the one recorded, and each standing that does not follow from them."""
    decisions = work.session.scalars(select(RecordedDecision).order_by(RecordedDecision.id))
    stored = ((f"decision {decision.id}", decision_content(decision)) for decision in decisions)
    yield from record_findings(work, "decision", lambda _, event: f"decision {event.get('decision')}", stored)
    yield from _standing_findings(work)


def _standing_findings(work: Work) -> Iterator[Finding]:
    concerned = or_(
        Participant.decided_at.is_not(None),
        Participant.left,
        Participant.code.in_(select(RecordedDecision.participant)),
    )
    question = (
        select(Participant).where(concerned, Participant.linked_to.is_(None)).order_by(Participant.code)
    )
    for participant in work.session.scalars(question):
        with suppress(ValueError):  # an answer that is none was named with its decision
            yield from _differences(participant, _standing(work, participant.code))


def _differences(participant: Participant, told: tuple[bool, str | None, str | None]) -> Iterator[Finding]:
    stored = (participant.left, participant.information, participant.samples)
    for name, is_so, ought in zip(("left", "information", "samples"), stored, told, strict=True):
        if is_so != ought:
            yield wrong(participant.code, f"is stored with {name} {is_so}, not {ought}")


def _standing(work: Work, code: str) -> tuple[bool, str | None, str | None]:
    """Where the decisions leave a participant, one after the other."""
    left, information, samples = False, None, None
    for decision in decisions_of(work, code):
        left = left or decision.leaves
        information = information_after(information, InformationAnswer(decision.information)).value
        samples = samples_after(samples, SamplesAnswer(decision.samples)).value
    return left, information, samples
