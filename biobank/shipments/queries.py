"""Questions about parcels: what was sent, what is on its way, what was found in them."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Select, or_, select

from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.moments import shown, zone_named
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import SPECIMENS, Kind, State
from biobank.custody.steps import Attempt, ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import contents
from biobank.shipments.choices import CARRIER_NAMES, Carrier, Presence
from biobank.shipments.models import ManifestLine, Shipment
from biobank.sites.calendars import Calendar
from biobank.sites.models import Site
from biobank.sites.queries import calendars_of, site_called, site_named


class NoParcel(NotFound):
    """The code is of something that is no parcel."""

    title = "No parcel"


@dataclass(frozen=True)
class Line:
    """A specimen of a parcel: whether it was found, and what was wrong with it."""

    item: Item
    presence: Presence | None = None
    conditions: tuple[str, ...] = ()


def shipment_named(work: Work, parcel: str) -> Shipment:
    """The shipment of a parcel, by its printed identifier or an alias. Raises `NoParcel`, `UnknownItem`."""
    found = item_now(work, parcel)
    shipment = work.session.get(Shipment, found.id)
    if shipment is None:
        raise NoParcel(
            f"{printed(found.identifier)} is no parcel; scan the parcel's own label.", item=found.identifier
        )
    return shipment


def parcel_of(work: Work, shipment: Shipment) -> Item:
    return work.session.get_one(Item, shipment.item_id)


def numbers_sent_in(parcel: int) -> Select[int]:
    return select(ManifestLine.item_id).where(ManifestLine.shipment_id == parcel)


def manifest(work: Work, shipment: Shipment) -> list[Line]:
    """What was sent, and what else was found; before dispatch, what lies in the parcel."""
    if not shipment.manifest_frozen:
        inside = [*specimens_inside(work, shipment), *parcels_inside(work, shipment)]
        return [Line(item) for item in inside]
    question = (
        select(ManifestLine, Item)
        .join(Item, Item.id == ManifestLine.item_id)
        .where(ManifestLine.shipment_id == shipment.item_id)
        .order_by(ManifestLine.id)
    )
    return [
        Line(item, Presence(line.presence) if line.presence else None, tuple(line.conditions.split()))
        for line, item in work.session.execute(question)
    ]


def items_unseen(lines: Iterable[Line]) -> list[Item]:
    """Of what nobody has said yet whether it is here."""
    return [line.item for line in lines if line.presence is None]


def specimens_inside(work: Work, shipment: Shipment) -> list[Item]:
    """Directly; `nesting.specimens_within` looks into the parcels in it too."""
    return [item for item in contents(work, shipment.item_id) if item.kind in SPECIMENS]


def parcels_inside(work: Work, shipment: Shipment) -> list[Item]:
    return [item for item in contents(work, shipment.item_id) if item.kind == Kind.PARCEL.value]


def sender_of(work: Work, shipment: Shipment) -> str:
    """For people; of a parcel without a label perhaps nobody can tell."""
    return site_named(work, shipment.origin).name if shipment.origin else "an unknown sender"


def line_of(work: Work, shipment: Shipment, item_id: int) -> ManifestLine | None:
    return work.session.scalar(
        select(ManifestLine).where(
            ManifestLine.shipment_id == shipment.item_id, ManifestLine.item_id == item_id
        ),
    )


def unseen_lines(work: Work, shipment: Shipment) -> list[ManifestLine]:
    """Of what nobody has said yet whether it was in the parcel."""
    asked = select(ManifestLine).where(
        ManifestLine.shipment_id == shipment.item_id, ManifestLine.presence.is_(None)
    )
    return list(work.session.scalars(asked.order_by(ManifestLine.id)))


def shipment_of(work: Work, attempt: Attempt) -> Shipment | None:
    """The parcel that a step of a specimen is about.

    The one named in its details, else the one it lies in, else the last one it was sent in and not found.
    """
    if attempt.details.get("parcel"):
        return shipment_named(work, str(attempt.details["parcel"]))
    inside = attempt.item.container_id
    if inside is not None and (shipment := work.session.get(Shipment, inside)):
        return shipment
    return last_missed_in(work, attempt.item.id)


def found_line_of(work: Work, attempt: Attempt) -> ManifestLine | None:
    """The line by which a specimen was found: of the parcel that the step names, else the last one."""
    found = ManifestLine.presence.in_((Presence.FOUND.value, Presence.EXTRA.value))
    asked = select(ManifestLine).where(ManifestLine.item_id == attempt.item.id, found)
    if attempt.details.get("parcel"):
        shipment = shipment_named(work, str(attempt.details["parcel"]))
        asked = asked.where(ManifestLine.shipment_id == shipment.item_id)
    return work.session.scalar(asked.order_by(ManifestLine.id.desc()).limit(1))


def last_missed_in(work: Work, item_id: int) -> Shipment | None:
    """The last parcel in which it was sent and not found."""
    unseen = (
        select(Shipment)
        .join(ManifestLine, ManifestLine.shipment_id == Shipment.item_id)
        .where(
            ManifestLine.item_id == item_id,
            or_(ManifestLine.presence.is_(None), ManifestLine.presence == Presence.MISSING.value),
        )
        .order_by(ManifestLine.id.desc())
        .limit(1)
    )
    return work.session.scalar(unseen)


def used_before(work: Work, shipment: Shipment, tracking_number: str) -> ItemNow | None:
    """The newest other parcel with this tracking number."""
    number = work.session.scalar(
        select(Item.id)
        .join(Shipment, Shipment.item_id == Item.id)
        .where(Shipment.tracking_number == tracking_number, Shipment.item_id != shipment.item_id)
        .order_by(Item.id.desc())
        .limit(1),
    )
    return None if number is None else item_by_id(work, number)


def shipments_listed(
    work: Work,
    *,
    states: Collection[State] = (),
    sites: Collection[str] | None = None,
    before: int | None = None,
    limit: int = 50,
) -> list[tuple[Shipment, Item]]:
    """Parcels from or to any of `sites` (None: all), newest first; `before` is the last one seen."""
    question = select(Shipment, Item).join(Item, Item.id == Shipment.item_id)
    if states:
        question = question.where(Item.state.in_([state.value for state in states]))
    if sites is not None:
        question = question.where(or_(Shipment.origin.in_(sites), Shipment.destination.in_(sites)))
    if before is not None:
        question = question.where(Shipment.item_id < before)
    found = work.session.execute(question.order_by(Shipment.item_id.desc()).limit(limit))
    return [(shipment, item) for shipment, item in found]


def parcel_named(work: Work, parcel: str) -> tuple[Shipment, Item]:
    """Raises `NoParcel`, `UnknownItem`."""
    shipment = shipment_named(work, parcel)
    return shipment, parcel_of(work, shipment)


@dataclass(frozen=True)
class Journey:
    """What the calendars say of a parcel that is handed over now; the moment is the origin's wall time."""

    picked_up_at: datetime | None
    """The next pick-up; None where the carrier's hours are not known or it does not come for long."""
    arrives_on: date
    hurdles: tuple[str, ...]


