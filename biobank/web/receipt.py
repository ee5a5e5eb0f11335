"""The page of a parcel: while it is packed, and from its arrival on the manifest beside what was found."""

from collections.abc import Container, Mapping, Sequence
from datetime import datetime
from typing import Any

from flask import render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_if_known, newest_event_of, standing_holds
from biobank.custody.states import SPECIMENS, Action, Kind, State
from biobank.custody.steps import ItemNow, UnknownItem
from biobank.items.models import Item
from biobank.kits.queries import kits_of_tubes
from biobank.processing.choices import Phase
from biobank.processing.urgency import Need, Urgent, what_goes_first
from biobank.shipments.checks import conditions_of
from biobank.shipments.choices import CARRIER_NAMES, Carrier, Condition, Presence
from biobank.shipments.models import Shipment
from biobank.shipments.queries import Line, manifest, parcel_named
from biobank.web import packing
from biobank.web.asked_back import refused_or_asked
from biobank.web.cards import card
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.print_jobs import print_link, voided
from biobank.web.receipt_steps import NotAllSeen
from biobank.web.words import Sign, in_zone, spoken

Shown = dict[str, Any]

PRESENCE: Mapping[Presence | None, Sign] = {
    None: {"word": "not yet seen", "tone": "wait"},
    Presence.FOUND: {"word": "found", "tone": "right"},
    Presence.MISSING: {"word": "not in the parcel", "tone": "wrong"},
    Presence.EXTRA: {"word": "not on the manifest", "tone": "ask"},
}
NOTES: Mapping[Presence | None, str] = {
    Presence.MISSING: "Look again before it is called lost.",
    Presence.EXTRA: "The sender is asked.",
}
IN_ORDER = (None, Presence.MISSING, Presence.FOUND)
"""What nobody has seen yet stands first."""
FIRST_STEP: Mapping[State, tuple[str, str]] = {
    State.IN_TRANSIT: ("arrive", "It is here"),
    State.ARRIVED: ("open", "Open it"),
    State.OPENED: ("receive", "Close the receipt"),
}
"""What is done with a parcel next: the end of the address, and the words of the button."""
WRONG_PARCEL: Mapping[State, tuple[str, str]] = {
    State.ARRIVED: ("arrive", "Wrong parcel: it is not here"),
    State.OPENED: ("open", "Wrong parcel: it is not open"),
}
"""What a wrong scan said of it and can be taken back, and the words of the button."""
NEEDS: Mapping[Need, str] = {
    Need.SPIN: "Centrifuge",
    Need.FREEZE: "Freeze as it is",
    Need.ALIQUOT: "Aliquot",
}
HURRY: Mapping[Phase, Sign] = {
    Phase.LATE: {"word": "Too late", "tone": "wrong"},
    Phase.HURRY: {"word": "Now, before others", "tone": "late"},
    Phase.READY: {"word": "In time", "tone": "wait"},
    Phase.UNKNOWN: {"word": "Collection time not known", "tone": "ask"},
}
MOST_URGENT = 12
"""Lines of what goes first; the bench's own list holds the rest."""


def parcel_page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    found = found_by(work, by, identifier)
    shipment, item = parcel_named(work, found.identifier)
    asked = refused_or_asked(refusal, "text")
    if found.state is State.PACKING:
        return packing.page(work, by, shipment, item, **asked)
    return _receipt(work, by, shipment, item, _with_a_way_on(asked, item, refusal), refusal)


def _with_a_way_on(asked: Shown, parcel: Item, refusal: DomainError | None) -> Shown:
    """What bears no code of ours can be taken in all the same; a receipt that is closed is asked about."""
    if isinstance(refusal, NotAllSeen):
        asked["feedback"] = {**asked["feedback"], "tone": "ask", "link": None}
    if isinstance(refusal, UnknownItem) and parcel.state != State.IN_TRANSIT.value:
        link = {"label": "It is a tube: take it in without a record", "url": unknown_url(parcel)}
        asked["feedback"] = {**asked["feedback"], "link": link}
    return asked


def unknown_url(parcel: Item | ItemNow) -> str:
    return f"/shipments/{parcel.identifier}/unknown-tube"


def _receipt(
    work: Work, by: Actor, shipment: Shipment, item: Item, asked: Shown, refusal: DomainError | None
) -> str:
    now, zone = moments.now(), zone_of(work, by)
    lines = manifest(work, shipment)
    kits = kits_of_tubes(work, [line.item for line in lines])
    held = standing_holds(work, [line.item.id for line in lines])
    may = by.may(Permission.RECEIVE_SHIPMENTS)
    return render_template(
        "shipments/parcel.html",
        parcel=_parcel(work, shipment, item, lines, zone, may) | {"kits": len(kits)},
        in_hand=_in_hand(work, lines, by, held) if may else None,
        first=_first(work, lines, by, now, zone),
        print_link=print_link(item, by),
        voided=voided(work, [item], zone).get(item.id),
        lines=[_line(work, line, by, held) for line in _in_order(lines)],
        extra=[_line(work, line, by, held) for line in reversed(lines) if line.presence is Presence.EXTRA],
        closing=refusal.extra["missing"] if isinstance(refusal, NotAllSeen) else None,
        errors=errors_by_field(refusal),
        form=request.form if refusal else {},
        **asked,
    )


