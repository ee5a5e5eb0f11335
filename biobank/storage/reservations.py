"""Keeping positions free for something, and letting go of them; each is an entry of the unit."""

from datetime import timedelta

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid, NotFound
from biobank.core.personal_shapes import names_nobody
from biobank.custody.item_entries import append_in_turn
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import State
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import read_identifier
from biobank.items.positions import normalise_position
from biobank.storage.checks import named
from biobank.storage.choices import ReservedFor
from biobank.storage.inputs import NewReservation
from biobank.storage.models import StorageReservation
from biobank.storage.queries import Unit, free_positions, lock_unit, unit_named
from biobank.storage.reserved import reservation_numbered, standing_at

LONGEST = timedelta(days=366)
LONGEST_REFERENCE = 40
ENTRY = "reservation"


class ReservationRefused(Invalid):
    """What was told of a reservation cannot be so."""

    title = "Not kept free"


class NotFree(Conflict):
    """What somebody wants kept free is taken, or kept free for something else."""

    title = "Not free"


class NoReservation(NotFound):
    """No reservation of that number stands at a site of who asks."""

    title = "No such reservation"


def reserve(work: Work, told: NewReservation, *, by: Actor) -> StorageReservation:
    """Raises `NoUnit`, `SiteNotYours`, `ReservationRefused`, `NotFree`."""
    item = item_now(work, told.unit)
    unit = unit_named(work, item.identifier)
    at_own_site(by, item.site or "")
    lock_unit(work, item)
    item = item_now(work, told.unit)
    _can_be_kept(item, told)
    spots = _spots(work, unit, told)
    _is_free(work, item, unit, spots)
    kept = {"purpose": told.purpose.value, "reference": _reference(told)}
    made = {**kept, "positions": spots, "until": moments.to_text(told.until), "recorded_by": by.person}
    after = append_in_turn(work, item.id, ENTRY, {"change": "made", **made})
    row = StorageReservation(
        **kept,
        item_id=item.id,
        sequence=after.sequence,
        positions=" ".join(spots),
        person=by.person,
        made_at=moments.from_microseconds(after.recorded_at),
        until=told.until,
    )
    work.session.add(row)
    work.flush()
    return row


def end_reservation(work: Work, number: int, *, by: Actor) -> StorageReservation:
    """Whoever works at the unit's site lets go of it; ended twice is ended once. Raises `NoReservation`."""
    row = reservation_numbered(work, number)
    unit = item_by_id(work, row.item_id) if row else None
    if row is None or unit is None or not by.works_at(unit.site or ""):
        raise NoReservation("Nothing is kept free under that number at your site; look at the unit's page.")
    if row.ended_at is not None:
        return row
    after = append_in_turn(
        work, unit.id, ENTRY, {"change": "ended", "made_by": row.sequence, "recorded_by": by.person}
    )
    row = work.session.get_one(StorageReservation, number)
    row.ended_at = moments.from_microseconds(after.recorded_at)
    row.ended_by = by.person
    work.flush()
    return row


def _can_be_kept(unit: ItemNow, told: NewReservation) -> None:
    now = moments.now()
    if unit.state is State.VOIDED:
        raise ReservationRefused(f"{named(unit)} is voided; choose a unit that is in use.", field="unit")
    if not now < told.until <= now + LONGEST:
        raise ReservationRefused("Say until when, within a year from now.", field="until")
    if len(told.reference) > LONGEST_REFERENCE:
        raise ReservationRefused(
            f"What it is for is a code or number of at most {LONGEST_REFERENCE} characters.",
            field="reference",
        )
    names_nobody("reference", told.reference)


def _reference(told: NewReservation) -> str:
    """A kit by its identifier, however it was scanned. Raises `UnreadableIdentifier`."""
    if told.purpose is ReservedFor.KIT:
        return read_identifier(told.reference)
    return told.reference.strip()


def _spots(work: Work, unit: Unit, told: NewReservation) -> list[str]:
    """Those that are named, else the next free ones; none for the whole unit."""
    wanted = [normalise_position(each) or "" for each in told.positions]
    grid = unit.fittings.grid
    strange = [spot for spot in wanted if grid is None or spot not in grid]
    if strange or (told.count and grid is None):
        raise ReservationRefused(
            f"{unit.name} has no position {strange[0] if strange else 'at all'}; keep all of it instead.",
            field="positions",
        )
    if wanted or not told.count:
        return list(dict.fromkeys(wanted))
    kept = {spot for each in standing_at(work, unit.item.id, moments.now()) for spot in each.positions}
    free = [spot for spot in free_positions(work, unit) if spot not in kept]
    if len(free) < told.count:
        raise NotFree(
            f"{unit.name} has {counted(len(free), 'position')} left, wanted: {told.count}; choose another "
            "unit.",
            field="count",
        )
    return free[: told.count]


def _is_free(work: Work, item: ItemNow, unit: Unit, spots: list[str]) -> None:
    """A whole unit may be kept that holds something: no more is put into it."""
    taken = set(spots) - set(free_positions(work, unit))
    if taken:
        raise NotFree(f"{min(taken)} in {named(item)} is taken; choose another.", field="positions")
    for kept in standing_at(work, item.id, moments.now()):
        if not kept.positions or not spots or kept.positions & set(spots):
            raise NotFree(f"{named(item)} is {kept.sentence}; end that first or choose another.")
