"""Where what stands in a failed unit can go: free positions by temperature, allowed kinds and nearness."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.states import GRIDLESS, SPECIMENS, Kind, State
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.outages.choices import WARMER_BY
from biobank.outages.models import Outage, OutagePiece
from biobank.outages.queries import pieces_inside, units_failing
from biobank.storage.models import StorageUnit
from biobank.storage.queries import Unit, free_positions, numbered_units
from biobank.storage.reserved import Kept, standing_in

MOST_PLANNED = 500
Around = Mapping[int, tuple[int | None, int | None]]
"""By unit what it stands in, and what temperature it is meant to be at itself."""
KeptIn = Mapping[int, Sequence[Kept]]
"""By unit what somebody keeps free there now."""
Candidate = tuple[Unit, frozenset[str]]
"""A unit that works, and those of its positions that are kept free for something else."""


@dataclass(frozen=True)
class Spot:
    """A free place: a position of a unit, or a unit without positions; and how cold it is meant to be."""

    unit: Unit
    position: str | None
    celsius: int | None
    is_warm: bool
    """Warmer than where the piece stood, or nobody knows."""


def spare_space(work: Work, outage: Outage) -> list[tuple[Item, Spot | None]]:
    """For each piece that is still inside a place, none twice; None where there is none left.

    In the order of its list, at most the first 500.
    """
    inside = pieces_inside(outage).order_by(OutagePiece.id).limit(MOST_PLANNED)
    numbers = [piece.item_id for piece in work.session.scalars(inside)]
    items = {item.id: item for item in items_numbered(work, numbers)}
    around = _around(work, outage.site)
    wanted = temperature_within(around, outage.unit_id)
    if wanted is None:
        wanted = _coldest_inside(around, outage.unit_id)
    units = _candidates(work, outage, around, standing_in(work, around, moments.now()))
    kinds = {Kind(item.kind) for item in items.values()}
    spots = {kind: _spots(work, units, kind, around, wanted) for kind in kinds}
    given: set[tuple[int, str]] = set()
    return [(items[number], _next(spots[Kind(items[number].kind)], given)) for number in numbers]


def _next(spots: Iterator[Spot], given: set[tuple[int, str]]) -> Spot | None:
    """Some units take pieces of several kinds: what one of them was given is left out for the others."""
    for spot in spots:
        if spot.position is None:
            return spot
        where = (spot.unit.item.id, spot.position)
        if where not in given:
            given.add(where)
            return spot
    return None


def _around(work: Work, site: str) -> Around:
    question = (
        select(Item.id, Item.container_id, StorageUnit.temperature_celsius)
        .join(StorageUnit, StorageUnit.item_id == Item.id)
        .where(Item.site == site, Item.kind != Kind.BOX.value)
    )
    return {number: (outer, celsius) for number, outer, celsius in work.session.execute(question)}


def temperature_within(around: Around, number: int | None) -> int | None:
    """Its own, else that of what is around it; None when nobody says."""
    while number is not None and number in around:
        number, celsius = around[number]
        if celsius is not None:
            return celsius
    return None


def _coldest_inside(around: Around, number: int) -> int | None:
    """A room has none of its own; its freezers have."""
    inner = [temperature_within(around, each) for each, (outer, _) in around.items() if outer == number]
    return min((celsius for celsius in inner if celsius is not None), default=None)


def _spots(
    work: Work, candidates: Sequence[Candidate], kind: Kind, around: Around, wanted: int | None
) -> Iterator[Spot]:
    """The nearest in temperature first, units with positions before those without."""
    units = [each for each in candidates if _takes(each[0], kind)]
    ranked = sorted(
        units, key=lambda each: _rank(each[0], temperature_within(around, each[0].item.id), wanted)
    )
    for unit, kept in ranked:
        celsius = temperature_within(around, unit.item.id)
        warm = _is_warm(celsius, wanted)
        if unit.capacity is None:
            while True:  # as many as fit
                yield Spot(unit, None, celsius, warm)
        for position in free_positions(work, unit) if unit.held < unit.capacity else ():
            if position not in kept:
                yield Spot(unit, position, celsius, warm)


def _candidates(work: Work, outage: Outage, around: Around, kept: KeptIn) -> list[Candidate]:
    """What works and is not kept free as a whole, each with its positions that are."""
    whole = {number for number, found in kept.items() if any(not each.positions for each in found)}
    unfit = units_failing(work) | whole
    numbers = [
        number for number in around if number != outage.unit_id and not _is_within(around, number, unfit)
    ]
    return [
        (unit, frozenset(spot for each in kept.get(unit.item.id, ()) for spot in each.positions))
        for unit in numbered_units(work, numbers)
        if unit.item.state == State.IN_SERVICE
    ]


def _is_within(around: Around, number: int | None, units: frozenset[int]) -> bool:
    """It, or what stands around it."""
    while number is not None and number in around:
        if number in units:
            return True
        number, _ = around[number]
    return False


def _takes(unit: Unit, kind: Kind) -> bool:
    if unit.capacity is not None:
        return unit.takes_in_its_grid(kind)
    if unit.item.kind == Kind.DRY_ICE_CHEST or (unit.item.kind in GRIDLESS and kind in SPECIMENS):
        return unit.fittings.takes(kind)
    return kind in unit.fittings.allowed


def _rank(unit: Unit, celsius: int | None, wanted: int | None) -> tuple[bool, bool, bool, int, int]:
    """What is too warm comes after what is not, and a place of which nobody knows it after both."""
    off = abs(celsius - wanted) if celsius is not None and wanted is not None else 0
    return _is_warm(celsius, wanted), celsius is None, unit.capacity is None, off, unit.item.id


def _is_warm(celsius: int | None, wanted: int | None) -> bool:
    return wanted is not None and (celsius is None or celsius > wanted + WARMER_BY)
