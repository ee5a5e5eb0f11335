"""Parcels as pages: the list, packing by scanning, the manifest beside what was found."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.processing.packing import put_in
from biobank.shipments.checks import who_scans_receives
from biobank.shipments.choices import CARRIER_NAMES, Carrier, Condition, Presence
from biobank.shipments.inputs import NewShipment
from biobank.shipments.models import Shipment
from biobank.shipments.operations import start_shipment
from biobank.shipments.queries import Line, manifest, parcel_named, shipments_listed
from biobank.sites.models import SiteKind
from biobank.sites.queries import site_named, sites
from biobank.web import packing
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import card
from biobank.web.feedback import tell, tell_of
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.print_jobs import print_link, voided
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.step_buttons import step_buttons
from biobank.web.told_times import now_told
from biobank.web.words import Sign, in_zone, spoken, state_sign

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
PRESENCE: Mapping[Presence | None, Sign] = {
    None: {"word": "not yet seen", "tone": "wait"},
    Presence.FOUND: {"word": "found", "tone": "right"},
    Presence.MISSING: {"word": "not in the parcel", "tone": "wrong"},
    Presence.EXTRA: {"word": "found", "tone": "ask"},
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
        filters=[
            {"label": label, "url": f"/shipments?state={name}", "current": name == asked}
            for name, (label, _) in FILTERS.items()
        ],
        parcels=[_listed(work, shipment, item, zone) for shipment, item in shown],
        next_url=more,
        destinations=_destinations(work) if by.may(Permission.MAKE_SHIPMENTS) else [],
        origins=_origins(work, by),
    )


def _listed(work: Work, shipment: Shipment, item: Item, zone: str) -> Shown:
    return {
        "printed": printed(item.identifier),
        "url": f"/shipments/{item.identifier}",
        "state": state_sign(item.state),
        "sender": site_named(work, shipment.origin).name,
        "receiver": site_named(work, shipment.destination).name,
        "dispatched_at": in_zone(shipment.dispatched_at, zone) if shipment.dispatched_at else None,
        "since": in_zone(item.recorded_at, zone),
    }


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
    return _page(work, by, identifier=identifier)


def _page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    found = found_by(work, by, identifier)
    shipment, item = parcel_named(work, found.identifier)
    asked = refused_or_asked(refusal, "text", "condition")
    if found.state is State.PACKING:
        return packing.page(work, by, shipment, item, **asked)
    lines = manifest(work, shipment)
    known = [line for line in lines if line.presence is not Presence.EXTRA]
    extra = [line for line in lines if line.presence is Presence.EXTRA]
    known.sort(key=lambda line: line.presence is not None)  # what nobody has seen yet stands first
    return render_template(
        "shipments/parcel.html",
        parcel=_parcel(work, shipment, item, lines, zone_of(work, by)),
        steps=step_buttons(work, found, by),
        print_link=print_link(found, by),
        voided=voided(work, [item], zone_of(work, by)).get(item.id),
        lines=[_line(work, line, by) for line in known],
        extra=[_line(work, line, by) for line in extra],
        conditions=[{"value": each.value, "label": spoken(each.value)} for each in Condition],
        form={"confirmation": request.form.get("confirmation", "")},
        **asked,
    )


def _parcel(work: Work, shipment: Shipment, item: Item, lines: list[Line], zone: str) -> Shown:
    state = State(item.state)
    return {
        **_listed(work, shipment, item, zone),
        "receiving": state is State.OPENED,
        "carrier": CARRIER_NAMES[Carrier(shipment.carrier)] if shipment.carrier else None,
        "tracking": shipment.tracking_number,
        "seal": shipment.seal,
        "logger": shipment.logger,
        "dry_ice": f"{shipment.dry_ice_grams / 1000:g} kg" if shipment.dry_ice_grams else None,
        "arrived_at": in_zone(shipment.arrived_at, zone) if shipment.arrived_at else None,
        "expected": sum(1 for line in lines if line.presence is not Presence.EXTRA),
        "found": sum(1 for line in lines if line.presence is Presence.FOUND),
    }


def _line(work: Work, line: Line, by: Actor) -> Shown:
    return {
        **card(work, line.item, by),
        "presence": PRESENCE[line.presence],
        "conditions": [{"word": spoken(condition), "tone": "late"} for condition in line.conditions],
        "note": NOTES.get(line.presence),
    }


NOTES: Mapping[Presence | None, str] = {
    Presence.MISSING: "Look again before it is called lost.",
    Presence.EXTRA: "Not on the manifest; the sender is asked.",
}


@blueprint.post("/shipments/<identifier>/scan")
@shown_again(Permission.SEE_SHIPMENTS, _page)
@logging_refused_forms
@writes(Permission.MAKE_SHIPMENTS)
def scan_parcel(identifier: str, *, work: Work, by: Actor) -> Response:
    """Into a parcel that is being packed, out of one that is open."""
    found, text = found_by(work, by, identifier), request.form.get("text", "")
    if found.state is State.PACKING:
        results = put_in(
            work, found.identifier, text, by=by, source=Source("scan"), at=now_told(work, by),
            confirmation=confirmation_told(),
        )  # fmt: skip
        log_taken(work, text, results[0], by=by, item=item_now(work, text))
        packing.tell_of_packed(work, results, text)
    else:
        who_scans_receives(by, found)
        done = _found(work, by, found.identifier, text)
        log_taken(work, text, done, by=by)
        tell_of(with_scanner_alert(done, text))
    return sent_to(f"/shipments/{found.identifier}")


def _found(work: Work, by: Actor, parcel: str, text: str) -> Recorded:
    conditions = request.form.getlist("condition")
    details = {"parcel": parcel} | ({"conditions": conditions} if conditions else {})
    return record(
        work, text, Action.RECEIVE, by=by, source=Source("scan"), at=now_told(work, by), details=details
    )
