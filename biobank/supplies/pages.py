"""Mailed kits as pages: the list by what somebody has to do, and the life of one order."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import read_moment
from biobank.custody.steps import Source
from biobank.items.models import Item
from biobank.participants.queries import keep_participants, participant_named, those_seen_by
from biobank.supplies.choices import UNDER_WAY, Leg, Stage, Telling
from biobank.supplies.models import SupplyOrder, SupplyVersion
from biobank.supplies.operations import tell_empty
from biobank.supplies.queries import (
    SHOWN,
    document_of,
    newest_by_way,
    newest_request,
    order_seen_by,
    orders_seen_by,
    versions_of,
)
from biobank.web.addresses import sent_to
from biobank.web.cards import card, name_of_person
from biobank.web.feedback import refused, tell
from biobank.web.frame import zone_of
from biobank.web.paging import filters, page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.supply_cards import SIGNS, supply_card
from biobank.web.told_times import now_told
from biobank.web.words import in_zone

blueprint = Blueprint("supply_pages", __name__, url_prefix="/supplies")
Shown = dict[str, Any]

TELLINGS: Mapping[Telling, str] = {
    Telling.REQUEST: "The supplier",
    Telling.DELIVERY: "The carrier",
    Telling.FINDING: "Seen here",
}
FINDINGS: Mapping[str, str] = {
    Stage.NO_SAMPLE.value: "No sample was in it.",
    Stage.RECEIVED.value: "A sample of it was received.",
}
WAYS: Mapping[Leg, str] = {Leg.OUT: "To the participant", Leg.BACK: "Back to the biobank"}


@blueprint.get("")
@reads(Permission.SEE_SUPPLIES)
def listed(*, work: Work, by: Actor) -> str:
    """One list at a time, the newest first."""
    show = request.args.get("show", "")
    show = show if show in SHOWN else next(iter(SHOWN))
    question = orders_seen_by(by, SHOWN[show][1](work.settings))
    cursor = request.args.get("cursor")
    found = page(work, question, [SupplyOrder.id], cursor=cursor, newest_first=True)
    zone = zone_of(work, by)
    return render_template(
        "supplies/orders.html",
        filters=filters("/supplies?show=", SHOWN, show),
        orders=_rows(work, found.rows, by, zone),
        next_url=found.next_url(f"/supplies?{urlencode({'show': show})}"),
    )


def _rows(work: Work, orders: Sequence[SupplyOrder], by: Actor, zone: str) -> list[Shown]:
    """Participants are asked for once a page."""
    keep_participants(work, [order.participant for order in orders])
    codes = [participant_named(work, order.participant).code for order in orders]
    seen = those_seen_by(work, by, codes) if by.may(Permission.SEE_PARTICIPANTS) else frozenset()
    return [
        _row(work, order, code, zone, is_seen=code in seen) for order, code in zip(orders, codes, strict=True)
    ]


def _row(work: Work, order: SupplyOrder, code: str, zone: str, *, is_seen: bool) -> Shown:
    return supply_card(work, order) | {
        "participant": code,
        "participant_url": f"/participants/{code}" if is_seen else None,
        "product": order.product_name or order.product_code,
        "barcode": order.barcode,
        "since": in_zone(order.stage_since, zone),
    }


@blueprint.get("/<number>")
@reads(Permission.SEE_SUPPLIES)
def order(number: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: str, refusal: DomainError | None = None) -> str:
    found, zone = order_seen_by(work, by, number), zone_of(work, by)
    versions = versions_of(work, found)
    kit = work.session.get(Item, found.kit_id) if found.kit_id is not None else None
    shown = {"feedback": refused(refusal)} if refusal else {}
    return render_template(
        "supplies/order.html",
        order=_rows(work, [found], by, zone)[0],
        asked=document_of(newest_request(versions)),
        kit=card(work, kit, by) | {"label": None} if kit else None,
        ways=_ways(versions, zone),
        versions=[_version(work, each, zone) for each in reversed(versions)],
        may_open=found.stage in UNDER_WAY and by.may(Permission.RECEIVE_SHIPMENTS),
        **shown,
    )


def _ways(versions: Sequence[SupplyVersion], zone: str) -> list[Shown]:
    """What was told last of each parcel, the one to the participant first."""
    newest = newest_by_way(versions)
    return [{"label": WAYS[leg], **_parcel(document_of(newest[leg]), zone)} for leg in Leg if leg in newest]


def _parcel(told: Shown, zone: str) -> Shown:
    at = told["occurred_at"]
    return {
        "carrier": told["carrier"],
        "tracking_number": told["tracking_number"],
        "status": told["status"],
        "expected_on": date.fromisoformat(told["expected_on"]) if told["expected_on"] else None,
        "at": in_zone(read_moment(at).at, zone) if at else None,
    }


def _version(work: Work, version: SupplyVersion, zone: str) -> Shown:
    told = document_of(version)
    return {
        "number": version.version,
        "who": TELLINGS[Telling(version.telling)],
        "way": WAYS[Leg(version.leg)] if version.leg else None,
        "status": told["status"] if version.content_hash else None,
        "finding": None if version.content_hash else FINDINGS[told["status"]],
        "state": SIGNS[Stage(version.stage)],
        "tracking_number": version.tracking_number,
        "flags": [flag["sentence"] for flag in told["flags"]],
        "recorded_at": in_zone(version.recorded_at, zone),
        "recorded_by": name_of_person(work, version.recorded_by),
    }


@blueprint.post("/<number>/empty")
@shown_again(Permission.SEE_SUPPLIES, _page)
@writes(Permission.RECEIVE_SHIPMENTS)
def empty(number: str, *, work: Work, by: Actor) -> Response:
    tell_empty(work, number, by=by, source=Source("keyed"), at=now_told(work, by))
    tell("Recorded", "The kit came back without a sample. Somebody asks what became of it.")
    return sent_to(f"/supplies/{number}")
