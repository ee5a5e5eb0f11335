"""The programme's orders over HTTP: sent, read, amended, cancelled and restored; no version is ever lost."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from sqlalchemy import select
from werkzeug.exceptions import PreconditionRequired, UnsupportedMediaType

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.exchange.amending import ORDER as NAMELESS
from biobank.exchange.amending import OrderNow, amend_order, change_status, order_seen_by
from biobank.exchange.checks import OrderUnknown, may_be_an_order
from biobank.exchange.models import OrderVersion
from biobank.exchange.operations import import_order
from biobank.exchange.pseudonyms import read_pseudonyms
from biobank.exchange.queries import newest_version, order_of_kit, version_numbered
from biobank.exchange.schemas import (
    CHANGE,
    IF_MATCH,
    ORDER,
    SentOrderAnswer,
    VersionQuery,
    VersionsAnswer,
    VersionsQuery,
)
from biobank.exchange.versions import etag, order_told
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.web.if_match import version_expected
from biobank.web.openapi import PREFIX, Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint("orders", __name__, url_prefix="/orders", description="Orders of the programme.")


def _sends(schema: dict[str, Any]) -> dict[str, Any]:
    return {"content": {"application/json": {"schema": schema}}}


@blueprint.route("", methods=["POST"])
@writes(Permission.IMPORT_FILES)
@blueprint.doc(requestBody=_sends(ORDER))
@blueprint.response(201, SentOrderAnswer)
@blueprint.alt_response(
    200, schema=SentOrderAnswer, description="Sent before: the order as it is.", success=True
)
def send(*, work: Work, by: Actor) -> Response:
    """Take an order: participant, kit, tubes and what became of them. The same again returns what is here."""
    taken = import_order(work, NAMELESS, _body(), by=by, pseudonyms=read_pseudonyms(work.settings))
    kit = work.session.get_one(Item, taken.kit_id)
    order = order_of_kit(work, kit.id)
    assert order is not None  # noqa: S101 (it was taken above)
    answer = _answered(work, newest_version(work, order.id), kit, 200 if taken.unchanged else 201)
    answer.headers["Location"] = f"{PREFIX}/orders/{kit.identifier}"
    return answer


@blueprint.route("/<identifier>")
@reads(Permission.SEE_ITEMS)
@blueprint.arguments(VersionQuery, location="query")
@blueprint.response(200, SentOrderAnswer)
def show(asked: Mapping[str, int | None], identifier: str, *, work: Work, by: Actor) -> Response:
    """An order by the code of its kit or by an identifier of its own: as it is, or as a version was."""
    found = order_seen_by(work, by, identifier)
    return _answered(work, _version(work, found, asked["version"]), found.kit)


@blueprint.route("/<identifier>/versions")
@reads(Permission.SEE_ITEMS)
@blueprint.arguments(VersionsQuery, location="query")
@blueprint.response(200, VersionsAnswer)
def versions(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Who changed an order when, the newest first."""
    found = order_seen_by(work, by, identifier)
    question = select(OrderVersion).where(OrderVersion.order_id == found.order.id)
    listed = page(work, question, [OrderVersion.version], newest_first=True, **asked)
    rows = [
        {
            "version": version.version,
            "status": version.status,
            "recorded_at": to_text(version.recorded_at),
            "recorded_by": version.recorded_by,
        }
        for version in listed.rows
    ]
    return {"versions": rows, "next_cursor": listed.next_cursor}


@blueprint.route("/<identifier>", methods=["PUT"])
@writes(Permission.IMPORT_FILES)
@blueprint.doc(requestBody=_sends(ORDER), parameters=[IF_MATCH])
@blueprint.response(200, SentOrderAnswer)
def amend(identifier: str, *, work: Work, by: Actor) -> Response:
    """Amend an order: what is told otherwise becomes corrections and new steps, and nothing is erased."""
    expected, keyed = _expected(), read_pseudonyms(work.settings)
    made = amend_order(work, identifier, _body(), expected=expected, by=by, pseudonyms=keyed)
    return _answered(work, made, order_seen_by(work, by, identifier).kit)


@blueprint.route("/<identifier>", methods=["PATCH"])
@writes(Permission.IMPORT_FILES)
@blueprint.doc(requestBody=_sends(CHANGE), parameters=[IF_MATCH])
@blueprint.response(200, SentOrderAnswer)
def change(identifier: str, *, work: Work, by: Actor) -> Response:
    """Cancel an order or restore a cancelled one; what was collected for it is held, or free again."""
    expected, keyed = _expected(), read_pseudonyms(work.settings)
    made = change_status(work, identifier, _body(), expected=expected, by=by, pseudonyms=keyed)
    return _answered(work, made, order_seen_by(work, by, identifier).kit)


def _body() -> bytes:
    if request.mimetype != "application/json":
        raise UnsupportedMediaType
    return may_be_an_order(request.get_data(), NAMELESS)


def _expected() -> int:
    """The version in `If-Match`, weak or not: versions are whole orders."""
    told = request.headers.get("If-Match")
    if told is None:
        raise PreconditionRequired(
            "Send If-Match with the ETag of the version that this was decided on; read the order for it."
        )
    return version_expected(told)


def _version(work: Work, found: OrderNow, number: int | None) -> OrderVersion:
    version = found.newest if number is None else version_numbered(work, found.order.id, number)
    if version is None:
        raise OrderUnknown(
            f"The order of {printed(found.kit.identifier)} has versions 1 to {found.newest.version}.",
            field="version",
        )
    return version


def _answered(work: Work, version: OrderVersion, kit: Item, status: int = 200) -> Response:
    document = orjson.dumps(order_told(work, version, kit))
    return Response(document, status, {"ETag": etag(version)}, mimetype="application/json")
