"""Taking a logger's file, which holds what was beyond its limits; releasing tubes in bulk with a reason."""

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import update

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import zone_named
from biobank.core.tables import table_of
from biobank.custody.holds import open_discrepancy
from biobank.custody.many_holds import lift_holds, place_holds
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import ENDS, HoldKind
from biobank.items.models import Item
from biobank.ledger.operations import append_to
from biobank.participants.own_names import own_name_is_not_in
from biobank.shipments.models import Shipment
from biobank.shipments.queries import parcel_named
from biobank.temperatures import checks
from biobank.temperatures.excursions import Beyond, Stretch, beyond, mean_kinetic_hundredths, stretches
from biobank.temperatures.inputs import Releasing, SentFile
from biobank.temperatures.limits import Limits, limits_of
from biobank.temperatures.logger_files import LoggerFile, read_logger_file
from biobank.temperatures.models import Excursion, TakenLoggerFile
from biobank.temperatures.queries import (
    file_seen_by,
    file_with_sum,
    free_to_lift,
    open_items,
    packed,
    specimens_that_travelled,
    subject_of,
)
from biobank.temperatures.records import excursion_told, told

KIND = "logger_file"
CASE = "temperature_excursion"
excursions = table_of(Excursion)


def take_logger_file(work: Work, sent: SentFile, *, by: Actor) -> TakenLoggerFile:
    """Compare each tube of a parcel with what its logger saw; all of the file, or nothing of it.

    The same file again changes nothing. What was beyond a limit is held, and the parcel gets one case.
    Raises `NoParcel`, `UnknownItem`, `SiteNotYours`, `LoggerFileRefused`, `AnotherParcel`, `AskedBack`.
    """
    shipment, parcel = parcel_named(work, sent.parcel)
    if shipment.origin is None or not by.works_at(shipment.origin):
        at_own_site(by, shipment.destination)
    sha256 = hashlib.sha256(sent.content).hexdigest()
    known = file_with_sum(work, sha256)
    if known is not None:
        checks.is_not_of_another(parcel, known, item_by_id(work, known.parcel_id), by)
        return known
    latest = moments.now() + timedelta(minutes=work.settings.clock_skew_minutes)
    read = read_logger_file(sent.content, zone_named(sent.zone), layout=sent.layout, until=latest)
    checks.confirmation_can_be_so(sent)
    checks.parcel_travelled(shipment, parcel)
    checks.is_of_its_logger(shipment, parcel, read)
    checks.is_of_its_journey(shipment, parcel, read, sent.zone)
    checks.nothing_surprises(shipment, parcel, read, sent)
    if sent.confirmation:
        own_names_are_not_in(
            work, specimens_that_travelled(work, shipment), sent.confirmation, "confirmation", by
        )
    journey = stretches(read.readings, shipment.dispatched_at, shipment.arrived_at)
    checks.something_was_seen(journey)
    file = _stored(work, shipment, read, journey, sent, sha256, by)
    return _judged(work, file, shipment, journey, by)


def _stored(
    work: Work,
    shipment: Shipment,
    read: LoggerFile,
    journey: Sequence[Stretch],
    sent: SentFile,
    sha256: str,
    by: Actor,
) -> TakenLoggerFile:
    seen = [each.reading.hundredths for each in journey]
    file = TakenLoggerFile(
        parcel_id=shipment.item_id,
        sha256=sha256,
        layout=read.layout,
        logger=read.logger,
        readings=packed(read.readings),
        count=len(read.readings),
        first_at=read.readings[0].at,
        last_at=read.readings[-1].at,
        lowest_hundredths=min(seen),
        highest_hundredths=max(seen),
        mean_kinetic_hundredths=mean_kinetic_hundredths(journey),
        confirmation=sent.confirmation,
        taken_at=moments.now(),
        taken_by=by.person,
    )
    work.session.add(file)
    work.flush()
    return file