def _in_order(lines: Sequence[Line]) -> list[Line]:
    known = [line for line in lines if line.presence is not Presence.EXTRA]
    return sorted(known, key=lambda line: IN_ORDER.index(line.presence))


def _parcel(work: Work, shipment: Shipment, item: Item, lines: Sequence[Line], zone: str, may: bool) -> Shown:
    state = State(item.state)
    step = FIRST_STEP.get(state) if may else None
    listed = [line for line in lines if line.presence is not Presence.EXTRA]
    unseen = sum(1 for line in lines if line.presence is None)
    return {
        **packing.parcel_shown(work, shipment, item),
        "receiving": may,  # the scan box stays while the page is answered in place
        "is_here": may and state in (State.ARRIVED, State.OPENED, State.RECEIVED),
        "unannounced": shipment.unannounced,
        "step": {"action": step[0], "label": step[1]} if step else None,
        "wrong": _taken_back(state, lines) if may else None,
        "carrier": CARRIER_NAMES[Carrier(shipment.carrier)] if shipment.carrier else None,
        "tracking": shipment.tracking_number,
        "seal": shipment.seal,
        "logger": shipment.logger,
        "dry_ice": f"{shipment.dry_ice_grams / 1000:g} kg" if shipment.dry_ice_grams else None,
        "dispatched_at": in_zone(shipment.dispatched_at, zone) if shipment.dispatched_at else None,
        "arrived_at": in_zone(shipment.arrived_at, zone) if shipment.arrived_at else None,
        "expected": len(listed),
        "found": sum(1 for line in listed if line.presence is Presence.FOUND),
        "unseen": unseen,
        "may_count": bool(may and unseen and shipment.seal and state in (State.ARRIVED, State.OPENED)),
        "unknown_url": unknown_url(item),
    }


def _taken_back(state: State, lines: Sequence[Line]) -> Shown | None:
    """Offered as long as nothing came out of it."""
    offered = WRONG_PARCEL.get(state)
    if offered is None or any(line.presence for line in lines):
        return None
    return {"step": offered[0], "label": offered[1]}


def _line(work: Work, line: Line, by: Actor, held: Container[int]) -> Shown:
    told = [{"word": spoken(condition), "tone": "late"} for condition in line.conditions]
    is_parcel = line.item.kind == Kind.PARCEL.value
    return {
        **card(work, line.item, by),
        "code": line.presence.value if line.presence else "unseen",
        "presence": PRESENCE[line.presence],
        "conditions": told,
        "held": line.item.id in held,
        "note": "A parcel of its own: receive it by itself." if is_parcel else NOTES.get(line.presence),
    }


def _in_hand(work: Work, lines: Sequence[Line], by: Actor, held: Container[int]) -> Shown | None:
    """The tube that was scanned last: what can be wrong with one of its kind, each a button."""
    told = request.form.get("item") or request.form.get("text") or request.args.get("tube", "")
    item = item_if_known(work, told) if told else None
    line = next((line for line in lines if item is not None and line.item.id == item.id), None)
    if line is None or line.presence in (None, Presence.MISSING) or line.item.kind not in SPECIMENS:
        return None
    possible = conditions_of(work, line.item)
    return {
        **_line(work, line, by, held),
        "scanned": newest_event_of(work, line.item.identifier, Action.RECEIVE) is not None,
        "choices": [
            {"value": each.value, "label": spoken(each.value), "is_so": each.value in line.conditions}
            for each in Condition
            if each in possible or each.value in line.conditions
        ],
    }


def _first(work: Work, lines: Sequence[Line], by: Actor, now: datetime, zone: str) -> Shown:
    found = [line.item for line in lines if line.presence in (Presence.FOUND, Presence.EXTRA)]
    urgent = what_goes_first(work, found, now)
    return {
        "tubes": [urgent_shown(work, each, by, now, zone) for each in urgent[:MOST_URGENT]],
        "more": max(len(urgent) - MOST_URGENT, 0),
    }


def urgent_shown(work: Work, urgent: Urgent, by: Actor, now: datetime, zone: str) -> Shown:
    phase = urgent.phase(now)
    return {
        **card(work, urgent.tube, by),
        "phase": phase.value,
        "sign": HURRY[phase],
        "need": NEEDS[urgent.need],
        "until": in_zone(urgent.until, zone) if urgent.until else None,
    }


def listed_parcel(work: Work, shipment: Shipment, item: Item, zone: str) -> Shown:
    """A parcel as a line of a list."""
    return {
        **packing.parcel_shown(work, shipment, item),
        "dispatched_at": in_zone(shipment.dispatched_at, zone) if shipment.dispatched_at else None,
        "unannounced": shipment.unannounced,
        "since": in_zone(item.recorded_at, zone),
    }
