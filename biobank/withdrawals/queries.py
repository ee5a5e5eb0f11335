"""Questions about decisions: which were taken and count, where they leave somebody, what is still open."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import TypeVar

from sqlalchemy import ColumnElement, Select, bindparam, literal, or_, select
from sqlalchemy.orm import InstrumentedAttribute

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.models import Participant, ParticipantSite
from biobank.participants.queries import codes_of, may_be_seen_by, participant_named, periods_of
from biobank.withdrawals.choices import SignedKind
from biobank.withdrawals.models import (
    Death,
    RecordedDecision,
    RequestEnding,
    SignedChange,
    WaitingRequest,
)
from biobank.withdrawals.standing import CameBack, Decided, Fact, Linked, Spans, span_at, stand_of

participants = table_of(Participant)
Row = TypeVar("Row", RecordedDecision, Death)

DECIDED = Statement(
    select(participants.c.decided_at).where(
        participants.c.code == bindparam("code"),
        participants.c.decided_at.is_not(None),
    ),
)


class DecisionUnknown(NotFound):
    title = "Decision unknown"


class RequestUnknown(NotFound):
    title = "Request unknown"


class DeathUnknown(NotFound):
    title = "No such death"


def has_decided(work: Work, code: str) -> bool:
    """Whether a participant ever decided anything; on the scan path's cursor, since every arrival asks."""
    return work.run(DECIDED, code=code).fetchone() is not None


def decisions_of(work: Work, code: str) -> Sequence[RecordedDecision]:
    """All decisions of a participant, under whichever code, oldest first; also those that count no more."""
    return work.session.scalars(
        select(RecordedDecision)
        .where(RecordedDecision.participant.in_(codes_of(work, code)))
        .order_by(RecordedDecision.id),
    ).all()


def changes_of(work: Work, code: str) -> Sequence[SignedChange]:
    """What two people signed about a participant, oldest first."""
    question = select(SignedChange).where(SignedChange.participant.in_(codes_of(work, code)))
    return work.session.scalars(question.order_by(SignedChange.id)).all()


def undone_decisions(work: Work, code: str) -> dict[int, SignedChange]:
    """Decisions that were taken back or were somebody else's, by number."""
    return {number: change for change in changes_of(work, code) for number in change.undone}


def standing_decisions(work: Work, code: str) -> list[RecordedDecision]:
    """Decisions of a participant that count, oldest first."""
    undone = undone_decisions(work, code)
    return [decision for decision in decisions_of(work, code) if decision.id not in undone]


def spans_of(work: Work, code: str) -> Spans:
    """What holds for what a participant gave when; `code` is the one that the others were linked to."""
    facts = sorted(_facts(work, code), key=lambda fact: fact[0])
    return stand_of(code, [fact for _, fact in facts])


def _facts(work: Work, code: str) -> Iterator[tuple[tuple[datetime, int], Fact]]:
    """With the moment at which each was recorded; at one moment in the order of this function."""
    for decision in standing_decisions(work, code):
        yield (decision.recorded_at, 0), told(decision)
    for period in periods_of(work, code):
        yield (period.recorded_at, 1), CameBack(period.participant, period.begins_at)
    linked = select(Participant).where(Participant.linked_to.is_not(None))
    for each in work.session.scalars(linked.where(Participant.code.in_(codes_of(work, code)))):
        yield (each.linked_at or each.created_at, 2), Linked(each.code, str(each.linked_to))


def told(decision: RecordedDecision) -> Decided:
    return Decided(
        decision.participant,
        decision.leaves,
        InformationAnswer(decision.information),
        SamplesAnswer(decision.samples),
        decision.decided_at,
    )


def information_is_used(work: Work, code: str, given_at: datetime | None = None) -> bool:
    """Whether an export may hold what a participant told by then: neither to be removed nor undecided.

    Without `given_at`, anything at all of theirs: one answer that stops it stops all of it.
    """
    participant = participant_named(work, code)
    spans = spans_of(work, participant.code)
    asked = spans if given_at is None else (span_at(spans, given_at),)
    return all(span.information in (None, InformationAnswer.KEEP) for span in asked)


def left_out_of_exports(work: Work) -> frozenset[str]:
    """Codes of everyone of whom a new export holds nothing, or not all, under each code they have."""
    decided = work.session.scalars(select(RecordedDecision.participant).distinct())
    people = {participant_named(work, code).code for code in decided}
    left_out = {code for code in people if not information_is_used(work, code)}
    return frozenset(each for code in left_out for each in codes_of(work, code))