def _judged(
    work: Work, file: TakenLoggerFile, shipment: Shipment, journey: Sequence[Stretch], by: Actor
) -> TakenLoggerFile:
    """What was beyond a limit of its own is noted and held; the parcel gets one case."""
    number = file.id
    parcel = work.session.get_one(Item, shipment.item_id)
    tubes = specimens_that_travelled(work, shipment)
    found = _crossed(tubes, limits_of(work.settings.limits_file), journey)
    rows = [_excursion(file, item_id, each) for item_id, some in found.items() for each in some]
    work.session.add_all(rows)
    work.flush()
    codes = {tube.id: tube.identifier for tube in tubes}
    content = told(file, parcel.identifier) | {
        "excursions": [excursion_told(row, codes[row.item_id]) for row in rows]
    }
    note(work, file, "taken", by, content)
    held = [tube.id for tube in tubes if tube.id in found and tube.state not in ENDS]
    _open_case(work, parcel.identifier, file, len(found), by)
    place_holds(work, held, HoldKind.TEMPERATURE, subject_of(file), by=by)
    return file_seen_by(work, by, number)


def _crossed(tubes: Sequence[Item], known: Limits, journey: Sequence[Stretch]) -> dict[int, list[Beyond]]:
    """What each tube was beyond, by its number; every limit is looked at once, since many tubes have it."""
    limits = {tube.id: known.get(tube.specification or "", ()) for tube in tubes}
    found = {limit: beyond(limit, journey) for limit in {each for some in limits.values() for each in some}}
    crossed = {number: [each for limit in some if (each := found[limit])] for number, some in limits.items()}
    return {number: some for number, some in crossed.items() if some}


def _excursion(file: TakenLoggerFile, item_id: int, each: Beyond) -> Excursion:
    return Excursion(
        file_id=file.id,
        item_id=item_id,
        side=each.limit.side.value,
        limit_celsius=each.limit.celsius,
        allowed_minutes=each.limit.minutes,
        peak_hundredths=each.peak_hundredths,
        peak_at=each.peak_at,
        minutes=each.minutes,
    )


def _open_case(work: Work, parcel: str, file: TakenLoggerFile, tubes: int, by: Actor) -> None:
    """One a parcel, not one a reading or a tube."""
    if tubes:
        sentence = (
            f"Its logger saw {file.lowest_hundredths / 100:.1f} to {file.highest_hundredths / 100:.1f} °C; "
            f"tubes beyond a limit of theirs: {tubes}."
        )
        open_discrepancy(work, item_now(work, parcel), CASE, sentence, by=by)


def note(work: Work, file: TakenLoggerFile, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    """An entry of the file; the caller has locked it."""
    append_to(
        work,
        subject=subject_of(file),
        kind=KIND,
        content={"change": change, "recorded_by": by.person, **content},
    )


def own_names_are_not_in(work: Work, items: Sequence[Item], text: str, field: str, by: Actor) -> None:
    """Of nobody whose tubes they are. Raises `OwnNameWritten`."""
    for code in sorted({item.participant for item in items if item.participant}):
        own_name_is_not_in(work, by, code, text, field)


def release_tubes(work: Work, number: int, releasing: Releasing, *, by: Actor) -> int:
    """A biobank lead lets tubes be used all the same; gives how many holds were lifted.

    What is held for something else, or waits for another file, stays held. Raises `NoSuchLoggerFile`,
    `ReleaseRefused`, `NamesSomebody`, `OwnNameWritten`.
    """
    file = file_seen_by(work, by, number, locked=True)
    checks.can_be_released(releasing)
    waiting = open_items(work, file)
    chosen = [item for item in waiting if not releasing.items or item.identifier in releasing.items]
    checks.are_open(len(set(releasing.items)) or len(waiting), len(chosen))
    own_names_are_not_in(work, chosen, releasing.reason, "reason", by)
    ids, codes = [item.id for item in chosen], [item.identifier for item in chosen]
    at = moments.now()
    work.session.execute(
        update(excursions)
        .where(excursions.c.file_id == file.id, excursions.c.item_id.in_(ids))
        .where(excursions.c.released_at.is_(None))
        .values(released_at=at, released_by=by.person, reason=releasing.reason)
    )
    told_now = {"items": codes, "reason": releasing.reason, "at": moments.to_text(at)}
    note(work, file, "released", by, told_now)
    freed = free_to_lift(work, ids)
    return lift_holds(work, freed, HoldKind.TEMPERATURE, f"{subject_of(file)} released", by=by)
