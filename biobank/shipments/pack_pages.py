"""Packing as pages: a whole kit in one press, taken out again, dispatched, and the list to go inside."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.quantities import THOUSAND
from biobank.custody.checks import item_seen_by
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.printing.packing_lists import PackedTube, PackingList, packing_list_pdf, symbol_svg
from biobank.processing.packing import pack_kit
from biobank.shipments.choices import CARRIER_NAMES, Carrier
from biobank.shipments.models import Shipment
from biobank.shipments.nesting import specimens_within
from biobank.shipments.queries import calendars_around, journey, manifest, parcel_named, sender_of
from biobank.sites.queries import site_named
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import specification_of
from biobank.web.downloads import download
from biobank.web.feedback import tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.packing import parcel_shown, tell_of_packed
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import NAME, now_told, time_told
from biobank.web.typed_fields import thousandths_typed
from biobank.web.words import in_zone

blueprint = Blueprint("pack_pages", __name__, url_prefix="/shipments/<identifier>")
Shown = dict[str, Any]
Form = Mapping[str, str]

TOLD = ("carrier", "tracking_number", "seal", "logger")
"""Fields of the dispatch that are details of the step as they are typed."""
SENT = (*TOLD, "dry_ice", "un3373", NAME, f"{NAME}_unknown", "performed_by", "form_number")
CARRIERS = [{"value": each.value, "label": name, "note": None} for each, name in CARRIER_NAMES.items()]


@blueprint.post("/kits")
@writes(Permission.MAKE_SHIPMENTS)
def pack_whole_kit(identifier: str, *, work: Work, by: Actor) -> Response:
    """All that is ready of a kit, as one."""
    parcel, kit = found_by(work, by, identifier), request.form.get("kit", "")
    results = pack_kit(work, parcel.identifier, kit, by=by, source=Source("scan"), at=now_told(work, by))
    log_taken(work, kit, results[0], by=by, item=item_seen_by(work, by, kit))
    tell_of_packed(work, results, kit)
    return _to(parcel.identifier)


@blueprint.post("/take-out")
@writes(Permission.MAKE_SHIPMENTS)
def take_out(identifier: str, *, work: Work, by: Actor) -> Response:
    """What went in by mistake comes out again; both stay in its history."""
    parcel, tube = found_by(work, by, identifier), request.form.get("item", "")
    tell_of(record(work, tube, Action.UNPACK, by=by, source=Source("scan"), at=now_told(work, by)))
    return _to(parcel.identifier)


def _to(parcel: str) -> Response:
    return sent_to(f"/shipments/{parcel}")


@blueprint.get("/dispatch")
@reads(Permission.MAKE_SHIPMENTS)
def dispatch_form(identifier: str, *, work: Work, by: Actor) -> str:
    return _dispatch_page(work, by, identifier=identifier)


def _dispatch_page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    """With what the calendars say of each carrier that is picked up here."""
    found = found_by(work, by, identifier)
    shipment, parcel = parcel_named(work, found.identifier)
    zone = zone_of(work, by)
    return render_template(
        "shipments/dispatch.html",
        parcel=parcel_shown(work, shipment, parcel),
        inside=len(specimens_within(work, shipment)),
        carriers=CARRIERS,
        journeys=_journeys(work, shipment),
        zone=zone,
        form=request.form if refusal else _told_before(shipment),
        errors=errors_by_field(refusal, FIELD_OF),
        **refused_or_asked(refusal, *SENT),
    )


FIELD_OF = {"dry_ice_grams": "dry_ice"}
"""Where the form asks for a detail under another name."""


def _told_before(shipment: Shipment) -> Form:
    told = {name: getattr(shipment, name) for name in TOLD}
    grams = shipment.dry_ice_grams
    told["dry_ice"] = f"{grams / THOUSAND:g}" if grams else None
    return {name: value for name, value in told.items() if value}


def _journeys(work: Work, shipment: Shipment) -> list[Shown]:
    """What would become of the parcel if it went now, by carrier."""
    now, calendars = moments.now(), calendars_around(work, [shipment])
    calendar = calendars.get(shipment.origin or "")
    known = [carrier for carrier in Carrier if calendar and carrier in calendar.carriers]
    return [_journey(carrier, journey(work, shipment, carrier, now, calendars)) for carrier in known]


def _journey(carrier: Carrier, told: Any) -> Shown:
    return {
        "carrier": CARRIER_NAMES[carrier],
        "picked_up_at": told.picked_up_at,
        "arrives_on": told.arrives_on,
        "hurdles": told.hurdles,
    }


@blueprint.post("/dispatch")
@shown_again(Permission.MAKE_SHIPMENTS, _dispatch_page)
@logging_refused_forms
@writes(Permission.MAKE_SHIPMENTS)
def dispatch(identifier: str, *, work: Work, by: Actor) -> Response:
    """Closed, and handed to its carrier with everything in it."""
    parcel, form = found_by(work, by, identifier), request.form
    paper = form.get("form_number", "").strip()
    done = record(
        work,
        parcel.identifier,
        Action.DISPATCH,
        by=by,
        source=Source("paper", paper) if paper else Source("scan"),
        at=time_told(form, zone_of(work, by)),
        performed_by=form.get("performed_by", "").strip() or None,
        details=_details(form),
        confirmation=confirmation_told(),
    )
    log_taken(work, identifier, done, by=by)
    tell_of(done)
    return _to(parcel.identifier)


def _details(form: Form) -> dict[str, Any]:
    details: dict[str, Any] = {name: form[name].strip() for name in TOLD if form.get(name, "").strip()}
    grams = thousandths_typed(form, "dry_ice")
    return {**details, "un3373": form.get("un3373") == "yes", **({"dry_ice_grams": grams} if grams else {})}


@blueprint.get("/packing-list")
@reads(Permission.SEE_SHIPMENTS)
def packing_list(identifier: str, *, work: Work, by: Actor) -> str:
    """To be printed from the browser."""
    told = _packing_list(work, by, identifier)
    return render_template(
        "shipments/packing_list.html", told=told, symbol=symbol_svg(told.parcel), code=printed
    )


@blueprint.get("/packing-list.pdf")
@reads(Permission.SEE_SHIPMENTS)
def packing_list_document(identifier: str, *, work: Work, by: Actor) -> Response:
    told = _packing_list(work, by, identifier)
    return download(packing_list_pdf(told), "application/pdf", f"packing-list-{told.parcel}.pdf")


def _packing_list(work: Work, by: Actor, identifier: str) -> PackingList:
    found = found_by(work, by, identifier)
    shipment, parcel = parcel_named(work, found.identifier)
    zone = zone_of(work, by)
    return PackingList(
        programme=work.settings.programme,
        parcel=parcel.identifier,
        sender=sender_of(work, shipment),
        receiver=site_named(work, shipment.destination).name,
        carrier=CARRIER_NAMES[Carrier(shipment.carrier)] if shipment.carrier else None,
        tracking_number=shipment.tracking_number,
        seal=shipment.seal,
        logger=shipment.logger,
        dry_ice_grams=shipment.dry_ice_grams,
        made_at=in_zone(moments.now(), zone),
        dispatched_at=in_zone(shipment.dispatched_at, zone) if shipment.dispatched_at else None,
        tubes=tuple(_packed(work, line.item, zone) for line in manifest(work, shipment)),
    )


def _packed(work: Work, tube: Item, zone: str) -> PackedTube:
    specification = specification_of(work, tube)
    kit = work.session.get(Item, tube.kit_id) if tube.kit_id is not None else None
    return PackedTube(
        identifier=tube.identifier,
        label=specification.label if specification else tube.specification or "",
        colour=specification.colour if specification else None,
        kit=kit.identifier if kit else None,
        collected_at=in_zone(tube.collected_at, zone) if tube.collected_at else None,
    )
