"""Visits over HTTP."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.schemas import RecordedAnswer
from biobank.custody.steps import Recorded
from biobank.participants.queries import participant_seen_by
from biobank.visits import operations
from biobank.visits.answers import clear_safety, erase_safety_answers, questions_for
from biobank.visits.appointments import expect
from biobank.visits.inputs import SafetyTold, Telling
from biobank.visits.models import Appointment, Visit
from biobank.visits.queries import kits_of, visit_seen_by, visits_asked_for
from biobank.visits.schemas import (
    AmendShape,
    CancelShape,
    ErasedAnswer,
    ExpectedAnswer,
    ExpectedShape,
    IdentityShape,
    KitShape,
    OpenShape,
    QuestionsAnswer,
    RestoreShape,
    SafetyShape,
    TellingShape,
    VisitAnswer,
    VisitsAnswer,
    VisitsQuery,
)
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint("visits", __name__, url_prefix="/visits", description="One person, one site, one day.")
Asked = Mapping[str, Any]
SAFETY = ("question_set", "chosen", "weight_grams", "drawn_elsewhere_microlitres")


def _telling(asked: Asked, by: Actor) -> Telling:
    told = {name: asked[name] for name in ("at", "source", "performed_by", "confirmation")}
    return Telling(by=by, **told)


def _told(work: Work, visit: Visit) -> dict[str, Any]:
    columns = {column.key: getattr(visit, column.key) for column in Visit.__table__.columns}
    kits = [
        {
            "identifier": item.identifier,
            "labels_confirmed_at": link.labels_confirmed_at,
            "labels_confirmed_by": link.labels_confirmed_by,
        }
        for item, link in kits_of(work, visit)
    ]
    return {**columns, "kits": kits}


@blueprint.route("")
@reads(Permission.RUN_VISITS)
@blueprint.arguments(VisitsQuery, location="query")
@blueprint.response(200, VisitsAnswer)
def listed(asked: Asked, *, work: Work, by: Actor) -> dict[str, Any]:
    """Visits at your sites, the newest first."""
    question = visits_asked_for(by, site=asked["site"], state=asked["state"])
    found = page(work, question, [Visit.id], cursor=asked["cursor"], limit=asked["limit"], newest_first=True)
    return {"visits": found.rows, "next_cursor": found.next_cursor}


@blueprint.route("", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(OpenShape)
@blueprint.response(201, VisitAnswer)
def open_(asked: Asked, *, work: Work, by: Actor) -> dict[str, Any]:
    """Somebody has come; a visit that is open for them today goes on."""
    told = _telling(asked, by)
    visit = operations.open_visit(work, asked["participant"], asked["site"], told, minor=asked["minor"])
    return _told(work, visit)


@blueprint.route("/<int:number>")
@reads(Permission.RUN_VISITS)
@blueprint.response(200, VisitAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A visit and its kits."""
    return _told(work, visit_seen_by(work, by, number))


@blueprint.route("/<int:number>/questions")
@reads(Permission.RUN_VISITS)
@blueprint.response(200, QuestionsAnswer)
def questions(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The safety questions that are to be asked in this visit, in each language."""
    asked = questions_for(work, visit_seen_by(work, by, number))
    return {"question_set": asked.key, "questions": asked.questions}


@blueprint.route("/<int:number>/identity", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(IdentityShape)
@blueprint.response(200, VisitAnswer)
def identity(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Two identifiers agreed."""
    told = _telling(asked, by)
    return _told(work, operations.attest_identity(work, number, asked["identifiers"], told))


@blueprint.route("/<int:number>/safety", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(SafetyShape)
@blueprint.response(200, VisitAnswer)
def safety(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The safety questions were answered."""
    told = SafetyTold(answers=asked["answers"], **{name: asked[name] for name in SAFETY})
    return _told(work, clear_safety(work, number, told, _telling(asked, by)))


@blueprint.route("/<int:number>/kits", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(KitShape)
@blueprint.response(200, RecordedAnswer)
def kits(asked: Asked, number: int, *, work: Work, by: Actor) -> Recorded:
    """Assign a kit to the participant of the visit."""
    return operations.assign_kit(work, number, asked["kit"], _telling(asked, by))


@blueprint.route("/<int:number>/labels", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(KitShape)
@blueprint.response(200, VisitAnswer)
def labels(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The labels of a kit were read with the participant."""
    operations.confirm_labels(work, number, asked["kit"], _telling(asked, by))
    return _told(work, visit_seen_by(work, by, number))


@blueprint.route("/<int:number>/compensation", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(TellingShape)
@blueprint.response(200, VisitAnswer)
def compensation(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Handed out, once a visit."""
    return _told(work, operations.hand_out_compensation(work, number, _telling(asked, by)))


@blueprint.route("/<int:number>/close", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(TellingShape)
@blueprint.response(200, VisitAnswer)
def close(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Nothing more is to be done."""
    return _told(work, operations.close_visit(work, number, _telling(asked, by)))


@blueprint.route("/<int:number>/amend", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(AmendShape)
@blueprint.response(200, VisitAnswer)
def amend(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Open a closed visit again, as a new version."""
    told = _telling(asked, by)
    return _told(work, operations.amend_visit(work, number, asked["reason"], told, remark=asked["remark"]))


@blueprint.route("/<int:number>/cancel", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(CancelShape)
@blueprint.response(200, VisitAnswer)
def cancel(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The visit is not to count; everything that was collected in it is held."""
    told = _telling(asked, by)
    return _told(work, operations.cancel_visit(work, number, asked["reason"], told, remark=asked["remark"]))


@blueprint.route("/<int:number>/restore", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(RestoreShape)
@blueprint.response(200, VisitAnswer)
def restore(asked: Asked, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A cancelled visit counts after all."""
    told = _telling(asked, by)
    return _told(work, operations.restore_visit(work, number, asked["reason"], told, remark=asked["remark"]))


@blueprint.route("/expected", methods=["POST"])
@writes(Permission.RUN_VISITS)
@blueprint.arguments(ExpectedShape)
@blueprint.response(201, ExpectedAnswer)
def expected(asked: Asked, *, work: Work, by: Actor) -> Appointment:
    """Somebody is to come on a day."""
    return expect(work, **asked, by=by)


@blueprint.route("/answers/<code>", methods=["DELETE"])
@writes(Permission.RECORD_WITHDRAWALS)
@blueprint.response(200, ErasedAnswer)
def erase(code: str, *, work: Work, by: Actor) -> dict[str, int]:
    """Erase every answer to a safety question that a participant gave."""
    return {"visits": erase_safety_answers(work, participant_seen_by(work, by, code).code, by=by)}
