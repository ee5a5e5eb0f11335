"""Mailed kits over HTTP: the programme's SupplyRequest and SupplyDelivery in, the same in codes out."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response, request
from werkzeug.exceptions import UnsupportedMediaType

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.exchange.checks import may_be_an_order
from biobank.exchange.pseudonyms import read_pseudonyms
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.participants.queries import keep_participants, participant_named
from biobank.supplies.checks import participant_stopped
from biobank.supplies.documents import bundle, delivery_resources, etag, request_resource
from biobank.supplies.formats import DOCUMENT
from biobank.supplies.models import SupplyOrder, SupplyVersion
from biobank.supplies.operations import change_request, take_delivery, take_request, tell_empty
from biobank.supplies.queries import SHOWN, document_of, order_seen_by, orders_seen_by, versions_of
from biobank.supplies.schemas import (
    IF_MATCH,
    RESOURCE,
    EmptyShape,
    SuppliesAnswer,
    SuppliesQuery,
    SupplyOrderAnswer,
    SupplyVersionsAnswer,
)
from biobank.web.if_match import version_expected
from biobank.web.openapi import PREFIX, Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

requests = Blueprint(
    "supply_requests", __name__, url_prefix="/supply-requests", description="Kits that are mailed."
)
deliveries = Blueprint(
    "supply_deliveries", __name__, url_prefix="/supply-deliveries", description="Parcels of mailed kits."
)
FHIR = "application/fhir+json"
SENDS = {"content": {"application/json": {"schema": RESOURCE}, FHIR: {"schema": RESOURCE}}}


@requests.route("")
@reads(Permission.SEE_SUPPLIES)
@requests.arguments(SuppliesQuery, location="query")
@requests.response(200, SuppliesAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Orders of mailed kits, the newest first."""
    conditions = (SHOWN[asked["show"]][1](work.settings),) if asked["show"] else ()
    found = page(
        work, orders_seen_by(by, *conditions), [SupplyOrder.id],
        cursor=asked["cursor"], limit=asked["limit"], newest_first=True,
    )  # fmt: skip
    keep_participants(work, [order.participant for order in found.rows])
    work.keep(*items_numbered(work, [order.kit_id for order in found.rows if order.kit_id is not None]))
    return {"orders": [_told(work, order) for order in found.rows], "next_cursor": found.next_cursor}


@requests.route("", methods=["POST"])
@writes(Permission.IMPORT_FILES)
@requests.doc(requestBody=SENDS)
@requests.response(201, RESOURCE, content_type=FHIR)
@requests.alt_response(
    200, schema=RESOURCE, content_type=FHIR, description="Sent before: the order as it is.", success=True
)
def send(*, work: Work, by: Actor) -> Response:
    """Take a SupplyRequest. The same again gives the order that is here."""
    taken = take_request(work, _body(), by=by, pseudonyms=read_pseudonyms(work.settings))
    return _request_answered(work, taken.order, 200 if taken.unchanged else 201)


@requests.route("/<number>")
@reads(Permission.SEE_SUPPLIES)
@requests.response(200, RESOURCE, content_type=FHIR)
def show(number: str, *, work: Work, by: Actor) -> Response:
    """An order as a SupplyRequest, in codes."""
    return _request_answered(work, order_seen_by(work, by, number), 200)


@requests.route("/<number>", methods=["PUT"])
@writes(Permission.IMPORT_FILES)
@requests.doc(requestBody=SENDS, parameters=[IF_MATCH])
@requests.response(200, RESOURCE, content_type=FHIR)
def change(number: str, *, work: Work, by: Actor) -> Response:
    """What its supplier says of an order now; nothing that was told before is lost."""
    taken = change_request(
        work, number, _body(), expected=_expected(), by=by, pseudonyms=read_pseudonyms(work.settings)
    )
    return _request_answered(work, taken.order, 200)


