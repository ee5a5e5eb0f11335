"""Requests of somebody else without papers: they wait, and nothing is done until papers come."""

from datetime import timedelta

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.destruction.checks import compliance_decides
from biobank.destruction.choices import Ceremony
from biobank.ledger.operations import append_to
from biobank.messages.operations import queue_message
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant
from biobank.participants.operations import lock
from biobank.participants.queries import participant_seen_by, subject_of
from biobank.withdrawals import checks
from biobank.withdrawals.choices import Capacity, Channel, DeclinedBecause, RequestEnd
from biobank.withdrawals.contents import ending_content, request_content
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.models import RecordedDecision, RequestEnding, WaitingRequest
from biobank.withdrawals.operations import asked_columns, withdraw
from biobank.withdrawals.queries import ending_of, request_numbered


def take(work: Work, decision: Decision, *, by: Actor) -> RecordedDecision | WaitingRequest:
    """Record a decision, or a request that waits when who asks for somebody else shows no papers.

    Raises what `withdraw` raises, except `PapersMissing`.
    """
    participant = lock(work, participant_seen_by(work, by, decision.participant).code)
    if checks.is_proved(participant, decision):
        return withdraw(work, decision, by=by)
    checks.told_well(work, decision)
    checks.own_name_is_unwritten(work, by, participant.code, decision)
    return _wait(work, participant, decision, by)


def _wait(work: Work, participant: Participant, decision: Decision, by: Actor) -> WaitingRequest:
    days = timedelta(days=work.settings.undecided_due_days)
    request = WaitingRequest(
        participant=participant.code,
        leaves=decision.leaves,
        information=decision.information.value,
        samples=decision.samples.value,
        ceremony=decision.ceremony.value,
        language=decision.language,
        due_on=moments.now().date() + days,
        **asked_columns(decision, by),
    )
    work.session.add(request)
    work.flush()
    append_to(
        work,
        subject=subject_of(participant.code),
        kind="waiting_request",
        content=request_content(request),
        recorded_at=request.recorded_at,
    )
    _tell(work, by, request, f"request:{request.id}", "request_waits")
    return request


def _tell(work: Work, by: Actor, request: WaitingRequest, about: str, template: str) -> None:
    """Who asked hears of it; the participant does not, since nothing was done in their name."""
    queue_message(
        work,
        by,
        about=about,
        participant=request.participant,
        addressee=request.requested_by,
        template=template,
        language=request.language,
        context={"due_on": request.due_on.isoformat()},
    )


def complete_request(
    work: Work, number: int, *, evidence: str, accepted_at: Told, by: Actor
) -> RecordedDecision:
    """The papers came: what was asked becomes a decision, made when compliance accepted them.

    Raises `RequestUnknown`, `OnlyCompliance`, `NotWaiting` and what `withdraw` raises.
    """
    request = _still_waiting(work, number, by)
    decision = Decision(
        participant=request.participant,
        leaves=request.leaves,
        information=InformationAnswer(request.information),
        samples=SamplesAnswer(request.samples),
        ceremony=Ceremony(request.ceremony),
        language=request.language,
        requested_by=request.requested_by,
        capacity=Capacity(request.capacity),
        channel=Channel(request.channel),
        decided_at=accepted_at,
        evidence=evidence,
        proved=True,
    )
    recorded = withdraw(work, decision, by=by)
    _end(
        work,
        request,
        by,
        ending=RequestEnd.COMPLETED.value,
        decision_id=recorded.id,
        evidence=recorded.evidence,
    )
    return recorded


def decline_request(work: Work, number: int, *, because: DeclinedBecause, by: Actor) -> RequestEnding:
    """Compliance does not follow a request. Raises `RequestUnknown`, `OnlyCompliance`, `NotWaiting`."""
    request = _still_waiting(work, number, by)
    ending = _end(work, request, by, ending=RequestEnd.DECLINED.value, reason=because.value)
    _tell(work, by, request, f"request:{request.id}:declined", "request_declined")
    return ending


def _still_waiting(work: Work, number: int, by: Actor) -> WaitingRequest:
    compliance_decides(by)
    request = request_numbered(work, by, number)
    lock(work, request.participant)
    if ending_of(work, request) is not None:
        raise checks.NotWaiting(f"Request {number} waits no more; look at what became of it.")
    return request


def _end(work: Work, request: WaitingRequest, by: Actor, **told: object) -> RequestEnding:
    ending = RequestEnding(request_id=request.id, recorded_at=moments.now(), recorded_by=by.person, **told)
    work.session.add(ending)
    work.flush()
    append_to(
        work,
        subject=subject_of(request.participant),
        kind="request_ended",
        content=ending_content(ending),
        recorded_at=ending.recorded_at,
    )
    return ending
