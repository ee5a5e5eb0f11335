"""Parcels inside parcels: what lies in one at any depth, and which steps of an inner one follow the outer."""

from collections.abc import Mapping
from typing import Any

from biobank.core.database import Work
from biobank.custody.queries import containers_around
from biobank.custody.states import SPECIMENS, Action, Kind
from biobank.custody.steps import Attempt, ItemNow
from biobank.items.models import Item
from biobank.shipments.models import Shipment
from biobank.shipments.queries import (
    last_missed_in,
    parcels_inside,
    shipment_named,
    shipment_of,
    specimens_inside,
)

OF_THE_OUTER = frozenset({Action.ARRIVE, Action.REPORT_MISSING})
"""Steps of an inner parcel that are a line of the outer one's manifest."""


def specimens_within(work: Work, shipment: Shipment) -> list[Item]:
    """What lies in a parcel and in the parcels in it."""
    found = specimens_inside(work, shipment)
    for inner in parcels_inside(work, shipment):
        found += specimens_within(work, work.session.get_one(Shipment, inner.id))
    return found


def things_inside(work: Work, shipment: Shipment) -> list[Item]:
    """What lies directly in it: a line of its manifest each."""
    return [*specimens_inside(work, shipment), *parcels_inside(work, shipment)]


def parcel_around(work: Work, attempt: Attempt) -> Shipment | None:
    """The parcel that a step of an inner parcel is about, as `shipment_of` tells it of a specimen."""
    named = attempt.details.get("parcel")
    if named:
        shipment = shipment_named(work, str(named))
        return shipment if shipment.item_id != attempt.item.id else None
    around = attempt.item.container_id
    inside = work.session.get(Shipment, around) if around is not None else None
    return inside or last_missed_in(work, attempt.item.id)


def shipment_about(work: Work, attempt: Attempt) -> Shipment | None:
    """The parcel in which a specimen, or an inner parcel, is found or missed by this step."""
    if attempt.item.kind in SPECIMENS:
        return shipment_of(work, attempt)
    if attempt.item.kind is not Kind.PARCEL:
        return None
    return parcel_around(work, attempt) if attempt.action in OF_THE_OUTER else None


def goes_in(work: Work, attempt: Attempt) -> Shipment | None:
    """The outer parcel with which an inner one is dispatched; None for one that goes by itself."""
    around = parcel_around(work, attempt) if attempt.item.kind is Kind.PARCEL else None
    follows = around is not None and attempt.source.kind == "system"
    return around if follows and around and around.item_id == attempt.item.container_id else None


def is_inside(work: Work, item: ItemNow, outer: ItemNow) -> bool:
    """Whether it is thought to lie in a parcel, at any depth."""
    return any(each.id == outer.id for each in containers_around(work, item))


def innermost(work: Work, item: ItemNow, outer: ItemNow) -> list[ItemNow]:
    """The parcels between an item and `outer`, the outermost first; empty when it does not lie in there."""
    path: list[ItemNow] = []
    for around in containers_around(work, item):
        if around.id == outer.id:
            return path[::-1]
        path.append(around)
    return []


def comes_out_of_its_parcel(work: Work, attempt: Attempt) -> Mapping[str, Any]:
    """An inner parcel that somebody has in hand lies in the outer one no more."""
    item = attempt.item
    if item.kind is not Kind.PARCEL or attempt.place is not None:
        return {}
    inside = item.container_id is not None and work.session.get(Shipment, item.container_id) is not None
    if not inside and item.place_unknown_since is None:
        return {}
    return {"container_id": None, "position": None, "place_unknown_since": None}
