"""Questions about logger files: which there are, what they show, which tubes were beyond their limits."""

import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, bindparam, exists, func, or_, select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import row_numbered
from biobank.core.statements import Statement
from biobank.custody.models import Hold
from biobank.custody.states import SPECIMENS, HoldKind, Kind
from biobank.items.models import Item
from biobank.shipments.models import Shipment
from biobank.shipments.queries import manifest
from biobank.temperatures.logger_files import Reading
from biobank.temperatures.models import Excursion, TakenLoggerFile
from biobank.temperatures.waiting_elsewhere import wait_elsewhere


class NoSuchLoggerFile(NotFound):
    title = "Logger file not known"


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many tubes of a file were beyond a limit, and how many of them were not released."""

    beyond: int
    open: int


def subject_of(file: TakenLoggerFile) -> str:
    return f"logger_file:{file.id}"


def packed(readings: Sequence[Reading]) -> bytes:
    first = readings[0].at
    lines = (f"{int((each.at - first).total_seconds())} {each.hundredths}" for each in readings)
    return zlib.compress("\n".join(lines).encode())


def readings_of(file: TakenLoggerFile) -> list[Reading]:
    """As they were read, in order of time."""
    found = []
    for line in zlib.decompress(file.readings).decode().splitlines():
        seconds, hundredths = line.split()
        found.append(Reading(file.first_at + timedelta(seconds=int(seconds)), int(hundredths)))
    return found


def file_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> TakenLoggerFile:
    """Raises `NoSuchLoggerFile`, also for a parcel that neither comes from nor goes to the reader's sites."""
    found = row_numbered(work, TakenLoggerFile, number, locked=locked)
    shipment = work.session.get(Shipment, found.parcel_id) if found else None
    sites = (shipment.origin, shipment.destination) if shipment else ()
    if found is None or not any(site and by.works_at(site) for site in sites):
        raise NoSuchLoggerFile(f"There is no logger file {number} at your sites; look through the list.")
    return found


def files_seen_by(by: Actor) -> Select[TakenLoggerFile]:
    """To be listed page by page."""
    question = select(TakenLoggerFile)
    if by.sites is None:
        return question
    sites = sorted(by.sites)
    theirs = select(Shipment.item_id).where(or_(Shipment.origin.in_(sites), Shipment.destination.in_(sites)))
    return question.where(TakenLoggerFile.parcel_id.in_(theirs))


def specimens_that_travelled(work: Work, shipment: Shipment) -> list[Item]:
    """On its manifest, and on those of the parcels that lay in it, whether or not they were found."""
    found, waiting, seen = [], [shipment], set()
    while waiting:
        one = waiting.pop()
        if one.item_id in seen:
            continue
        seen.add(one.item_id)
        for line in manifest(work, one):
            inner = work.session.get(Shipment, line.item.id) if line.item.kind == Kind.PARCEL else None
            if inner is not None:
                waiting.append(inner)
            elif line.item.kind in SPECIMENS:
                found.append(line.item)
    return found


def files_of_parcel(work: Work, parcel_id: int) -> list[TakenLoggerFile]:
    question = select(TakenLoggerFile).where(TakenLoggerFile.parcel_id == parcel_id)
    return list(work.session.scalars(question.order_by(TakenLoggerFile.id.desc())))


ONE_AT_ONCE = Statement(select(func.pg_advisory_xact_lock(bindparam("number"))))


def file_with_sum(work: Work, sha256: str) -> TakenLoggerFile | None:
    """For who is about to take it: whoever hands the same file in meanwhile waits, and finds it then."""
    if not work.is_sqlite:  # there writers queue anyway
        work.run(ONE_AT_ONCE, number=int.from_bytes(bytes.fromhex(sha256)[:8], signed=True))
    return work.session.scalar(select(TakenLoggerFile).where(TakenLoggerFile.sha256 == sha256))


def excursions_of(work: Work, file: TakenLoggerFile) -> list[tuple[Excursion, Item]]:
    """By tube, then by limit."""
    question = (
        select(Excursion, Item)
        .join(Item, Item.id == Excursion.item_id)
        .where(Excursion.file_id == file.id)
        .order_by(Excursion.item_id, Excursion.id)
    )
    return [(excursion, item) for excursion, item in work.session.execute(question)]


def counted(work: Work, file: TakenLoggerFile) -> Counted:
    return counted_in(work, [file])[file.id]


def counted_in(work: Work, files: Iterable[TakenLoggerFile]) -> dict[int, Counted]:
    """Of each file, by its number."""
    numbers = [file.id for file in files]
    tubes = func.count(func.distinct(Excursion.item_id))
    asked = (
        select(Excursion.file_id, tubes, tubes.filter(Excursion.released_at.is_(None)))
        .where(Excursion.file_id.in_(numbers))
        .group_by(Excursion.file_id)
    )
    found = {number: (beyond, still) for number, beyond, still in work.session.execute(asked)}
    told = {number: found.get(number, (0, 0)) for number in numbers}
    return {number: Counted(beyond=beyond, open=still) for number, (beyond, still) in told.items()}


def open_items(work: Work, file: TakenLoggerFile) -> list[Item]:
    """Tubes of a file that nobody has released yet."""
    open_ones = select(Excursion.item_id).where(Excursion.file_id == file.id, Excursion.released_at.is_(None))
    return list(work.session.scalars(select(Item).where(Item.id.in_(open_ones)).order_by(Item.id)))


JUDGED = ("logger_file:%", "outage:%")
"""How the reasons of holds begin that a judgement of temperatures lifts; one by hand is lifted by hand."""


def placed_by_a_judgement() -> ColumnElement[bool]:
    """Of a hold: that a logger's file or an outage placed it."""
    return or_(*(Hold.reason.like(begins) for begins in JUDGED))


def waits_for_a_file(item: ColumnElement[int]) -> ColumnElement[bool]:
    """Of an item's number: that nobody has released what some logger's file says of it."""
    return exists().where(Excursion.item_id == item, Excursion.released_at.is_(None))


def free_to_lift(work: Work, numbers: Iterable[int]) -> list[int]:
    """Of some tubes those whose hold such a judgement placed and that wait for no other one."""
    some = sorted(numbers)
    question = select(Hold.item_id).where(
        Hold.item_id.in_(some),
        Hold.kind == HoldKind.TEMPERATURE.value,
        Hold.lifted_sequence.is_(None),
        placed_by_a_judgement(),
        ~waits_for_a_file(Hold.item_id.expression),
    )
    found = work.session.scalars(question.order_by(Hold.item_id)).all()
    waiting = wait_elsewhere(work, found)
    return [number for number in found if number not in waiting]
