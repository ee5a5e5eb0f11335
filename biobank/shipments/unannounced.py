"""A parcel that came without label or manifest: begun at the dock, with what can be told of it."""

from dataclasses import asdict, replace

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.core.moments import Told
from biobank.custody.births import Birth, register
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.shipments.checks import Shipping, ShippingRefused, shipping_told
from biobank.shipments.choices import read_tracking_number
from biobank.shipments.inputs import UnannouncedParcel
from biobank.shipments.models import Shipment
from biobank.sites.queries import site_named


class AnnouncedAlready(Conflict):
    """The carrier's number is on a parcel that is on its way here."""

    title = "This parcel was announced"


def begin_unannounced(
    work: Work, told: UnannouncedParcel, *, by: Actor, source: Source, at: Told | None
) -> Recorded:
    """Register it, and that it arrived: a case of the parcel, which has no manifest.

    Raises `SiteUnknown`, `SiteNotYours`, `ShippingRefused`, `TrackingNumberRefused`, `AnnouncedAlready`.
    """
    destination = site_named(work, told.destination).code
    at_own_site(by, destination)
    origin = site_named(work, told.origin).code if told.origin else None
    shipping = _shipping(told)
    _not_on_its_way(work, destination, shipping.tracking_number)
    known = {"origin": origin, "destination": destination, "unannounced": True, **asdict(shipping)}
    known["carrier"] = told.carrier.value if told.carrier else None
    details = {name: value for name, value in known.items() if value is not None}
    birth = Birth(kind=Kind.PARCEL, site=origin, custodian=f"site:{destination}", details=details)
    parcel = register(work, birth, by=by, source=source, at=at)
    work.session.add(Shipment(item_id=parcel.id, **known))
    work.flush()
    return record(work, parcel.identifier, Action.ARRIVE, by=by, source=source, at=at)


def _shipping(told: UnannouncedParcel) -> Shipping:
    """The carrier may be known where its number cannot be read any more."""
    if told.tracking_number and told.carrier is None:
        raise ShippingRefused("Say which carrier this tracking number is of.", field="carrier")
    carrier, text = told.carrier, told.tracking_number
    number = read_tracking_number(carrier, text) if carrier and text else None
    known = shipping_told({"seal": told.seal, "logger": told.logger})
    return replace(known, carrier=told.carrier, tracking_number=number)


def _not_on_its_way(work: Work, destination: str, number: str | None) -> None:
    if number is None:
        return
    asked = (
        select(Item.identifier)
        .join(Shipment, Shipment.item_id == Item.id)
        .where(Shipment.tracking_number == number, Shipment.destination == destination)
        .where(Item.state.in_((State.IN_TRANSIT.value, State.ARRIVED.value, State.OPENED.value)))
    )
    parcel = work.session.scalar(asked.order_by(Item.id.desc()).limit(1))
    if parcel is not None:
        raise AnnouncedAlready(
            f"Parcel {printed(parcel)} bears this number and was announced; receive that one, or leave the "
            "number out.",
            field="tracking_number",
            item=parcel,
        )
