"""What was counted beside what the log has: each difference, and the step that says so. Reads only."""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime

from biobank.core.database import Work
from biobank.core.moments import read_moment
from biobank.custody.checks import is_specimen
from biobank.custody.queries import item_by_id, items_inside, newest_events
from biobank.custody.states import STORAGE, Action, Kind
from biobank.custody.steps import ItemNow
from biobank.inventories.choices import IN_PLACE, STEPS, Difference, Seen
from biobank.inventories.models import InventoryCheck, InventoryReading
from biobank.inventories.readings import Count, laid_together, readings_of
from biobank.items.identifiers import printed
from biobank.storage.checks import named
from biobank.storage.queries import fittings_of

EVENTS_LOOKED_AT = 20


@dataclass(frozen=True)
class Found:
    """One difference: what it is about, where, in one sentence; and the step that closing records of it."""

    kind: Difference
    sentence: str
    position: str | None = None
    item: ItemNow | None = None
    code: str | None = None
    step: Action | None = None
    reading: InventoryReading | None = None
    is_overtaken: bool = False
    """The log changed after it was looked at: it has to be looked at again."""

    @property
    def told(self) -> tuple[object, ...]:
        item = self.item
        now = (item.identifier, item.state.value, item.container_id, item.position) if item else ()
        return (self.kind.value, self.position, self.code, now, self.is_overtaken)


@dataclass(frozen=True)
class Comparison:
    """All differences of a check; `disputed` are positions at which its two counts do not agree."""

    unit: ItemNow
    agreed: int
    differences: tuple[Found, ...]
    disputed: tuple[str, ...]

    @property
    def fingerprint(self) -> str:
        """Of what is to be recorded: another one when something changed since it was shown."""
        told = sorted(map(repr, (found.told for found in self.differences)))
        return hashlib.sha256(repr((self.unit.identifier, self.agreed, told)).encode()).hexdigest()


@dataclass
class Beside:
    """One check while it is compared."""

    work: Work
    check: InventoryCheck
    unit: ItemNow
    count: Count
    logged: dict[int, ItemNow]
    """What the log has directly in the unit."""
    has_positions: bool = True
    twice: dict[int, list[InventoryReading]] = field(default_factory=dict)
    """Codes that were read on more than one thing."""
    agreed: int = 0


def compare(work: Work, check: InventoryCheck) -> Comparison:
    unit = item_by_id(work, check.unit_id)
    count = laid_together(readings_of(work, check), check.turn)
    fittings = fittings_of(work, unit.id)
    has_positions = fittings is not None and fittings.grid is not None
    logged = {item.id: item for item in items_inside(work, unit.id)}
    beside = Beside(work, check, unit, count, logged, has_positions)
    read: dict[int, list[InventoryReading]] = {}
    for reading in count.codes:
        if reading.item_id is not None:
            read.setdefault(reading.item_id, []).append(reading)
    beside.twice = {number: readings for number, readings in read.items() if len(readings) > 1}
    differences = (*_of_readings(beside), *_of_what_was_not_read(beside, set(read)))
    return Comparison(unit, beside.agreed, differences, count.disputed)


def _of_readings(beside: Beside) -> Iterator[Found]:
    for number, readings in beside.twice.items():
        yield _same_code(beside, number, readings)
    for reading in beside.count.codes:
        if reading.item_id is None:
            yield _unknown(beside, reading)
        elif reading.item_id not in beside.twice:
            found = _of_item(beside, reading, reading.item_id)
            beside.agreed += found is None
            if found is not None:
                yield found


def _of_item(beside: Beside, reading: InventoryReading, number: int) -> Found | None:
    """None for what lies where the log has it."""
    item = beside.logged.get(number) or item_by_id(beside.work, number)
    if item.container_id == beside.unit.id:
        if item.position == reading.position or not beside.has_positions:
            return None
        return _found(
            beside, Difference.WRONG_POSITION, _elsewhere_in_it(beside, reading, item), item, reading
        )
    kind = _kind(item)
    sentence = _from_elsewhere(beside, kind, reading, item)
    if kind is Difference.NOT_FOR_HERE:
        return Found(kind, sentence, reading.position, item, reading.code, None, reading)
    return _found(beside, kind, sentence, item, reading)


def _elsewhere_in_it(beside: Beside, reading: InventoryReading, item: ItemNow) -> str:
    code, unit = printed(item.identifier), named(beside.unit)
    return f"{code} is in {unit}, {reading.position}; the log has it in {item.position or 'no position'}."


def _kind(item: ItemNow) -> Difference:
    if item.kind not in STORAGE and not is_specimen(item):
        return Difference.NOT_FOR_HERE
    if is_specimen(item) and item.state not in IN_PLACE:
        return Difference.NOT_EXPECTED
    return Difference.ELSEWHERE if item.container_id is not None else Difference.NOT_PLACED


