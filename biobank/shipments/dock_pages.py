"""The dock as a page: what comes, what is here, what is open; scan a parcel, a carrier's label or a tube."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import zone_named
from biobank.custody.checks import may_see
from biobank.custody.operations import record
from biobank.custody.queries import item_if_known, item_now
from biobank.custody.states import SPECIMENS, Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.processing.urgency import what_goes_first
from biobank.shipments import dock
from biobank.shipments.choices import CARRIER_NAMES, Carrier
from biobank.shipments.dock_checks import NoParcelOfNumber, one_of_number
from biobank.shipments.inputs import UnannouncedParcel
from biobank.shipments.models import Shipment
from biobank.shipments.operations import steps_until_open
from biobank.shipments.unannounced import begin_unannounced
from biobank.sites.queries import sites
from biobank.web.addresses import sent_to
from biobank.web.asked_back import refused_or_asked
from biobank.web.cards import names_of_people
from biobank.web.feedback import tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.look_ups import page_behind
from biobank.web.permission import reads, writes
from biobank.web.print_jobs import print_link
from biobank.web.receipt import listed_parcel, urgent_shown
from biobank.web.receipt_steps import address
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.words import in_zone

blueprint = Blueprint("dock_pages", __name__, url_prefix="/dock")
Shown = dict[str, Any]
SCAN = Source("scan")

ARRIVE, OPEN = "arrive", "open"
"""What somebody at the dock does with the parcels that they scan."""
A_LIST = 40
"""Parcels that a list of the dock shows; the list of parcels holds the rest."""
LOOKED_AT = 120
"""Tubes among which those are looked for that go first: the oldest of what was received here."""
MOST_URGENT = 8


@blueprint.get("")
@reads(Permission.RECEIVE_SHIPMENTS)
def desk(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    now, zone, docks = moments.now(), zone_of(work, by), dock.docks_of(work, by.sites)
    coming = dock.on_the_way(work, docks, now, A_LIST + 1)
    asked = refused_or_asked(refusal)
    if isinstance(refusal, NoParcelOfNumber):
        link = {"label": "Begin a parcel without a manifest", "url": "/dock/unannounced"}
        asked["feedback"] = {**asked["feedback"], "link": link}
    return render_template(
        "shipments/dock.html",
        mode=_mode(),
        overdue=[_coming(work, each, zone) for each in coming if each.is_overdue],
        coming=[_coming(work, each, zone) for each in coming if not each.is_overdue],
        arrived=[_arrived(work, *each, zone) for each in dock.arrived(work, docks, A_LIST + 1)],
        drafts=_drafts(work, docks, zone),
        received=[_received(work, *each, zone) for each in _today(work, docks, now, zone)],
        first=_first(work, by, docks, now, zone),
        a_list=A_LIST,
        **asked,
    )


def _mode() -> str:
    told = request.form.get("mode") or request.args.get("mode")
    return OPEN if told == OPEN else ARRIVE


def _coming(work: Work, each: dock.Coming, zone: str) -> Shown:
    carrier = each.shipment.carrier
    return {
        **listed_parcel(work, each.shipment, each.parcel, zone),
        "carrier": CARRIER_NAMES[Carrier(carrier)] if carrier else None,
        "tracking": each.shipment.tracking_number,
        "due_on": each.due_on,
    }


def _arrived(work: Work, shipment: Shipment, parcel: Item, zone: str) -> Shown:
    at = shipment.arrived_at
    return {
        **listed_parcel(work, shipment, parcel, zone),
        "arrived_at": in_zone(at, zone) if at else None,
        "unannounced": shipment.unannounced,
    }


def _drafts(work: Work, docks: Sequence[str], zone: str) -> list[Shown]:
    found = dock.drafts(work, docks, A_LIST + 1)
    names = names_of_people(work, {each.begun_by for each in found if each.begun_by})
    return [
        {
            **_arrived(work, each.shipment, each.parcel, zone),
            "begun_by": names.get(each.begun_by or "", each.begun_by),
            "begun_at": in_zone(each.shipment.opened_at, zone) if each.shipment.opened_at else None,
            "found": each.found,
            "lines": each.lines,
        }
        for each in found
    ]


def _today(work: Work, docks: Sequence[str], now: datetime, zone: str) -> list[dock.Parcel]:
    midnight = now.astimezone(zone_named(zone)).replace(hour=0, minute=0, second=0, microsecond=0)
    return dock.received_since(work, docks, midnight, A_LIST + 1)


def _received(work: Work, shipment: Shipment, parcel: Item, zone: str) -> Shown:
    at = shipment.received_at
    return {
        **listed_parcel(work, shipment, parcel, zone),
        "received_at": in_zone(at, zone) if at else None,
    }


def _first(work: Work, by: Actor, docks: Sequence[str], now: datetime, zone: str) -> list[Shown]:
    tubes = dock.oldest_tubes(work, docks, LOOKED_AT)
    found = what_goes_first(work, tubes, now)[:MOST_URGENT]
    return [urgent_shown(work, each, by, now, zone) for each in found]


@blueprint.post("/scan")
@shown_again(Permission.RECEIVE_SHIPMENTS, _page)
@logging_refused_forms
@writes(Permission.RECEIVE_SHIPMENTS)
def scan(*, work: Work, by: Actor) -> Response:
    """A parcel or its carrier's number is taken as arrived, or opened; everything else leads to its page."""
    text, docks = request.form.get("text", ""), dock.docks_of(work, by.sites)
    item = item_if_known(work, text) or _by_number(work, docks, text)
    if item is not None and item.kind is Kind.PARCEL:
        return _parcel_scanned(work, by, docks, item, text)
    around = _parcel_around(work, item, by) if item is not None and item.kind in SPECIMENS else None
    if item is not None and around is not None:
        parcel = printed(around.identifier)
        tell("In a parcel", f"{printed(item.identifier)} lies in {parcel}. Nothing was recorded.", tone="ask")
        return sent_to(address(around.identifier, item.identifier))
    return sent_to(page_behind(work, by, text))


