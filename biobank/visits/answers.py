"""The safety questions: asked, cleared, and the answers erased; the ledger keeps what was cleared alone."""

import secrets
from datetime import timedelta
from functools import lru_cache
from pathlib import Path

from sqlalchemy import delete, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.core.errors import NotFound
from biobank.participants.queries import codes_of, participant_named
from biobank.settings import Settings
from biobank.visits import checks
from biobank.visits.blood_limits import LEAST_GRAMS
from biobank.visits.choices import DRAWN, Audience, Change, Clearance
from biobank.visits.entries import change, locked, when
from biobank.visits.inputs import SafetyTold, Telling
from biobank.visits.models import SafetyAnswers, Visit
from biobank.visits.queries import visit_seen_by
from biobank.visits.question_sets import QuestionSet, load_question_sets, newest_for
from biobank.visits.sealed_answers import Answered, answers_ring, seal

SALT_BYTES = 16


class QuestionsUnknown(NotFound):
    title = "Safety questions unknown"


def questions_for(work: Work, visit: Visit) -> QuestionSet:
    """The newest version for an adult, or for a minor. Raises `BadQuestionSet`."""
    return newest_for(question_sets(work), Audience.MINOR if _is_minor(work, visit) else Audience.ADULT)


def _is_minor(work: Work, visit: Visit) -> bool:
    return bool(participant_named(work, visit.participant).minor)


def question_sets(work: Work) -> dict[str, QuestionSet]:
    folder = Path(work.settings.safety_folder)
    return _loaded(folder, folder.stat().st_mtime_ns)


@lru_cache(maxsize=4)
def _loaded(folder: Path, _changed_at: int) -> dict[str, QuestionSet]:
    return load_question_sets(folder)


def clear_safety(work: Work, visit: int, safety: SafetyTold, told: Telling) -> Visit:
    """What the answers leave to be collected; asked again, the new answers take the place of the old.

    A minor below 2.5 kg or of unknown weight gives no blood. Raises `QuestionsUnknown`, `AnswerMissing`,
    `VisitNotOpen`, `AskedBack` for a weight that is unlikely.
    """
    checks.not_in_the_future(work, told)
    found = locked(work, visit_seen_by(work, told.by, visit).id)
    checks.is_open(found)
    asked = question_sets(work).get(safety.question_set)
    if asked is None or (_is_minor(work, found) and asked.audience is Audience.ADULT):
        raise QuestionsUnknown("There are no safety questions of this version; load the page again.")
    clearance = asked.cleared(safety.answers, safety.chosen)
    checks.weight_is_likely(safety.weight_grams, told)
    if asked.audience is Audience.MINOR and (safety.weight_grams or 0) < LEAST_GRAMS and clearance in DRAWN:
        clearance = Clearance.NO_BLOOD
    kept = _keep(work, found, asked, safety, told.by.person)
    change(
        work, found, Change.SAFETY_CLEARED, told, question_set=asked.key, clearance=clearance.value,
        answers_sha256=kept.digest, cleared_at=when(told), cleared_by=told.performer,
    )  # fmt: skip
    return found


def _keep(work: Work, visit: Visit, asked: QuestionSet, safety: SafetyTold, by: str) -> Answered:
    work.session.execute(delete(SafetyAnswers).where(SafetyAnswers.visit_id == visit.id))
    answered = Answered(
        answers={question.code: str(safety.answers[question.code]) for question in asked.questions},
        weight_grams=safety.weight_grams,
        drawn_elsewhere_microlitres=safety.drawn_elsewhere_microlitres,
        salt=secrets.token_bytes(SALT_BYTES),
    )
    key = answers_ring(work).sealing_key(by)
    sealed = seal(answered, visit.id, key)
    work.session.add(
        SafetyAnswers(visit_id=visit.id, key_number=key.number, sealed=sealed, answered_at=moments.now())
    )
    work.flush()
    return answered


def erase_safety_answers(work: Work, participant: str, *, by: Actor) -> int:
    """Delete every safety answer and weight of a participant; gives the number of visits it concerned."""
    codes = codes_of(work, participant_named(work, participant).code)
    question = (
        select(Visit.id)
        .join(SafetyAnswers, SafetyAnswers.visit_id == Visit.id)
        .where(Visit.participant.in_(codes))
        .order_by(Visit.id)
    )
    numbers = list(work.session.scalars(question))
    told = Telling(by=by, at=moments.told(moments.now()))
    for number in numbers:
        visit = locked(work, number)
        work.session.execute(delete(SafetyAnswers).where(SafetyAnswers.visit_id == number))
        change(work, visit, Change.ANSWERS_ERASED, told)
    return len(numbers)


def forget_old_answers(settings: Settings) -> int:
    """Delete answers older than `safety_answers_days`; gives their number. With 0 days they are kept."""
    if not settings.safety_answers_days:
        return 0
    oldest = moments.now() - timedelta(days=settings.safety_answers_days)
    with writing() as work:
        found = list(
            work.session.scalars(select(SafetyAnswers.visit_id).where(SafetyAnswers.answered_at < oldest))
        )
        work.session.execute(delete(SafetyAnswers).where(SafetyAnswers.visit_id.in_(found)))
    return len(found)