def hurdles(work: Work, shipment: Shipment, carrier: Carrier, at: datetime) -> list[str]:
    """What a carrier's hours, weekends, holidays and closed days put in the way, a sentence each."""
    return list(journey(work, shipment, carrier, at, calendars_around(work, [shipment])).hurdles)


Calendars = Mapping[str, Calendar]
"""Of sites that have one, by code."""


def calendars_around(work: Work, shipments: Iterable[Shipment]) -> Calendars:
    """Of the sites where these parcels come from and go to."""
    ends = {site for shipment in shipments for site in (shipment.origin, shipment.destination)}
    return calendars_of(work, {site for site in ends if site})


def journey(work: Work, shipment: Shipment, carrier: Carrier, at: datetime, calendars: Calendars) -> Journey:
    """Sites without a calendar, and carriers without hours in it, put nothing in the way."""
    if shipment.origin is None:
        return Journey(None, at.date(), ())
    origin = site_named(work, shipment.origin)
    told = at.astimezone(zone_named(origin.zone)).replace(tzinfo=None)
    calendar = calendars.get(origin.code)
    pick_ups = calendar.carriers.get(carrier) if calendar else None
    if calendar is None or pick_ups is None:
        return Journey(None, told.date(), ())
    picked_up = calendar.next_pick_up(carrier, told)
    arrives = (picked_up or told).date() + timedelta(days=pick_ups.days)
    missed = picked_up is None or picked_up.date() != told.date()
    sentences = [_missed(calendar, carrier, told.date(), picked_up, origin)] if missed else []
    sentences += _closed_door(work, shipment, arrives, calendars)
    return Journey(picked_up, arrives, tuple(sentences))


def _missed(calendar: Calendar, carrier: Carrier, on: date, picked_up: datetime | None, origin: Site) -> str:
    """Why a parcel of that day is not picked up on it."""
    name, site = CARRIER_NAMES[carrier], origin.name
    in_its_zone = picked_up and picked_up.replace(tzinfo=zone_named(origin.zone))
    after = shown(in_its_zone, origin.zone) if in_its_zone else "not known"
    cut_off, closed = calendar.cut_off(carrier, on), calendar.closed_because(on)
    if cut_off is not None:
        return f"{name} takes parcels until {cut_off:%H:%M} at {site}; the next pick-up is {after}."
    if closed is not None:
        return f"{name} does not come on {closed} at {site}; the next pick-up is {after}."
    return f"{name} does not come on this day at {site}; the next pick-up is {after}."


def _closed_door(work: Work, shipment: Shipment, arrives: date, calendars: Calendars) -> list[str]:
    """The biobank's receiving days."""
    calendar = calendars.get(shipment.destination)
    closed = calendar.closed_because(arrives) if calendar else None
    if calendar is None or closed is None:
        return []
    after, receiver = calendar.next_working_day(arrives), site_called(work, shipment.destination)
    sentence = (
        f"It would arrive on {arrives}, when {receiver} receives nothing ({closed}); "
        f"the next day it does is {after or 'not known'}."
    )
    return [sentence]
