"""Where the next specimen should go: beside its siblings, else in the fullest box with room, row by row."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import aliased

from biobank.core.database import Work
from biobank.custody.queries import holds_on
from biobank.custody.states import Kind, State
from biobank.custody.steps import ItemNow
from biobank.items.models import Item
from biobank.storage.models import StorageUnit
from biobank.storage.queries import Unit, free_positions, numbered_units

NEWEST_UNITS = 200
"""Boxes that are looked at; older ones are full, and their gaps are for a consolidation to close."""
NEWEST_SIBLING_UNITS = 5
IN_USE = Item.state != State.VOIDED.value


@dataclass(frozen=True)
class Proposal:
    """The unit to use, and its next free position if it has any."""

    unit: Unit
    position: str | None


def propose_position(work: Work, item: ItemNow) -> Proposal | None:
    """Where to put a specimen at the facility that has it; what is under a hold goes to quarantine.

    None when there is no room, or when nobody knows at which site the specimen is.
    """
    site = (item.custodian or "").removeprefix("site:") or None
    if holds_on(work, item.id):
        return _quarantine(work, site)
    for unit in [*_with_siblings(work, item), *_fullest_first(work, site)]:
        if unit.takes_in_its_grid(item.kind) and (free := free_positions(work, unit)):
            return Proposal(unit, free[0])
    return None


def _quarantine(work: Work, site: str | None) -> Proposal | None:
    places = (
        select(Item.id)
        .where(Item.kind == Kind.QUARANTINE_PLACE.value, Item.site == site, IN_USE)
        .order_by(Item.id)
    )
    for unit in numbered_units(work, list(work.session.scalars(places.limit(NEWEST_UNITS)))):
        free = free_positions(work, unit)
        if free or unit.capacity is None:
            return Proposal(unit, free[0] if free else None)
    return None


def _with_siblings(work: Work, item: ItemNow) -> list[Unit]:
    """Units in which others of the same participant, or of the same kit, were put last."""
    same: ColumnElement[bool] | None = None
    if item.participant is not None:
        same = Item.participant == item.participant
    elif item.kit_id is not None:
        same = Item.kit_id == item.kit_id
    if same is None:
        return []
    newest = (
        select(Item.container_id)
        .join(StorageUnit, StorageUnit.item_id == Item.container_id)
        .where(same, Item.kind == item.kind.value, StorageUnit.grid_rows > 0, Item.id != item.id)
        .group_by(Item.container_id)
        .order_by(func.max(Item.id).desc())
        .limit(NEWEST_SIBLING_UNITS)
    )
    return _outside_quarantine(work, [found for found in work.session.scalars(newest) if found is not None])


def _fullest_first(work: Work, site: str | None) -> list[Unit]:
    newest = (
        select(Item.id)
        .join(StorageUnit, StorageUnit.item_id == Item.id)
        .where(StorageUnit.grid_rows > 0, Item.site == site, IN_USE)
        .order_by(Item.id.desc())
        .limit(NEWEST_UNITS)
    )
    units = _outside_quarantine(work, list(work.session.scalars(newest)))
    return sorted(units, key=lambda unit: ((unit.capacity or 0) - unit.held, unit.item.id))


def _outside_quarantine(work: Work, ids: list[int]) -> list[Unit]:
    """In the order of `ids`."""
    outer = aliased(Item)
    quarantined = set(
        work.session.scalars(
            select(Item.id)
            .join(outer, outer.id == Item.container_id)
            .where(Item.id.in_(ids), outer.kind == Kind.QUARANTINE_PLACE.value)
        ),
    )
    return [
        unit
        for unit in numbered_units(work, ids)
        if unit.item.id not in quarantined
        and unit.item.kind != Kind.QUARANTINE_PLACE
        and unit.item.state != State.VOIDED.value
    ]
