"""Where the next specimen should go: where it is awaited, beside siblings, else by the rule of the place."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, func, or_, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import holds_on, item_by_id
from biobank.custody.states import Kind, State
from biobank.custody.steps import ItemNow
from biobank.items.models import Item
from biobank.storage.choices import ReservedFor, Rule
from biobank.storage.models import StorageReservation, StorageUnit
from biobank.storage.needs import FREEZES_CELSIUS, Need, is_to_be_spun_first, need_of
from biobank.storage.queries import Unit, free_positions, newest_units, numbered_units, with_room
from biobank.storage.reserved import Kept, kept_from, standing_in
from biobank.storage.surroundings import Surroundings, surroundings_of_many

UNITS_AT_ONCE = 200
MOST_UNITS = 2000
"""Boxes that are looked at, the newest first; gaps in older ones are for a consolidation to close."""
NEWEST_SIBLING_UNITS = 5
Place = tuple[Unit, Surroundings]
IN_USE = Item.state != State.VOIDED.value
LAST = 1 << 62


@dataclass(frozen=True)
class Proposal:
    """The unit to use, and its next free position if it has any."""

    unit: Unit
    position: str | None


@dataclass(frozen=True)
class Wanted:
    """What is to be put somewhere, by whom, and how cold it is kept."""

    item: ItemNow
    person: str | None
    need: Need | None
    now: datetime
    to_spin_first: bool = False

    def suits(self, unit: Unit, here: Surroundings) -> bool:
        warm = here.temperature_celsius
        return (
            unit.takes_in_its_grid(self.item.kind)
            and unit.item.state != State.VOIDED.value
            and unit.item.kind != Kind.QUARANTINE_PLACE
            and not here.in_quarantine
            and here.is_meant_for(self.item.specification)
            and (warm is None or self._is_kept_at(warm))
        )

    def _is_kept_at(self, celsius: int) -> bool:
        if self.to_spin_first:
            return celsius > FREEZES_CELSIUS
        return self.need is None or celsius <= self.need.warmest_celsius


def propose_position(work: Work, item: ItemNow, by: Actor | None = None) -> Proposal | None:
    """Where to put a specimen at the facility that has it; what is under a hold goes to quarantine.

    What `by`, or somebody for its kit, keeps free comes first; what others keep free is left alone. What is
    to be spun first goes into no freezer. None when there is no room, or when nobody knows at which site the
    specimen is.
    """
    site = (item.custodian or "").removeprefix("site:") or None
    if holds_on(work, item.id):
        return _quarantine(work, site)
    wanted = wanted_by(work, item, by)
    for places in _in_turn(work, wanted, site):
        for unit, here in places:
            free = positions_for(work, unit, here, wanted)
            if free:
                return Proposal(unit, free[0])
    return None


def wanted_by(work: Work, item: ItemNow, by: Actor | None) -> Wanted:
    return Wanted(
        item,
        by.person if by else None,
        need_of(work, item.kind, item.specification),
        moments.now(),
        to_spin_first=is_to_be_spun_first(work, item),
    )


def positions_for(work: Work, unit: Unit, here: Surroundings, wanted: Wanted) -> list[str]:
    """Free positions that nobody else keeps; those that are kept for it come first."""
    standing = standing_in(work, here.around, wanted.now) if here.may_be_kept_free else {}
    kept = [each for found in standing.values() for each in found]
    theirs = kept_from(work, wanted.item, wanted.person or "", kept)
    own = [each for each in kept if each not in theirs]
    free = [
        spot
        for spot in free_positions(work, unit)
        if not any(each.covers(unit.item.id, spot) for each in theirs)
    ]
    return sorted(free, key=lambda spot: not _is_awaited(own, spot))


def _is_awaited(own: Iterable[Kept], spot: str) -> bool:
    return any(spot in each.positions for each in own)


def _in_turn(work: Work, wanted: Wanted, site: str | None) -> Iterator[list[Place]]:
    def suiting(ids: list[int]) -> list[Place]:
        roomy = with_room(work, ids)
        around = surroundings_of_many(work, roomy)
        found = ((unit, around[unit.item.id]) for unit in numbered_units(work, roomy))
        return [(unit, here) for unit, here in found if wanted.suits(unit, here)]

    yield suiting(_awaiting(work, wanted, site))
    siblings = suiting(_with_siblings(work, wanted.item))
    yield [(unit, here) for unit, here in siblings if here.rule in (None, Rule.SIBLINGS)]
    sites = frozenset({site} if site else ())
    for ids in newest_units(work, sites, UNITS_AT_ONCE, MOST_UNITS):
        places = suiting(ids)
        used = _last_used(work, [unit for unit, here in places if here.rule is Rule.LAST_USED])
        yield sorted(places, key=lambda place: _turn(place[0], place[1], used))


def _turn(unit: Unit, here: Surroundings, used: dict[int, int]) -> tuple[bool, int, float, int]:
    """What is meant for it alone comes first, then units under a rule of their own, each by its rule."""
    free = (unit.capacity or 0) - unit.held
    by_rule: float = free
    if here.rule is Rule.FULLEST:
        by_rule = free / (unit.capacity or 1)
    elif here.rule is Rule.LAST_USED:
        by_rule = -used.get(unit.item.id, 0)
    return (not here.contents, here.ruled_by or LAST, by_rule, unit.item.id)


def _last_used(work: Work, units: list[Unit]) -> dict[int, int]:
    """When something was last recorded of what lies in each."""
    ids = [unit.item.id for unit in units]
    if not ids:
        return {}
    newest = select(Item.container_id, func.max(Item.recorded_at)).where(Item.container_id.in_(ids))
    rows = work.session.execute(newest.group_by(Item.container_id))
    return {number: moments.to_microseconds(at) for number, at in rows if number is not None}


def _awaiting(work: Work, wanted: Wanted, site: str | None) -> list[int]:
    """Units with positions that who stores keeps free, or that are kept for its kit."""
    mine = StorageReservation.person == (wanted.person or "")
    if wanted.item.kit_id is not None:
        kit = item_by_id(work, wanted.item.kit_id).identifier
        purpose = StorageReservation.purpose == ReservedFor.KIT.value
        mine = or_(mine, purpose & (StorageReservation.reference == kit))
    standing = (StorageReservation.ended_at.is_(None), StorageReservation.until > wanted.now)
    question = select(StorageReservation.item_id).join(Item, Item.id == StorageReservation.item_id)
    question = question.where(mine, *standing, Item.site == site).order_by(StorageReservation.id)
    return list(dict.fromkeys(work.session.scalars(question.limit(UNITS_AT_ONCE))))


def _quarantine(work: Work, site: str | None) -> Proposal | None:
    places = (
        select(Item.id)
        .where(Item.kind == Kind.QUARANTINE_PLACE.value, Item.site == site, IN_USE)
        .order_by(Item.id)
    )
    for unit in numbered_units(work, list(work.session.scalars(places.limit(UNITS_AT_ONCE)))):
        free = free_positions(work, unit)
        if free or unit.capacity is None:
            return Proposal(unit, free[0] if free else None)
    return None


def _with_siblings(work: Work, item: ItemNow) -> list[int]:
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
    return [found for found in work.session.scalars(newest) if found is not None]
