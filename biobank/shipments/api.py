"""Parcels over HTTP: started, packed, sent, received."""

from collections.abc import Mapping
from dataclasses import fields as dataclass_fields
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.checks import item_seen_by
from biobank.custody.operations import record
from biobank.custody.schemas import RecordedAnswer, recorded_answer
from biobank.custody.states import Action
from biobank.custody.steps import Recorded, Source
from biobank.discrepancies.separating import SameCode
from biobank.items.models import Item
from biobank.items.operations import log_scans
from biobank.processing.packing import pack_kit
from biobank.shipments import dock
from biobank.shipments.found_tubes import take_in_second, take_in_unknown
from biobank.shipments.inputs import Counted, FoundTube, NewShipment, UnannouncedParcel
from biobank.shipments.models import Shipment
from biobank.shipments.operations import pack, receive_parcel, start_shipment
from biobank.shipments.queries import manifest, parcel_named, shipments_listed
from biobank.shipments.receiving import receive_counted
from biobank.shipments.schemas import (
    DispatchShape,
    DockAnswer,
    FoundTubeShape,
    ManifestAnswer,
    PackedAnswer,
    PackKitShape,
    PackShape,
    ParcelCountedAnswer,
    ParcelCountShape,
    ReceiptAnswer,
    ReceiptShape,
    SecondTubeAnswer,
    SecondTubeShape,
    ShipmentAnswer,
    ShipmentsAnswer,
    ShipmentShape,
    ShippingShape,
    UnannouncedShape,
)
from biobank.shipments.unannounced import begin_unannounced
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads, writes
from biobank.web.scan_log import taken, with_scanner_alert

blueprint = Blueprint("shipments", __name__, url_prefix="/shipments", description="Parcels.")

FACTS = tuple(ShipmentAnswer().fields.keys() - {"identifier", "state"})
MOST_LISTED = 100
SHIPPING = (*ShippingShape().fields, "un3373")


@blueprint.route("")
@reads(Permission.SEE_SHIPMENTS)
@blueprint.response(200, ShipmentsAnswer)
def listed(*, work: Work, by: Actor) -> dict[str, Any]:
    """The newest parcels from or to your sites."""
    found = shipments_listed(work, sites=by.sites)
    return {"shipments": [_facts(shipment, parcel) for shipment, parcel in found]}


@blueprint.route("", methods=["POST"])
@writes(Permission.MAKE_SHIPMENTS)
@blueprint.arguments(ShipmentShape)
@blueprint.response(201, ManifestAnswer)
def start(shipment: NewShipment, *, work: Work, by: Actor) -> dict[str, Any]:
    """Start a parcel at a site of yours; it gets a barcode."""
    return _told(work, start_shipment(work, shipment, by=by, source=Source("keyed")).identifier)


@blueprint.route("/dock")
@reads(Permission.RECEIVE_SHIPMENTS)
@blueprint.response(200, DockAnswer)
def at_the_dock(*, work: Work, by: Actor) -> dict[str, Any]:
    """What comes, overdue first, what is here, and which receipts were begun; at most a hundred of each."""
    docks = dock.docks_of(work, by.sites)
    coming = dock.on_the_way(work, docks, moments.now(), MOST_LISTED)
    opened = dock.drafts(work, docks, MOST_LISTED)
    return {
        "on_the_way": [
            {**_facts(each.shipment, each.parcel), "due_on": each.due_on, "is_overdue": each.is_overdue}
            for each in sorted(coming, key=lambda each: not each.is_overdue)
        ],
        "arrived": [_facts(*each) for each in dock.arrived(work, docks, MOST_LISTED)],
        "opened": [{**vars(each), **_facts(each.shipment, each.parcel)} for each in opened],
    }


