"""Cases over HTTP: looked up, assigned, asked, answered, resolved alone or together, reopened, separated."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.permissions import Permission
from biobank.access.schemas import ShownSigningShape
from biobank.core.database import Work
from biobank.custody.models import Discrepancy
from biobank.custody.queries import item_by_id
from biobank.discrepancies import operations, schemas, separating
from biobank.discrepancies.inputs import Answering, Asking, Separating
from biobank.discrepancies.queries import case_numbered
from biobank.web.case_lists import cases_listed, cases_told, resolving_told
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint(
    "discrepancies", __name__, url_prefix="/discrepancies", description="What has to be explained, as cases."
)
Told = Mapping[str, Any]


def _told(work: Work, case: Discrepancy) -> dict[str, Any]:
    return cases_told(work, [case])[0]


@blueprint.route("")
@reads(Permission.SEE_ITEMS)
@blueprint.arguments(schemas.CasesQuery, location="query")
@blueprint.response(200, schemas.CasesAnswer)
def listed(asked: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """Cases, the oldest first; without a site those that a biobank found, or that ask a clinic."""
    question = cases_listed(work, by, asked)
    found = page(work, question, [Discrepancy.id], cursor=asked["cursor"], limit=asked["limit"])
    return {"cases": cases_told(work, found.rows), "next_cursor": found.next_cursor}


@blueprint.route("/<int:number>")
@reads(Permission.SEE_ITEMS)
@blueprint.response(200, schemas.CaseAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A case as it stands; its entries tell what was before."""
    return _told(work, case_numbered(work, by, number))


@blueprint.route("/<int:number>/owner", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.OwnerShape)
@blueprint.response(200, schemas.CaseAnswer)
def assigned(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Who sees to it."""
    return _told(work, operations.assign(work, number, told["owner"], by=by))


@blueprint.route("/<int:number>/question", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.AskingShape)
@blueprint.response(200, schemas.CaseAnswer)
def asked(told: Asking, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Ask the site that sent it."""
    return _told(work, operations.ask_site(work, number, told, by=by))


@blueprint.route("/<int:number>/answer", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.AnsweringShape)
@blueprint.response(200, schemas.CaseAnswer)
def answered(told: Answering, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What the site found out, by somebody there."""
    return _told(work, operations.answer_case(work, number, told, by=by))


@blueprint.route("/<int:number>/resolution", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.ResolvingShape)
@blueprint.response(200, schemas.CaseAnswer)
def resolved(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """End a case, with the step of its item that the end calls for."""
    case = operations.resolve(work, number, resolving_told(told), by=by, source=told["source"], at=told["at"])
    return _told(work, case)


@blueprint.route("/<int:number>/reopening", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.ReopeningShape)
@blueprint.response(200, schemas.CaseAnswer)
def reopened(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """There is more to say."""
    return _told(work, operations.reopen(work, number, told["sentence"], by=by))


@blueprint.route("/owner", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.OwnerOfManyShape)
@blueprint.response(200, schemas.ManyAnswer)
def assigned_many(told: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """Who sees to several, all of them or none."""
    return {"cases": cases_told(work, operations.assign_many(work, told["cases"], told["owner"], by=by))}


@blueprint.route("/resolution", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.ResolvingManyShape)
@blueprint.response(200, schemas.ManyAnswer)
def resolved_many(told: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """End several in the same way, all of them or none."""
    cases = operations.resolve_many(
        work, told["cases"], resolving_told(told), by=by, source=told["source"], at=told["at"]
    )
    return {"cases": cases_told(work, cases)}


@blueprint.route("/two-with-one-code", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.SameCodeShape)
@blueprint.response(201, schemas.SameCodeAnswer)
def same_code(told: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """Two tubes bear one code: both are held, and the second one gets a code of its own."""
    found = separating.report_same_code(work, told["item"], by=by, source=told["source"], at=told["at"])
    return {
        "case": _told(work, found.case),
        "item": found.item.identifier,
        "other": found.other.identifier,
    }


@blueprint.route("/<int:number>/separation", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(schemas.SeparatingShape)
@blueprint.response(201, schemas.SeparationAnswer)
def proposed(told: Separating, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The first of two people says what becomes of the code."""
    found = separating.propose(work, number, told, by=by)
    case = case_numbered(work, by, number)
    return {
        "number": found.id,
        "outcome": found.outcome,
        "sentence": found.sentence,
        "item": item_by_id(work, case.item_id).identifier,
        "other": separating.other_of(work, found),
        "proposed_by": found.proposed_by,
        "sha256": separating.shown_for_approval(work, case, found),
    }


@blueprint.route("/<int:number>/separation/approval", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(ShownSigningShape)
@blueprint.response(200, schemas.CaseAnswer)
def approved(told: Signing, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """The second person signs it, and the case ends."""
    return _told(work, separating.approve_separation(work, number, told, by=by))
