"""Parcels as pages: the list, packing by scanning, the manifest beside what was found."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.queries import item_if_known, item_now
from biobank.custody.states import Kind, State
from biobank.custody.steps import Source
from biobank.items.identifiers import printed
from biobank.processing.packing import put_in
from biobank.shipments.checks import who_scans_receives
from biobank.shipments.inputs import NewShipment
from biobank.shipments.nesting import is_inside
from biobank.shipments.operations import start_shipment
from biobank.shipments.queries import shipments_listed
from biobank.sites.models import SiteKind
from biobank.sites.queries import sites
from biobank.web import packing
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told
from biobank.web.feedback import tell
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.paging import filters
from biobank.web.permission import reads, writes
from biobank.web.receipt import listed_parcel, parcel_page
from biobank.web.receipt_steps import found_in, other_parcel, scanned_itself
from biobank.web.scan_log import log_taken, logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told

blueprint = Blueprint("shipment_pages", __name__)
A_PAGE = 50
Shown = dict[str, Any]

FILTERS: Mapping[str, tuple[str, tuple[State, ...]]] = {
    "packing": ("Being packed", (State.PACKING,)),
    "in_transit": ("On their way", (State.IN_TRANSIT,)),
    "arrived": ("To receive", (State.ARRIVED, State.OPENED)),
    "received": ("Received", (State.RECEIVED,)),
    "all": ("All", ()),
}


@blueprint.get("/shipments")
@reads(Permission.SEE_SHIPMENTS)
def parcels(*, work: Work, by: Actor) -> str:
    asked = request.args.get("state", "all")
    states = FILTERS.get(asked, FILTERS["all"])[1]
    before = request.args.get("before", type=int)
    found = shipments_listed(work, states=states, sites=by.sites, before=before, limit=A_PAGE + 1)
    zone, shown = zone_of(work, by), found[:A_PAGE]
    more = f"/shipments?state={asked}&before={shown[-1][1].id}" if len(found) > A_PAGE else None
    return render_template(
        "shipments/parcels.html",
        filters=filters("/shipments?state=", FILTERS, asked),
        parcels=[listed_parcel(work, shipment, item, zone) for shipment, item in shown],
        next_url=more,
        destinations=_destinations(work) if by.may(Permission.MAKE_SHIPMENTS) else [],
        origins=_origins(work, by),
    )


def _destinations(work: Work) -> list[Shown]:
    return [
        {"value": site.code, "label": site.name, "note": None}
        for site in sites(work)
        if site.kind == SiteKind.BIOBANK
    ]


def _origins(work: Work, by: Actor) -> list[Shown]:
    """Sites from which somebody sends; one needs no choice."""
    return [
        {"value": site.code, "label": site.name, "note": None}
        for site in sites(work)
        if by.works_at(site.code)
    ]


@blueprint.post("/shipments")
@writes(Permission.MAKE_SHIPMENTS)
def start_parcel(*, work: Work, by: Actor) -> Response:
    new = NewShipment(origin=request.form.get("origin", ""), destination=request.form.get("destination", ""))
    parcel = start_shipment(work, new, by=by, source=Source("scan"))
    tell(
        "Parcel begun",
        f"Write {printed(parcel.identifier)} on it or print its label, then scan what goes in.",
    )
    return sent_to(f"/shipments/{parcel.identifier}")


@blueprint.get("/shipments/<identifier>")
@reads(Permission.SEE_SHIPMENTS)
def parcel(identifier: str, *, work: Work, by: Actor) -> str:
    return parcel_page(work, by, identifier=identifier)


@blueprint.post("/shipments/<identifier>/scan")
@shown_again(Permission.SEE_SHIPMENTS, parcel_page)
@logging_refused_forms
@writes(Permission.MAKE_SHIPMENTS)
def scan_parcel(identifier: str, *, work: Work, by: Actor) -> Response:
    """Into a parcel that is being packed, out of one that is here; its own label is its next step."""
    found, text = found_by(work, by, identifier), request.form.get("text", "")
    scanned = item_if_known(work, text)
    receives = by.may(Permission.RECEIVE_SHIPMENTS)
    if receives and scanned is not None and scanned.id == found.id:
        return scanned_itself(work, by, found, text)
    if found.state is State.PACKING:
        return _packed(work, by, found.identifier, text)
    who_scans_receives(by, found)
    if scanned is not None and scanned.kind is Kind.PARCEL and not is_inside(work, scanned, found):
        return other_parcel(scanned)
    return found_in(work, by, found, text)


def _packed(work: Work, by: Actor, parcel: str, text: str) -> Response:
    results = put_in(
        work, parcel, text, by=by, source=Source("scan"), at=now_told(work, by),
        confirmation=confirmation_told(),
    )  # fmt: skip
    log_taken(work, text, results[0], by=by, item=item_now(work, text))
    packing.tell_of_packed(work, results, text)
    return sent_to(f"/shipments/{parcel}")
