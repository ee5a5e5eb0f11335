"""Approved studies over HTTP: registered, approved, handed to, asked, checked, ended."""

from collections.abc import Mapping
from typing import Any

from flask import Response

from biobank.access.actors import Actor
from biobank.access.inputs import Signing
from biobank.access.permissions import Permission
from biobank.access.schemas import ShownSigningShape
from biobank.core.database import Work
from biobank.destruction.holder_answers import holder_answered
from biobank.distribution import operations
from biobank.distribution.inputs import HolderTold, NewRequest
from biobank.distribution.models import Distribution, StudyRequest
from biobank.distribution.queries import (
    Distributed,
    counted_by_portion,
    holders_to_ask,
    request_called,
    requests,
    standing_on,
)
from biobank.distribution.records import request_record
from biobank.distribution.schemas import (
    DistributedAnswer,
    DistributedListAnswer,
    DistributionAnswer,
    HandedItemsShape,
    HandedOverAnswer,
    HandOverShape,
    HolderShape,
    PastStudyShape,
    StudyEndShape,
    StudyRequestAnswer,
    StudyRequestsAnswer,
    StudyRequestShape,
)
from biobank.exchange.study_files import study_file
from biobank.retrieval.numbering import make_manifest
from biobank.retrieval.schemas import StudyManifestShape
from biobank.web.downloads import download
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shapes import NothingToldShape, Paging
from biobank.withdrawals.queries import left_out_of_exports

blueprint = Blueprint(
    "study_requests",
    __name__,
    url_prefix="/study-requests",
    description="Approved studies and what they got.",
)
handed = Blueprint(
    "distributions", __name__, url_prefix="/distributions", description="What is handed over at once."
)
holders = Blueprint("holders", __name__, url_prefix="/holders", description="Who has what was distributed.")
Told = Mapping[str, Any]


def _shown(work: Work, request: StudyRequest) -> dict[str, Any]:
    given = counted_by_portion(work, request)
    names = (
        "number",
        "study",
        "receiver",
        "agreement",
        "purpose",
        "valid_from",
        "valid_until",
        "registered_by",
    )
    later = ("approved_by", "approved_at", "ended_because")
    return {name: getattr(request, name) for name in (*names, *later)} | {
        "standing": standing_on(request),
        "sha256": request_record(request)[1],
        "portions": [
            {
                "kind": each.kind,
                "specification": each.specification,
                "most": each.most,
                "given": given.get(each.id, 0),
            }
            for each in request.portions
        ],
    }


@blueprint.route("")
@reads(Permission.SEE_DISTRIBUTION)
@blueprint.arguments(Paging, location="query")
@blueprint.response(200, StudyRequestsAnswer)
def listed(asked: Told, *, work: Work, by: Actor) -> dict[str, Any]:  # noqa: ARG001 (a study is no site's)
    """Requests of studies, the newest first."""
    found = page(work, requests(), [StudyRequest.id], newest_first=True, **asked)
    return {"requests": [_shown(work, each) for each in found.rows], "next_cursor": found.next_cursor}


@blueprint.route("", methods=["POST"])
@writes(Permission.REGISTER_STUDIES)
@blueprint.arguments(StudyRequestShape)
@blueprint.response(201, StudyRequestAnswer)
def registered(new: NewRequest, *, work: Work, by: Actor) -> dict[str, Any]:
    """Register a study's request; somebody else approves it."""
    return _shown(work, operations.register_request(work, new, by=by))


@blueprint.route("/<code>")
@reads(Permission.SEE_DISTRIBUTION)
@blueprint.response(200, StudyRequestAnswer)
def show(code: str, *, work: Work, by: Actor) -> dict[str, Any]:  # noqa: ARG001 (a study is no site's)
    """A request, how it stands, and how much of it was given."""
    return _shown(work, request_called(work, code))