def _by_number(work: Work, docks: Sequence[str], text: str) -> ItemNow | None:
    """None for what is no carrier's number. Raises `NoParcelOfNumber`, `SeveralParcels`."""
    found = dock.parcels_of_number(work, docks, text)
    if not found and not dock.is_a_carriers(text):
        return None
    parcel = one_of_number(found)
    return item_now(work, parcel.identifier)


def _parcel_around(work: Work, item: ItemNow, by: Actor) -> Item | None:
    """Not told to who may not see the item."""
    known = item.container_id is not None and may_see(by, item)
    around = work.session.get(Item, item.container_id) if known else None
    return around if around is not None and around.kind == Kind.PARCEL.value else None


def _parcel_scanned(work: Work, by: Actor, docks: Sequence[str], parcel: ItemNow, text: str) -> Response:
    shipment = work.session.get(Shipment, parcel.id)
    ours_to_send = shipment is not None and shipment.destination not in docks and shipment.origin in docks
    if parcel.state in (State.RECEIVED, State.VOIDED) or ours_to_send:
        return sent_to(page_behind(work, by, parcel.identifier))
    steps = [Action.ARRIVE] if _mode() == ARRIVE else list(steps_until_open(work, parcel.identifier))
    if _mode() == ARRIVE and parcel.state in (State.ARRIVED, State.OPENED):
        tell("It is here already", f"{printed(parcel.identifier)} arrived before: nothing to do.")
        return sent_to(f"/dock?mode={_mode()}")
    done = [_record(work, by, parcel, step) for step in steps]
    for each in done:
        log_taken(work, text, each, by=by)
    if done:
        tell_of(with_scanner_alert(done[-1], text))
    return sent_to(f"/dock?mode={ARRIVE}" if _mode() == ARRIVE else address(parcel))


def _record(work: Work, by: Actor, parcel: ItemNow, step: Action) -> Recorded:
    return record(work, parcel.identifier, step, by=by, source=SCAN, at=now_told(work, by))


# A parcel without label or manifest.


@blueprint.get("/unannounced")
@reads(Permission.RECEIVE_SHIPMENTS)
def unannounced_form(*, work: Work, by: Actor) -> str:
    return _unannounced_page(work, by)


def _unannounced_page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    docks = dock.docks_of(work, by.sites)
    known = sites(work)
    return render_template(
        "shipments/unannounced.html",
        docks=[_choice(site.code, site.name) for site in known if site.code in docks],
        senders=[_choice(site.code, site.name) for site in known if site.code not in docks],
        carriers=[_choice(each.value, name) for each, name in CARRIER_NAMES.items()],
        form=request.form if refusal else {},
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal),
    )


def _choice(value: str, label: str) -> Shown:
    return {"value": value, "label": label, "note": None}


@blueprint.post("/unannounced")
@shown_again(Permission.RECEIVE_SHIPMENTS, _unannounced_page)
@writes(Permission.RECEIVE_SHIPMENTS)
def begin(*, work: Work, by: Actor) -> Response:
    told = {name: request.form.get(name, "").strip() or None for name in FIELDS}
    carrier = told.pop("carrier")
    new = UnannouncedParcel(
        destination=request.form.get("destination", ""),
        carrier=Carrier(carrier) if carrier in list(Carrier) else None,
        **told,
    )
    done = begin_unannounced(work, new, by=by, source=SCAN, at=now_told(work, by))
    code = printed(done.item.identifier)
    sentence = f"It is {code} from now on: print its label or write the code on it, then open it."
    tell("Parcel begun", sentence, link=print_link(done.item, by))
    return sent_to(address(done.item))


FIELDS = ("origin", "carrier", "tracking_number", "seal", "logger")