def _from_elsewhere(beside: Beside, kind: Difference, reading: InventoryReading, item: ItemNow) -> str:
    code, unit, position = printed(item.identifier), named(beside.unit), reading.position
    if kind is Difference.NOT_FOR_HERE:
        return f"{code} is in {unit}, {position or 'no position'}, and is a {item.kind.replace('_', ' ')}."
    if kind is Difference.NOT_EXPECTED:
        state = item.state.replace("_", " ")
        return f"{code} is in {unit}, {position or 'no position'}; the log calls it {state}."
    if item.container_id is None:
        return f"{code} is in {unit}, {position or 'no position'}; the log has it in no place."
    around = item_by_id(beside.work, item.container_id)
    if around.site is not None and around.site != beside.check.site:
        return f"{code} is in {unit}, {position or 'no position'}; the log has it at another site."
    return (
        f"{code} is in {unit}, {position or 'no position'}; the log has it in {named(around)}, "
        f"{item.position or 'no position'}."
    )


def _found(
    beside: Beside, kind: Difference, sentence: str, item: ItemNow, reading: InventoryReading
) -> Found:
    step = STEPS.get(item.state, Action.QUARANTINE) if is_specimen(item) else Action.MOVE
    changed = _placed_after(beside.work, item, reading.read_at)
    return Found(kind, sentence, reading.position, item, reading.code, step, reading, is_overtaken=changed)


def _same_code(beside: Beside, number: int, readings: list[InventoryReading]) -> Found:
    """It stays where the log has it, if one of the two lies there."""
    item = beside.logged.get(number) or item_by_id(beside.work, number)
    stays = next((each for each in readings if each.position == item.position), readings[0])
    where = ", ".join(sorted(str(each.position) for each in readings))
    sentence = f"{printed(item.identifier)} stands on two things in {named(beside.unit)}: in {where}."
    step = Action.QUARANTINE if is_specimen(item) else None
    return Found(Difference.SAME_CODE, sentence, stays.position, item, stays.code, step, stays)


def _unknown(beside: Beside, reading: InventoryReading) -> Found:
    unit, code = named(beside.unit), reading.code
    position = reading.position or "no position"
    sentence = f"What lies in {unit}, {position}, bears {code}, which is no code of ours."
    step = Action.REGISTER if beside.unit.kind is Kind.BOX else None  # elsewhere it may be a rack or a box
    return Found(Difference.UNKNOWN_CODE, sentence, reading.position, None, reading.code, step, reading)


def _of_what_was_not_read(beside: Beside, read: set[int]) -> Iterator[Found]:
    """What cannot be read stands for what the log has in its position, unless that was read elsewhere."""
    unread = [reading for reading in beside.count.slots.values() if reading.seen == Seen.NO_READ]
    left = {_slot(beside, item): item for item in beside.logged.values() if item.id not in read}
    for reading in unread:
        item = left.pop(reading.position, None) if reading.position else None
        sentence = _unreadable(beside, reading, item)
        changed = item is not None and _placed_after(beside.work, item, reading.read_at)
        yield Found(
            Difference.UNREAD, sentence, reading.position, item, None, None, reading, is_overtaken=changed
        )
    for item in left.values():
        yield _missing(beside, item)


def _unreadable(beside: Beside, reading: InventoryReading, item: ItemNow | None) -> str:
    unit = named(beside.unit)
    if item is not None:
        code = printed(item.identifier)
        return f"What lies in {unit}, {reading.position}, cannot be read; the log has {code} there."
    if reading.position is None:
        return f"Something in {unit} cannot be read."
    return f"What lies in {unit}, {reading.position}, cannot be read; the log has nothing there."


def _slot(beside: Beside, item: ItemNow) -> str:
    """Under which key a reading of it would stand."""
    return item.position if beside.has_positions and item.position else item.identifier


def _missing(beside: Beside, item: ItemNow) -> Found:
    looked = beside.count.slots.get(_slot(beside, item))
    looked_at = looked.read_at if looked else beside.check.begun_at
    code, unit = printed(item.identifier), named(beside.unit)
    sentence = f"{code} is not in {unit}, {item.position or 'no position'}, where the log has it."
    changed = looked_at is not None and _placed_after(beside.work, item, looked_at)
    return Found(
        Difference.MISSING, sentence, item.position, item, item.identifier, Action.DISPLACE, looked,
        is_overtaken=changed,
    )  # fmt: skip


def _placed_after(work: Work, item: ItemNow, moment: datetime) -> bool:
    """Whether the log put it somewhere after somebody had looked."""
    events = newest_events(work, item.identifier, EVENTS_LOOKED_AT)
    placed = next((event for event in events if "place" in event), None)
    return placed is not None and read_moment(placed["recorded_at"]).at > moment