def decision_numbered(work: Work, by: Actor, number: int) -> RecordedDecision:
    """Raises `DecisionUnknown` also for one of a participant of other sites."""
    found = work.session.get(RecordedDecision, number)
    if found is None or not may_be_seen_by(work, by, participant_named(work, found.participant).code):
        raise DecisionUnknown(f"There is no decision {number} at your sites; look it up in the list.")
    return found


def decisions_seen_by(by: Actor) -> Select[RecordedDecision]:
    """Of participants who visited a site of `by`, under the code they had then."""
    return _seen(select(RecordedDecision), RecordedDecision.participant, by)


def _seen(question: Select[Row], participant: InstrumentedAttribute[str], by: Actor) -> Select[Row]:
    if by.sites is None:
        return question
    visited = select(ParticipantSite.participant).where(ParticipantSite.site.in_(by.sites))
    return question.where(participant.in_(visited))


def _may_see(work: Work, by: Actor | None, code: str) -> bool:
    return by is None or may_be_seen_by(work, by, participant_named(work, code).code)


def _undecided(answer: InstrumentedAttribute[str | None]) -> ColumnElement[bool]:
    """With the value in the text of the statement, so that a database sees that its index fits."""
    return answer == literal("undecided", literal_execute=True)


def undecided_decisions(
    work: Work, by: Actor | None = None, *, due_until: date | None = None
) -> list[RecordedDecision]:
    """The newest decision of everyone whose answers are still open, the one due first first.

    With `by` only of those whom `by` may know of.
    """
    open_ones = or_(_undecided(Participant.information), _undecided(Participant.samples))
    people = work.session.scalars(
        select(Participant.code).where(open_ones, Participant.linked_to.is_(None)).order_by(Participant.code)
    )
    still = [_asked_for(work, code) for code in people]
    found = [
        each
        for each in still
        if _may_see(work, by, each.participant) and (due_until is None or _due(each) <= due_until)
    ]
    return sorted(found, key=lambda each: (_due(each), each.id))


def _due(decision: RecordedDecision) -> date:
    return decision.due_on or decision.recorded_at.date()


def _asked_for(work: Work, code: str) -> RecordedDecision:
    """The newest that left an answer open; it says until when to ask."""
    decisions = standing_decisions(work, code)
    return [each for each in decisions if each.due_on is not None or each is decisions[0]][-1]


def is_overdue(decision: RecordedDecision) -> bool:
    """Of one that left an answer open, when its day to ask by is over."""
    return _due(decision) < moments.now().date()


def waiting_requests(work: Work, by: Actor | None = None) -> list[WaitingRequest]:
    """Requests without papers that nobody ended, the one due first first."""
    ended = select(RequestEnding.request_id)
    question = select(WaitingRequest).where(WaitingRequest.id.not_in(ended))
    found = work.session.scalars(question.order_by(WaitingRequest.due_on, WaitingRequest.id))
    return [each for each in found if _may_see(work, by, each.participant)]


def requests_of(work: Work, code: str) -> Sequence[WaitingRequest]:
    """Every request that ever waited for a participant, oldest first."""
    question = select(WaitingRequest).where(WaitingRequest.participant.in_(codes_of(work, code)))
    return work.session.scalars(question.order_by(WaitingRequest.id)).all()


def request_numbered(work: Work, by: Actor, number: int) -> WaitingRequest:
    """Raises `RequestUnknown` also for one of a participant of other sites."""
    found = work.session.get(WaitingRequest, number)
    if found is None or not _may_see(work, by, found.participant):
        raise RequestUnknown(f"There is no request {number} at your sites; look it up in the list.")
    return found


def ending_of(work: Work, request: WaitingRequest) -> RequestEnding | None:
    return work.session.scalar(select(RequestEnding).where(RequestEnding.request_id == request.id))


def deaths_of(work: Work, code: str) -> list[Death]:
    """Deaths of a participant that were told and not taken back, oldest first."""
    mistaken = select(SignedChange.death_id).where(SignedChange.kind == SignedKind.MISTAKEN_DEATH)
    question = select(Death).where(Death.participant.in_(codes_of(work, code)))
    found = work.session.scalars(question.where(Death.id.not_in(mistaken)).order_by(Death.id))
    return list(found)


def death_numbered(work: Work, by: Actor, number: int) -> Death:
    """Raises `DeathUnknown` also for one of a participant of other sites."""
    found = work.session.get(Death, number)
    if found is None or not _may_see(work, by, found.participant):
        raise DeathUnknown(f"There is no death {number} recorded at your sites; look it up in the list.")
    return found


def deaths_seen_by(by: Actor) -> Select[Death]:
    """Of participants who visited a site of `by`."""
    return _seen(select(Death), Death.participant, by)
