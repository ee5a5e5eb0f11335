"""Mailed kits as FHIR R4: SupplyRequest and SupplyDelivery in codes, with no address and no name in them."""

from collections.abc import Mapping, Sequence
from typing import Any

from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.participants.queries import participant_named
from biobank.supplies.choices import (
    FULFILMENT_ID,
    NOT_MAILED,
    ORDER_ID,
    OUR_PARTICIPANT,
    PRODUCT_CODE,
    SYSTEM,
    TRACKING,
    TRACKING_ID,
    Leg,
    Stage,
    as_word,
)
from biobank.supplies.models import SupplyOrder, SupplyVersion
from biobank.supplies.queries import document_of, newest_by_way, newest_request, versions_of

Resource = dict[str, Any]
STATUS: Mapping[Stage, str] = {
    **dict.fromkeys(NOT_MAILED, "active"),
    Stage.FAILED: "suspended",
    Stage.CANCELLED: "cancelled",
    Stage.MAILED: "active",
}
"""Of a SupplyRequest; from the day on which the kit was delivered it is completed."""


OUR_STAGE, OUR_FLAG = "urn:biobank:stage", "urn:biobank:flag"


def etag(order: SupplyOrder) -> str:
    return f'W/"{order.version}"'


def request_resource(work: Work, order: SupplyOrder) -> Resource:
    """The order as it is now."""
    versions = versions_of(work, order)
    told = document_of(newest_request(versions))
    return _filled(
        {
            "resourceType": "SupplyRequest",
            "id": order.number,
            "meta": {"versionId": str(order.version), "lastUpdated": to_text(versions[-1].recorded_at)},
            "identifier": [
                {"system": ORDER_ID, "value": order.number},
                *([{"system": FULFILMENT_ID, "value": told["fulfilment"]}] if told["fulfilment"] else []),
            ],
            "status": STATUS.get(Stage(order.stage), "completed"),
            "itemCodeableConcept": _item(order),
            "quantity": {"value": told["quantity"]},
            "authoredOn": order.ordered_on.isoformat() if order.ordered_on else None,
            "requester": _patient(work, order),
            "supplier": [{"display": told["supplier"]}] if told["supplier"] else None,
            "extension": _extensions(
                {
                    "barcode": order.barcode,
                    "order-type": told["order_type"],
                    "fulfillment-status": told["status"],
                }
            )
            + _ours(order, versions[-1]),
        }
    )


def delivery_resources(work: Work, order: SupplyOrder) -> list[Resource]:
    """What was told last of the parcel to the participant, and of the one back."""
    newest = newest_by_way(versions_of(work, order))
    return [_delivery(work, order, leg, newest[leg]) for leg in Leg if leg in newest]


def _delivery(work: Work, order: SupplyOrder, leg: Leg, version: SupplyVersion) -> Resource:
    told = document_of(version)
    return _filled(
        {
            "resourceType": "SupplyDelivery",
            "id": f"{order.number}-{leg}",
            "meta": {"versionId": str(version.version), "lastUpdated": to_text(version.recorded_at)},
            "identifier": [_tracking(told["tracking_number"])] if told["tracking_number"] else None,
            "basedOn": [{"identifier": {"system": ORDER_ID, "value": order.number}}],
            "partOf": [{"identifier": _tracking(told["out_number"])}] if told["out_number"] else None,
            "status": "completed" if _arrived(told) else "in-progress",
            "patient": _patient(work, order),
            "suppliedItem": {"quantity": {"value": 1}, "itemCodeableConcept": _item(order)},
            "occurrenceDateTime": told["occurred_at"],
            "extension": _extensions(
                {
                    "carrier": told["carrier"],
                    "order-type": told["order_type"],
                    "tracking-status": told["status"],
                }
            )
            + _expected(told["expected_on"]),
        }
    )


def _arrived(told: Mapping[str, Any]) -> bool:
    """By the carrier's word for this parcel, whatever became of the order since."""
    return TRACKING.get(as_word(str(told["status"])), False)


def resources(work: Work, orders: Sequence[SupplyOrder]) -> list[Resource]:
    """Each order with its parcels."""
    return [
        each for order in orders for each in (request_resource(work, order), *delivery_resources(work, order))
    ]


def bundle(entries: Sequence[Resource]) -> Resource:
    """Several resources in one, in their order."""
    told = [{"resource": each} for each in entries]
    return _filled({"resourceType": "Bundle", "type": "collection", "entry": told})


def _patient(work: Work, order: SupplyOrder) -> Resource:
    code = participant_named(work, order.participant).code
    return {"type": "Patient", "identifier": {"system": OUR_PARTICIPANT, "value": code}}


def _item(order: SupplyOrder) -> Resource:
    coded = [{"system": PRODUCT_CODE, "code": order.product_code}] if order.product_code else None
    return _filled({"coding": coded, "text": order.product_name or "Mailed kit"})


def _tracking(number: str) -> Resource:
    return {"system": TRACKING_ID, "value": number}


def _extensions(told: Mapping[str, str | None]) -> list[Resource]:
    return [{"url": SYSTEM + name, "valueString": value} for name, value in told.items() if value]


def _ours(order: SupplyOrder, newest: SupplyVersion) -> list[Resource]:
    """Where the order stands here, and what was odd in what was told last."""
    flags = [flag["code"] for flag in document_of(newest)["flags"]]
    return [
        {"url": OUR_STAGE, "valueString": order.stage},
        *({"url": OUR_FLAG, "valueString": flag} for flag in flags),
    ]


def _expected(day: str | None) -> list[Resource]:
    return [{"url": SYSTEM + "expected-delivery-date", "valueDateTime": day}] if day else []


def _filled(resource: Resource) -> Resource:
    """FHIR knows no empty values: what nobody told is left out."""
    return {name: value for name, value in resource.items() if value not in (None, [], {})}
