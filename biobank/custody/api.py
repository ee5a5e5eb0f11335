"""Scans over HTTP: one by one, or up to a thousand in one transaction."""

from collections.abc import Callable, Mapping
from functools import wraps
from typing import Any

import orjson
from flask import Response, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.inputs import Scan
from biobank.custody.operations import keep_refused_scan, record
from biobank.custody.schemas import (
    BatchAnswer,
    BatchShape,
    RecordedAnswer,
    ScanShape,
    recorded_answer,
)
from biobank.custody.steps import AskedBack
from biobank.web.errors import problem_of
from biobank.web.openapi import Blueprint
from biobank.web.permission import writes
from biobank.web.refused_scans import refusals_kept
from biobank.web.shapes import loaded

blueprint = Blueprint("custody", __name__, url_prefix="/custody", description="Scans: how items move.")

SCAN = ScanShape()
TOGETHER = 50
"""Scans of a batch that are tried under one savepoint."""


def keeping_refusals(view: Callable[..., Any]) -> Callable[..., Any]:
    """Around the transaction of `writes`, which a refusal rolls back."""

    @wraps(view)
    def kept(*given: Any, **named: Any) -> Any:
        with refusals_kept(*_sent()):
            return view(*given, **named)

    return kept


def _sent() -> tuple[object, object]:
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        return None, None
    return (document.get("item"), document.get("action")) if isinstance(document, dict) else (None, None)


@blueprint.route("/events", methods=["POST"])
@keeping_refusals
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(SCAN)
@blueprint.response(201, RecordedAnswer)
@blueprint.alt_response(
    200, schema=RecordedAnswer, description="True already: the earlier event.", success=True
)
def record_scan(scan: Scan, *, work: Work, by: Actor) -> Response:
    """Record one step of one item.

    A fact that surprises is answered with 409 and `confirmable`: send it again with `confirmation`, the
    reason. A decision that is not possible now is answered with 409 and `allowed_actions`.
    """
    done = record(work, by=by, **vars(scan))
    return _answered(recorded_answer(done, by), 200 if done.repeated else 201)


@blueprint.route("/batches", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(BatchShape)
@blueprint.response(200, BatchAnswer)
def record_batch(batch: Mapping[str, list[Any]], *, work: Work, by: Actor) -> Response:
    """Record up to 1,000 scans in one transaction.

    Each is taken or refused by itself; its result says with what it alone would have been answered.
    """
    documents = batch["scans"]
    results: list[dict[str, Any]] = []
    for at in range(0, len(documents), TOGETHER):
        results += _results(work, documents[at : at + TOGETHER], by)
    refused = sum(1 for result in results if "error" in result)
    return _answered({"recorded": len(results) - refused, "refused": refused, "results": results}, 200)


def _results(work: Work, documents: list[Any], by: Actor) -> list[dict[str, Any]]:
    """Under one savepoint; when one of them is refused, in halves, so that it alone leaves nothing."""
    try:
        with work.savepoint():
            return [_result(work, document, by) for document in documents]
    except DomainError as refusal:
        if len(documents) == 1:
            _keep(work, documents[0], refusal, by)
            return [problem_of(refusal)]
    middle = len(documents) // 2
    return [*_results(work, documents[:middle], by), *_results(work, documents[middle:], by)]


def _result(work: Work, document: Any, by: Actor) -> dict[str, Any]:
    done = record(work, by=by, **vars(loaded(SCAN, document)))
    return {"status": 200 if done.repeated else 201, **recorded_answer(done, by)}


def _answered(document: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(document), status, mimetype="application/json")


def _keep(work: Work, document: Any, refusal: DomainError, by: Actor) -> None:
    """In the batch's own transaction, which goes on after a refusal."""
    item = document.get("item") if isinstance(document, dict) else None
    if isinstance(item, str) and not isinstance(refusal, AskedBack):
        keep_refused_scan(work, item, str(document.get("action")), refusal.detail, by=by)
