"""Questions about decisions: which were taken, since when somebody left, which answers are still open."""

from collections.abc import Sequence
from datetime import date, datetime

from sqlalchemy import bindparam, func, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.participants.models import Participant
from biobank.participants.queries import codes_of, may_be_seen_by, participant_named
from biobank.withdrawals.choices import is_undecided
from biobank.withdrawals.models import RecordedDecision

participants = table_of(Participant)

DECIDED = Statement(
    select(participants.c.decided_at).where(
        participants.c.code == bindparam("code"),
        participants.c.decided_at.is_not(None),
    ),
)


def has_decided(work: Work, code: str) -> bool:
    """Whether a participant ever decided anything; on the scan path's cursor, since every arrival asks."""
    return work.run(DECIDED, code=code).fetchone() is not None


def decisions_of(work: Work, code: str) -> Sequence[RecordedDecision]:
    """All decisions of a participant, under whichever code, oldest first."""
    return work.session.scalars(
        select(RecordedDecision)
        .where(RecordedDecision.participant.in_(codes_of(work, code)))
        .order_by(RecordedDecision.id),
    ).all()


def left_at(work: Work, code: str) -> datetime | None:
    """The earliest moment at which a participant decided to leave; None for who stays."""
    return work.session.scalar(
        select(func.min(RecordedDecision.decided_at)).where(
            RecordedDecision.participant.in_(codes_of(work, code)), RecordedDecision.leaves
        ),
    )


def undecided_decisions(
    work: Work, by: Actor | None = None, *, due_until: date | None = None
) -> list[RecordedDecision]:
    """The newest decision of everyone whose answers are still open, the one due first first.

    With `by` only of those whom `by` may know of.
    """
    newest = select(func.max(RecordedDecision.id)).group_by(RecordedDecision.participant)
    question = (
        select(RecordedDecision)
        .where(RecordedDecision.id.in_(newest), RecordedDecision.due_on.is_not(None))
        .order_by(RecordedDecision.due_on, RecordedDecision.id)
    )
    if due_until is not None:
        question = question.where(RecordedDecision.due_on <= due_until)
    found = work.session.scalars(question).all()
    return [
        decision
        for decision in found
        if _still_open(work, decision) and (by is None or may_be_seen_by(work, by, decision.participant))
    ]


def _still_open(work: Work, decision: RecordedDecision) -> bool:
    participant = participant_named(work, decision.participant)
    return is_undecided(participant.information, participant.samples)


def overdue_decisions(work: Work) -> list[RecordedDecision]:
    return undecided_decisions(work, due_until=now().date())
