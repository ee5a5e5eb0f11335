"""Boxes that can be merged: which pieces of the emptier one go where in the fuller one, and nothing else."""

from collections.abc import Iterator
from dataclasses import dataclass

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.custody.states import SPECIMENS, State
from biobank.items.models import Item
from biobank.items.queries import contents
from biobank.storage.filling import boxes_below, holds_specimens
from biobank.storage.models import StorageUnit
from biobank.storage.queries import Unit, free_positions, numbered_units, with_room
from biobank.storage.reserved import standing_at, standing_in
from biobank.storage.surroundings import Surroundings, surroundings_of_many

MOST_BOXES = 2000
"""Boxes that are looked at, the newest first."""
MOST_MERGERS = 50
SPARSE = 0.5
"""Only what is at most half full is emptied into another."""


class NotToBeMerged(Conflict):
    """Two boxes of which one is not to be emptied into the other."""

    title = "These two are not merged"


@dataclass(frozen=True)
class Merger:
    """All that lies in `source` fits into `target`."""

    source: Unit
    target: Unit


@dataclass(frozen=True)
class PieceMove:
    """One piece, where it lies, and where it would go."""

    item: Item
    taken_from: str | None
    goes_to: str


def mergers(work: Work, by: Actor, inside: int | None = None) -> list[Merger]:
    """Within one place or at the sites of `by`; the emptiest boxes first, each into the fullest with room.

    Only boxes that are alike: same site, temperature, kinds and contents; never into or out of quarantine,
    nor where somebody keeps places free.
    """
    ids = _boxes(work, by, inside)
    around = surroundings_of_many(work, ids)
    kept = standing_in(work, {number for here in around.values() for number in here.around}, moments.now())
    free_ids = [number for number in ids if not any(outer in kept for outer in around[number].around)]
    alike: dict[object, list[Unit]] = {}
    for unit in numbered_units(work, free_ids):
        if unit.held and not around[unit.item.id].in_quarantine:
            alike.setdefault(_likeness(unit, around[unit.item.id]), []).append(unit)
    found = [merger for units in alike.values() for merger in _merged(units)]
    return sorted(found, key=lambda merger: (merger.source.held, merger.source.item.id))[:MOST_MERGERS]


def _likeness(unit: Unit, here: Surroundings) -> object:
    fittings = unit.fittings
    return (unit.item.site, here.temperature_celsius, fittings.allowed, here.contents)


def _merged(units: list[Unit]) -> Iterator[Merger]:
    """The smallest content into the smallest gap that takes it; no box is both emptied and filled."""
    room = {unit.item.id: (unit.capacity or 0) - unit.held for unit in units}
    emptied: set[int] = set()
    filled: set[int] = set()
    for source in sorted(units, key=lambda unit: (unit.held, unit.item.id)):
        if source.item.id in filled or source.held > SPARSE * (source.capacity or 0):
            continue
        fitting = [
            unit
            for unit in units
            if unit is not source and unit.item.id not in emptied and room[unit.item.id] >= source.held
        ]
        if fitting:
            target = min(fitting, key=lambda unit: (room[unit.item.id], unit.item.id))
            emptied.add(source.item.id)
            filled.add(target.item.id)
            room[target.item.id] -= source.held
            yield Merger(source, target)


def moves_between(work: Work, source: Unit, target: Unit, by: Actor) -> list[PieceMove]:
    """What still lies in `source`, in its order, and the next free positions of `target`.

    Read anew after each piece: who was moved is no more on the list. Raises `NotToBeMerged`.
    """
    if source.item.id == target.item.id or not _is_box(target) or source.item.site != target.item.site:
        raise NotToBeMerged(
            f"{source.name} cannot be emptied into {target.name}; choose two boxes of one site."
        )
    order = list(source.fittings.grid.positions()) if source.fittings.grid else []
    pieces = [item for item in contents(work, source.item.id) if item.kind in SPECIMENS]
    pieces.sort(key=lambda item: order.index(item.position) if item.position in order else len(order))
    free = _free_for(work, target, by)
    if len(free) < len(pieces):
        raise NotToBeMerged(
            f"{target.name} has {counted(len(free), 'free position')} and {source.name} holds {len(pieces)}; "
            "choose another box."
        )
    return [PieceMove(item, item.position, spot) for item, spot in zip(pieces, free, strict=False)]


def _free_for(work: Work, target: Unit, by: Actor) -> list[str]:
    kept = [each for each in standing_at(work, target.item.id, moments.now()) if each.person != by.person]
    return [
        spot
        for spot in free_positions(work, target)
        if not any(each.covers(target.item.id, spot) for each in kept)
    ]


def _is_box(unit: Unit) -> bool:
    return unit.capacity is not None and holds_specimens(unit.item.kind, " ".join(unit.fittings.allowed))


def _boxes(work: Work, by: Actor, inside: int | None) -> list[int]:
    """Newest first, only what specimens lie in and what is not full: that is neither emptied nor filled."""
    question = (
        select(StorageUnit.item_id, Item.kind, StorageUnit.allowed_kinds)
        .join(Item, Item.id == StorageUnit.item_id)
        .where(StorageUnit.grid_rows > 0, Item.state != State.VOIDED.value)
        .order_by(StorageUnit.item_id.desc())
        .limit(MOST_BOXES)
    )
    if inside is not None:
        question = question.where(StorageUnit.item_id.in_(select(boxes_below([inside]).c.id)))
    if by.sites is not None:
        question = question.where(Item.site.in_(sorted(by.sites)))
    rows = work.session.execute(question)
    return with_room(work, [number for number, kind, allowed in rows if holds_specimens(kind, allowed)])
