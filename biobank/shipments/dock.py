"""What a dock has to do with: parcels on their way, overdue, arrived, begun to receive, received today."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select

from biobank.core.database import Work
from biobank.core.moments import zone_named
from biobank.custody.queries import newest_events_of
from biobank.custody.states import Action, Kind, State
from biobank.items.models import Item
from biobank.shipments.choices import TRAVELLING_AT_MOST, Carrier, Presence, TrackingNumberRefused
from biobank.shipments.choices import read_tracking_number as read_number
from biobank.shipments.models import ManifestLine, Shipment
from biobank.shipments.queries import Calendars, calendars_around, journey
from biobank.sites.models import Site, SiteKind
from biobank.sites.queries import site_named

Sites = Collection[str] | None
"""Codes of sites; None is all of them."""
Parcel = tuple[Shipment, Item]
NOT_RECEIVED = (State.PACKING, State.IN_TRANSIT, State.ARRIVED, State.OPENED)


@dataclass(frozen=True)
class Coming:
    """A parcel on its way; `due_on` is the day on which its carrier brings it, as far as calendars tell."""

    shipment: Shipment
    parcel: Item
    due_on: date | None
    is_overdue: bool


@dataclass(frozen=True)
class Draft:
    """A receipt that was begun: by whom, and how far it has come."""

    shipment: Shipment
    parcel: Item
    begun_by: str | None
    found: int
    lines: int


def docks_of(work: Work, sites: Sites) -> list[str]:
    """Codes of the biobanks among these sites, at which parcels are received."""
    asked = select(Site.code).where(Site.kind == SiteKind.BIOBANK.value)
    if sites is not None:
        asked = asked.where(Site.code.in_(sorted(sites)))
    return list(work.session.scalars(asked.order_by(Site.code)))


def on_the_way(work: Work, docks: Collection[str], at: datetime, limit: int) -> list[Coming]:
    """Those sent first stand first; what lies in another parcel comes with that one."""
    asked = _parcels(docks, State.IN_TRANSIT).where(Item.container_id.is_(None))
    found = work.session.execute(asked.order_by(Shipment.dispatched_at, Item.id).limit(limit)).all()
    calendars = calendars_around(work, [shipment for shipment, _ in found])
    return [_coming(work, shipment, parcel, at, calendars) for shipment, parcel in found]


def _coming(work: Work, shipment: Shipment, parcel: Item, at: datetime, calendars: Calendars) -> Coming:
    """Overdue when its day is over at the dock; where no calendar tells a day, after the usual days."""
    due = _due_on(work, shipment, calendars)
    if due is not None:
        today = at.astimezone(zone_named(site_named(work, shipment.destination).zone)).date()
        return Coming(shipment, parcel, due, today > due)
    sent = shipment.dispatched_at or parcel.recorded_at
    return Coming(shipment, parcel, None, at > sent + TRAVELLING_AT_MOST)


def _due_on(work: Work, shipment: Shipment, calendars: Calendars) -> date | None:
    """By the carrier's hours where it was sent, and the days on which the dock receives."""
    if shipment.dispatched_at is None or shipment.carrier is None:
        return None
    told = journey(work, shipment, Carrier(shipment.carrier), shipment.dispatched_at, calendars)
    if told.picked_up_at is None:
        return None
    dock = calendars.get(shipment.destination)
    is_closed = dock is not None and dock.closed_because(told.arrives_on) is not None
    return dock.next_working_day(told.arrives_on) if dock and is_closed else told.arrives_on


def arrived(work: Work, docks: Collection[str], limit: int) -> list[Parcel]:
    """Not opened yet, what came first first."""
    asked = _parcels(docks, State.ARRIVED).order_by(Shipment.arrived_at, Item.id).limit(limit)
    return [(shipment, parcel) for shipment, parcel in work.session.execute(asked)]


def drafts(work: Work, docks: Collection[str], limit: int) -> list[Draft]:
    """Opened and not finished: whoever began may have gone, and anybody goes on."""
    asked = _parcels(docks, State.OPENED).order_by(Shipment.opened_at, Item.id).limit(limit)
    found = [(shipment, parcel) for shipment, parcel in work.session.execute(asked)]
    lines = _lines(work, [parcel.id for _, parcel in found])
    openings = newest_events_of(work, [parcel.identifier for _, parcel in found], Action.OPEN)
    return [
        Draft(shipment, parcel, _begun_by(openings.get(parcel.identifier)), *lines.get(parcel.id, (0, 0)))
        for shipment, parcel in found
    ]


def _begun_by(opening: Mapping[str, Any] | None) -> str | None:
    return str(opening["performed_by"]) if opening else None


def _lines(work: Work, parcels: Collection[int]) -> Mapping[int, tuple[int, int]]:
    """By parcel how many were found, and how many lines its manifest has."""
    seen = func.count().filter(ManifestLine.presence.in_((Presence.FOUND.value, Presence.EXTRA.value)))
    asked = (
        select(ManifestLine.shipment_id, seen, func.count())
        .where(ManifestLine.shipment_id.in_(parcels))
        .group_by(ManifestLine.shipment_id)
    )
    return {number: (found, lines) for number, found, lines in work.session.execute(asked)}


def received_since(work: Work, docks: Collection[str], since: datetime, limit: int) -> list[Parcel]:
    """The newest first."""
    asked = (
        select(Shipment, Item)
        .join(Item, Item.id == Shipment.item_id)
        .where(Shipment.destination.in_(docks), Shipment.received_at >= since)
        .order_by(Shipment.received_at.desc(), Item.id.desc())
        .limit(limit)
    )
    return [(shipment, parcel) for shipment, parcel in work.session.execute(asked)]


def oldest_tubes(work: Work, docks: Collection[str], most: int) -> Sequence[Item]:
    """Tubes that were received here and went nowhere yet, those collected first before the rest."""
    here = [f"site:{site}" for site in docks]
    asked = select(Item).where(
        Item.state == State.RECEIVED.value, Item.custodian.in_(here), Item.kind == Kind.TUBE.value
    )
    return work.session.scalars(asked.order_by(Item.collected_at, Item.id).limit(most)).all()


def _parcels(docks: Collection[str], state: State) -> Select[Shipment, Item]:
    return (
        select(Shipment, Item)
        .join(Item, Item.id == Shipment.item_id)
        .where(_is_parcel(), Item.state == state.value, Shipment.destination.in_(docks))
    )


def _is_parcel() -> ColumnElement[bool]:
    return Item.kind == Kind.PARCEL.value


def is_a_carriers(text: str) -> bool:
    """Whether it has the shape of a number of FedEx, UPS or USPS; a courier's can be anything."""
    return any(_read_by(text, set(Carrier) - {Carrier.COURIER}))


def _read_by(text: str, carriers: Iterable[Carrier]) -> Iterable[str]:
    for carrier in carriers:
        try:
            number = read_number(carrier, text)
        except TrackingNumberRefused:
            continue
        if number:
            yield number


def parcels_of_number(work: Work, docks: Collection[str], text: str) -> list[Item]:
    """Parcels for these docks that are not received yet and bear this number, the newest first."""
    numbers = sorted(set(_read_by(text, Carrier)))
    if not numbers:
        return []
    asked = (
        select(Item)
        .join(Shipment, Shipment.item_id == Item.id)
        .where(Shipment.tracking_number.in_(numbers), Shipment.destination.in_(docks))
        .where(Item.state.in_([state.value for state in NOT_RECEIVED]))
        .order_by(Item.id.desc())
    )
    return list(work.session.scalars(asked))