@requests.route("/<number>/versions")
@reads(Permission.SEE_SUPPLIES)
@requests.response(200, SupplyVersionsAnswer)
def versions(number: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """What was told of an order and what was odd in it, oldest first."""
    return {"versions": [_version(each) for each in versions_of(work, order_seen_by(work, by, number))]}


@requests.route("/<number>/empty", methods=["POST"])
@writes(Permission.RECEIVE_SHIPMENTS)
@requests.arguments(EmptyShape)
@requests.response(200, SupplyOrderAnswer)
def empty(asked: Mapping[str, Any], number: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Somebody opened the kit that came back, and no sample was in it."""
    return _told(work, tell_empty(work, number, by=by, source=asked["source"], at=asked["at"]))


@deliveries.route("", methods=["POST"])
@writes(Permission.IMPORT_FILES)
@deliveries.doc(requestBody=SENDS)
@deliveries.response(201, RESOURCE, content_type=FHIR)
@deliveries.alt_response(
    200, schema=RESOURCE, content_type=FHIR, description="Sent before: nothing changed.", success=True
)
def send_delivery(*, work: Work, by: Actor) -> Response:
    """Take a SupplyDelivery of an order that is here."""
    taken = take_delivery(work, _body(), by=by, pseudonyms=read_pseudonyms(work.settings))
    return _deliveries_answered(work, taken.order, 200 if taken.unchanged else 201)


@deliveries.route("/<number>")
@reads(Permission.SEE_SUPPLIES)
@deliveries.response(200, RESOURCE, content_type=FHIR)
def show_deliveries(number: str, *, work: Work, by: Actor) -> Response:
    """The parcels of an order, there and back, as a Bundle of SupplyDelivery."""
    return _deliveries_answered(work, order_seen_by(work, by, number), 200)


@deliveries.route("/<number>", methods=["PUT"])
@writes(Permission.IMPORT_FILES)
@deliveries.doc(requestBody=SENDS, parameters=[IF_MATCH])
@deliveries.response(200, RESOURCE, content_type=FHIR)
def change_delivery(number: str, *, work: Work, by: Actor) -> Response:
    """Where a parcel of an order is now."""
    keyed = read_pseudonyms(work.settings)
    taken = take_delivery(work, _body(), by=by, pseudonyms=keyed, number=number, expected=_expected())
    return _deliveries_answered(work, taken.order, 200)


def _body() -> bytes:
    if request.mimetype not in ("application/json", FHIR):
        raise UnsupportedMediaType
    return may_be_an_order(request.get_data(), DOCUMENT)


def _expected() -> int | None:
    """The programme's own systems send no `If-Match`."""
    return version_expected(request.headers["If-Match"]) if "If-Match" in request.headers else None


def _request_answered(work: Work, order: SupplyOrder, status: int) -> Response:
    return _answered(order, request_resource(work, order), status, "supply-requests")


def _deliveries_answered(work: Work, order: SupplyOrder, status: int) -> Response:
    return _answered(order, bundle(delivery_resources(work, order)), status, "supply-deliveries")


def _answered(order: SupplyOrder, resource: dict[str, Any], status: int, kind: str) -> Response:
    headers = {"ETag": etag(order), "Location": f"{PREFIX}/{kind}/{order.number}"}
    return Response(orjson.dumps(resource), status, headers, mimetype=FHIR)


def _told(work: Work, order: SupplyOrder) -> dict[str, Any]:
    participant = participant_named(work, order.participant)
    kit = work.session.get(Item, order.kit_id) if order.kit_id is not None else None
    named = (
        "number",
        "site",
        "ordered_on",
        "product_code",
        "product_name",
        "barcode",
        "stage_since",
        "version",
    )
    return {name: getattr(order, name) for name in named} | {
        "participant": participant.code,
        "kit": kit.identifier if kit else None,
        "stage": order.stage,
        "stopped": participant_stopped(participant),
    }


def _version(version: SupplyVersion) -> dict[str, Any]:
    told = document_of(version)
    named = ("version", "telling", "leg", "stage", "recorded_at", "recorded_by")
    return {name: getattr(version, name) for name in named} | {"flags": told.pop("flags"), "told": told}
