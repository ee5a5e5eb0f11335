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
from biobank.custody.operations import record
from biobank.custody.queries import item_if_known
from biobank.custody.schemas import (
    BatchAnswer,
    BatchShape,
    RecordedAnswer,
    ScanShape,
    recorded_answer,
)
from biobank.custody.steps import AskedBack
from biobank.items.choices import ScanOutcome
from biobank.items.inputs import SeenScan
from biobank.items.operations import log_scans
from biobank.web.errors import problem_of
from biobank.web.openapi import Blueprint
from biobank.web.permission import writes
from biobank.web.plain_texts import json_is_readable
from biobank.web.scan_log import log_taken, refusals_logged, taken, with_scanner_alert
from biobank.web.shapes import loaded

blueprint = Blueprint("custody", __name__, url_prefix="/custody", description="Scans: how items move.")

SCAN = ScanShape()
TOGETHER = 50
"""Scans of a batch that are tried under one savepoint."""
Judged = tuple[dict[str, Any], SeenScan | None]
"""The answer to one scan of a batch, and what the log says of it."""


def logging_refusals(view: Callable[..., Any]) -> Callable[..., Any]:
    """Around the transaction of `writes`, which a refusal rolls back."""

    @wraps(view)
    def kept(*given: Any, **named: Any) -> Any:
        with refusals_logged(*_sent()):
            return view(*given, **named)

    return kept


def _sent() -> tuple[object, object]:
    try:
        document = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        return None, None
    return (document.get("item"), document.get("action")) if isinstance(document, dict) else (None, None)


@blueprint.route("/events", methods=["POST"])
@logging_refusals
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
    log_taken(work, scan.item, done, by=by)
    answer = recorded_answer(with_scanner_alert(done, scan.item), by)
    return _answered(answer, 200 if done.repeated else 201)


@blueprint.route("/batches", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(BatchShape)
@blueprint.response(200, BatchAnswer)
def record_batch(batch: Mapping[str, list[Any]], *, work: Work, by: Actor) -> Response:
    """Record up to 1,000 scans in one transaction.

    Each is taken or refused by itself; its result says with what it alone would have been answered.
    """
    documents = batch["scans"]
    judged: list[Judged] = []
    for at in range(0, len(documents), TOGETHER):
        judged += _judged(work, documents[at : at + TOGETHER], by)
    log_scans(work, [seen for _, seen in judged if seen], by=by)
    results = [result for result, _ in judged]
    refused = sum(1 for result in results if "error" in result)
    return _answered({"recorded": len(results) - refused, "refused": refused, "results": results}, 200)


def _judged(work: Work, documents: list[Any], by: Actor) -> list[Judged]:
    """Under one savepoint; when one of them is refused, in halves, so that it alone leaves nothing."""
    try:
        with work.savepoint():
            return [_taken(work, document, by) for document in documents]
    except DomainError as refusal:
        if len(documents) == 1:
            return [(problem_of(refusal), _not_taken(work, documents[0], refusal))]
    middle = len(documents) // 2
    return [*_judged(work, documents[:middle], by), *_judged(work, documents[middle:], by)]


def _taken(work: Work, document: Any, by: Actor) -> Judged:
    json_is_readable(document)
    scan = loaded(SCAN, document)
    done = record(work, by=by, **vars(scan))
    answer = recorded_answer(with_scanner_alert(done, scan.item), by)
    return {"status": 200 if done.repeated else 201, **answer}, taken(scan.item, done)


def _not_taken(work: Work, document: Any, refusal: DomainError) -> SeenScan | None:
    """For the log, which is written in the batch's own transaction: that goes on after a refusal."""
    item = document.get("item") if isinstance(document, dict) else None
    if not isinstance(item, str):
        return None
    outcome = ScanOutcome.ASKED_BACK if isinstance(refusal, AskedBack) else ScanOutcome.REFUSED
    known = item_if_known(work, item)
    return SeenScan(item, outcome, str(document.get("action")), known.id if known else None, refusal.detail)


def _answered(document: dict[str, Any], status: int) -> Response:
    return Response(orjson.dumps(document), status, mimetype="application/json")