@blueprint.route("/unannounced", methods=["POST"])
@writes(Permission.RECEIVE_SHIPMENTS)
@blueprint.arguments(UnannouncedShape)
@blueprint.response(201, ManifestAnswer)
def begin(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """A parcel that came without label or manifest: it gets a barcode and stands as arrived."""
    told = UnannouncedParcel(**{each.name: asked[each.name] for each in dataclass_fields(UnannouncedParcel)})
    done = begin_unannounced(work, told, by=by, source=asked["source"], at=asked["at"])
    return _told(work, done.item.identifier)


@blueprint.route("/<identifier>/found-tubes", methods=["POST"])
@writes(Permission.RECEIVE_SHIPMENTS)
@blueprint.arguments(FoundTubeShape)
@blueprint.response(201, RecordedAnswer)
def take_unknown(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Recorded:
    """A tube in a parcel without any record: registered, in quarantine, and a case."""
    tube = FoundTube(specification=asked["specification"], issuer=asked["issuer"], code=asked["code"])
    parcel = _seen(work, by, identifier)
    return take_in_unknown(work, parcel, tube, by=by, source=asked["source"], at=asked["at"])


@blueprint.route("/<identifier>/second-tubes", methods=["POST"])
@writes(Permission.RECEIVE_SHIPMENTS)
@blueprint.arguments(SecondTubeShape)
@blueprint.response(201, SecondTubeAnswer)
def take_second(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> SameCode:
    """Another tube with a code that was found: both are held, and the second gets a code of its own."""
    parcel = _seen(work, by, identifier)
    return take_in_second(work, parcel, asked["item"], by=by, source=asked["source"], at=asked["at"])


@blueprint.route("/<identifier>/count", methods=["POST"])
@writes(Permission.RECEIVE_SHIPMENTS)
@blueprint.arguments(ParcelCountShape)
@blueprint.response(200, ParcelCountedAnswer)
def count(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """All that was not seen yet is here: a count that fits, under the seal that was told at dispatch."""
    counted = Counted(pieces=asked["pieces"], seal=asked["seal"])
    done = receive_counted(work, _seen(work, by, identifier), counted, by=by, at=asked["at"])
    return {"results": [recorded_answer(each, by) for each in done]}


@blueprint.route("/<identifier>")
@reads(Permission.SEE_SHIPMENTS)
@blueprint.response(200, ManifestAnswer)
def show(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """A parcel and its manifest."""
    return _told(work, _seen(work, by, identifier))


@blueprint.route("/<identifier>/items", methods=["POST"])
@writes(Permission.MAKE_SHIPMENTS)
@blueprint.arguments(PackShape)
@blueprint.response(200, PackedAnswer)
def put_in(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Pack specimens, all of them or none."""
    parcel = _seen(work, by, identifier)
    packed = pack(work, parcel, asked["items"], by=by, source=asked["source"], at=asked["at"])
    scanned = list(zip(asked["items"], packed, strict=True))
    log_scans(work, [taken(text, done) for text, done in scanned], by=by)
    return {"results": [recorded_answer(with_scanner_alert(done, text), by) for text, done in scanned]}


@blueprint.route("/<identifier>/kits", methods=["POST"])
@writes(Permission.MAKE_SHIPMENTS)
@blueprint.arguments(PackKitShape)
@blueprint.response(200, PackedAnswer)
def put_kit_in(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Pack all that is ready of a kit: collected, spun where it has to be, under no hold."""
    parcel, kit = _seen(work, by, identifier), asked["kit"]
    packed = pack_kit(work, parcel, kit, by=by, source=asked["source"], at=asked["at"])
    log_scans(work, [taken(kit, packed[0], item_seen_by(work, by, kit))], by=by)
    return {"results": [recorded_answer(done, by) for done in packed]}


@blueprint.route("/<identifier>/dispatch", methods=["POST"])
@writes(Permission.MAKE_SHIPMENTS)
@blueprint.arguments(DispatchShape)
@blueprint.response(200, RecordedAnswer)
def dispatch(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Recorded:
    """Hand a parcel to its carrier, with everything in it."""
    parcel = _seen(work, by, identifier)
    details = {name: asked[name] for name in SHIPPING if asked[name] is not None}
    return record(
        work,
        parcel,
        Action.DISPATCH,
        by=by,
        source=asked["source"],
        at=asked["at"],
        details={name: getattr(value, "value", value) for name, value in details.items()},
        confirmation=asked["confirmation"],
    )


@blueprint.route("/<identifier>/receipt", methods=["POST"])
@writes(Permission.RECEIVE_SHIPMENTS)
@blueprint.arguments(ReceiptShape)
@blueprint.response(200, ReceiptAnswer)
def receive(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Receive a parcel line by line, or nothing of it; whoever has it may say so."""
    receipt = receive_parcel(
        work,
        identifier,
        asked["lines"],
        by=by,
        source=asked["source"],
        at=asked["at"],
        closes=asked["closes"],
    )
    shipment = _told(work, receipt.parcel.identifier)
    return {"shipment": shipment, "results": receipt.lines, "alerts": receipt.alerts}


def _seen(work: Work, by: Actor, identifier: str) -> str:
    return item_seen_by(work, by, identifier).identifier


def _facts(shipment: Shipment, parcel: Item) -> dict[str, Any]:
    facts = {name: getattr(shipment, name) for name in FACTS}
    return {"identifier": parcel.identifier, "state": parcel.state, **facts}


def _told(work: Work, identifier: str) -> dict[str, Any]:
    shipment, parcel = parcel_named(work, identifier)
    lines = [vars(line) for line in manifest(work, shipment)]
    return {**_facts(shipment, parcel), "manifest": lines}