@blueprint.route("/<code>/approval", methods=["POST"])
@writes(Permission.APPROVE_STUDIES)
@blueprint.arguments(ShownSigningShape)
@blueprint.response(200, StudyRequestAnswer)
def approved(told: Signing, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Sign a request as it was shown."""
    return _shown(work, operations.approve_request(work, code, told, by=by))


@blueprint.route("/<code>/end", methods=["POST"])
@writes(Permission.APPROVE_STUDIES)
@blueprint.arguments(StudyEndShape)
@blueprint.response(200, StudyRequestAnswer)
def ended(told: Told, code: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Nothing more goes to this study."""
    return _shown(work, operations.end_request(work, code, told["because"], by=by))


@blueprint.route("/<code>/distributions", methods=["POST"])
@writes(Permission.DISTRIBUTE)
@blueprint.arguments(HandOverShape)
@blueprint.response(201, DistributionAnswer)
def opened(told: Told, code: str, *, work: Work, by: Actor) -> Distribution:
    """Begin to hand over: items are scanned into it."""
    return operations.open_distribution(work, code, site=told["site"], by=by)


@blueprint.route("/<code>/checks", methods=["POST"])
@writes(Permission.CHECK_PAST_STUDIES)
@blueprint.arguments(PastStudyShape)
@blueprint.response(200, DistributedListAnswer)
def checked(told: Told, code: str, *, work: Work, by: Actor) -> dict[str, list[Distributed]]:
    """What a study was given, for checking its results; that you looked is written down."""
    return {"items": operations.check_past_study(work, code, told["reference"], by=by)}


@blueprint.route("/<code>/file.csv", methods=["POST"])
@writes(Permission.EXPORT_FILES)
@blueprint.arguments(NothingToldShape)
@blueprint.sends("text/csv", "What the study could be given now, without who chose so.")
def exported(_: Told, code: str, *, work: Work, by: Actor) -> Response:
    """A file for the study; it leaves out whoever asked for it, and is an entry of the log."""
    made = study_file(work, code, by=by)
    return download(made.content, "text/csv; charset=utf-8", made.name)


@handed.route("/<int:number>/items", methods=["POST"])
@writes(Permission.DISTRIBUTE)
@handed.arguments(HandedItemsShape)
@handed.response(201, HandedOverAnswer)
def handed_over(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Hand items to the study, all of them or none."""
    done = operations.distribute(work, number, told["items"], by=by, at=told["at"], source=told["source"])
    alerts = [alert for each in done for alert in each.alerts]
    return {"items": [each.item.identifier for each in done], "alerts": alerts}


@handed.route("/<int:number>/close", methods=["POST"])
@writes(Permission.DISTRIBUTE)
@handed.arguments(NothingToldShape)
@handed.response(200, DistributionAnswer)
def closed(_: Told, number: int, *, work: Work, by: Actor) -> Distribution:
    """It is packed."""
    return operations.close_distribution(work, number, by=by)


@handed.route("/<int:number>/manifest.csv", methods=["POST"])
@writes(Permission.DISTRIBUTE)
@handed.arguments(StudyManifestShape)
@handed.sends("text/csv", "What the study is told of each piece, under its own numbers.")
def manifest(told: Told, number: int, *, work: Work, by: Actor) -> Response:
    """The manifest of a hand-over: nothing in it identifies anybody; that it was made is in the log."""
    made = make_manifest(work, number, told["dates"], by=by, left_out=left_out_of_exports(work))
    return download(made.content, "text/csv; charset=utf-8", f"manifest-{number}.csv")


@holders.route("")
@reads(Permission.ASK_HOLDERS)
@holders.response(200, DistributedListAnswer)
def to_ask(*, work: Work, by: Actor) -> dict[str, list[Distributed]]:
    """What studies have of participants who withdrew since, and nobody has an answer yet."""
    return {"items": holders_to_ask(work, by)}


@holders.route("/notes", methods=["POST"])
@writes(Permission.ASK_HOLDERS)
@holders.arguments(HolderShape)
@holders.response(201, DistributedAnswer)
def noted(told: HolderTold, *, work: Work, by: Actor) -> Distributed:
    """That a study was asked, or what it answered."""
    if told.answer is None:
        return operations.ask_holder(work, told, by=by)
    return holder_answered(work, told, by=by)
