"""A parcel that is being packed, as its page shows it, and what is said of each scan into it."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import render_template

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.custody.queries import item_by_id
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Recorded
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.processing.choices import PackStanding
from biobank.processing.packing import Line, kits_to_pack, lines_of_kit
from biobank.shipments.models import Shipment
from biobank.shipments.nesting import things_inside
from biobank.shipments.queries import sender_of
from biobank.sites.queries import site_named
from biobank.web.cards import card
from biobank.web.collect_answers import name_of_tube
from biobank.web.feedback import LOUDEST, QUIET, tell, tell_of
from biobank.web.frame import zone_of
from biobank.web.print_jobs import print_link
from biobank.web.scan_log import with_scanner_alert
from biobank.web.step_buttons import step_buttons
from biobank.web.words import in_zone, state_sign

Shown = dict[str, Any]

TONES: Mapping[PackStanding, str] = {
    PackStanding.INSIDE: "right",
    PackStanding.READY: "wait",
    PackStanding.CLOTTING: "wait",
    PackStanding.SPINNING: "wait",
    PackStanding.TO_COLLECT: "wait",
    PackStanding.TO_SPIN: "late",
    PackStanding.TOO_LATE: "wrong",
    PackStanding.HELD: "ask",
}
"""Of what is neither, it is only said."""
HINTS: Mapping[PackStanding, str] = {
    PackStanding.TO_SPIN: "Centrifuge it first.",
    PackStanding.TOO_LATE: "Centrifuge it all the same, or scan it in as it is: the warning stays with it.",
    PackStanding.HELD: "It is not packed with the others; scan it by itself if it is to go.",
    PackStanding.TO_COLLECT: "It can follow alone in a parcel of its own.",
}


def page(work: Work, by: Actor, shipment: Shipment, parcel: Item, **asked: Any) -> str:
    """What lies in it, and kit by kit what could, with the reason where something cannot."""
    zone = zone_of(work, by)
    inside = things_inside(work, shipment)
    return render_template(
        "shipments/packing.html",
        parcel=parcel_shown(work, shipment, parcel),
        lines=[card(work, tube, by) for tube in inside],
        kits=[_kit(work, kit, parcel, by, zone) for kit in kits_to_pack(work, shipment.origin or "", parcel)],
        may_pack=by.may(Permission.MAKE_SHIPMENTS),
        steps=_other_steps(work, parcel, by),
        print_link=print_link(parcel, by),
        form={},
        **asked,
    )


def parcel_shown(work: Work, shipment: Shipment, parcel: Item) -> Shown:
    return {
        "identifier": parcel.identifier,
        "printed": printed(parcel.identifier),
        "url": f"/shipments/{parcel.identifier}",
        "state": state_sign(parcel.state),
        "sender": sender_of(work, shipment),
        "receiver": site_named(work, shipment.destination).name,
    }


def _other_steps(work: Work, parcel: Item, by: Actor) -> list[Shown]:
    """Beside the dispatch, which is the page's own large button."""
    steps = step_buttons(work, item_by_id(work, parcel.id), by)
    return [step for step in steps if not step["url"].endswith(Action.DISPATCH.value)]


def _kit(work: Work, kit: Item, parcel: Item, by: Actor, zone: str) -> Shown:
    lines = lines_of_kit(work, kit, parcel)
    standings = [line.standing for line in lines]
    return {
        **card(work, kit, by),
        "total": len(lines),
        "inside": standings.count(PackStanding.INSIDE),
        "ready": standings.count(PackStanding.READY),
        "lines": [_line(work, line, by, zone) for line in lines],
    }


def _line(work: Work, line: Line, by: Actor, zone: str) -> Shown:
    return {
        **card(work, line.tube, by),
        "code": line.standing.name.lower(),
        "standing": {"word": line.standing.value, "tone": TONES.get(line.standing, "plain")},
        "until": in_zone(line.until, zone) if line.until else None,
        "hint": HINTS.get(line.standing),
        "parcel": card(work, line.parcel, by) if line.parcel else None,
    }


def tell_of_packed(work: Work, results: Sequence[Recorded], text: str) -> None:
    """Of one tube as of any step; of a kit how many went in, and what is odd about some."""
    first = results[0]
    if first.repeated:
        tell("In this parcel already", f"{_named(work, first)}: nothing to do.")
        return
    if first.item.kind is Kind.PARCEL and not first.alerts:
        tell("Packed", f"{printed(first.item.identifier)} lies in the parcel with all that is in it.")
        return
    if len(results) == 1:
        tell_of(with_scanner_alert(first, text))
        return
    alerts = [alert for done in results for alert in done.alerts]
    loud = [alert.text for alert in alerts if alert.kind in LOUDEST]
    stops = [alert.text for alert in alerts if alert.kind not in QUIET]
    tone = "wrong" if loud else "ask" if stops else "right"
    sentence = f"In the parcel: {counted(len(results), 'tube')} of the kit."
    tell("Packed", " ".join([sentence, *stops]), tone=tone)


def _named(work: Work, done: Recorded) -> str:
    return f"{name_of_tube(work, done.item)}, {printed(done.item.identifier)}"
