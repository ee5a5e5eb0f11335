"""Reading what lies in a unit that is counted: a thing a scan, a rack by its file, a slip taken back."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_by_id, item_if_known, item_now
from biobank.custody.states import ENDS, STORAGE, State
from biobank.custody.steps import AskedBack, ItemNow, Source, UnknownItem
from biobank.inventories import checks
from biobank.inventories.choices import CheckState, Seen
from biobank.inventories.inputs import Read
from biobank.inventories.models import InventoryCheck, InventoryReading
from biobank.inventories.operations import go_on
from biobank.inventories.queries import check_numbered
from biobank.inventories.readings import Slots, of_turn, readings_of
from biobank.items.choices import ScanOutcome
from biobank.items.identifiers import printed
from biobank.items.inputs import SeenScan
from biobank.items.operations import kept_text, log_scans
from biobank.items.positions import normalise_position
from biobank.participants.own_names import own_name_is_not_in
from biobank.storage.checks import NoSuchPosition, named, named_to
from biobank.storage.queries import fittings_of
from biobank.storage.rack_files import RackScan, read_rack_file
from biobank.storage.rack_files import Seen as SeenInFile
from biobank.storage.rack_plans import RackRefused

SCANNED = "count"
"""What the log of scans calls a scan while something is counted."""
OUT_OF_PLACE = ENDS | {State.IN_WASTE, State.SENT_OUT, State.EXPECTED}
"""States of things that should lie in no box: whoever scans one hears so at once, and nothing of the map."""


@dataclass(frozen=True)
class Taken:
    """A reading as it was kept; `repeated` when it was read there already."""

    reading: InventoryReading
    item: ItemNow | None
    repeated: bool = False

    @property
    def is_out_of_place(self) -> bool:
        return self.item is not None and self.item.kind not in STORAGE and self.item.state in OUT_OF_PLACE


def take_reading(work: Work, number: int, read: Read, *, by: Actor) -> Taken:
    """Keep what somebody saw; nothing of the log changes by it, and nothing of the map is told.

    Raises `NoSuchCheck`, `NotAtThisPoint`, `SecondCountByAnother`, `NoSuchPosition`, `ReadingRefused`, the
    errors of a code that cannot be read, and `AskedBack` for a code that was read elsewhere in the unit.
    """
    check, unit = _opened(work, number, by)
    position = _position(work, unit, read)
    item, code = _what(work, unit, read)
    slots = of_turn(readings_of(work, check), check.turn)
    before = _before(slots, position, item, code, read.seen)
    if before is not None:
        return Taken(before, item, repeated=True)
    _asked_about_twice(slots, position, item, read)
    _confirmed_in_words_that_fit(work, read, item, by)
    reading = _keep(work, check, replace(read, text=code or "", position=position), item, by)
    log_scans(work, _scans([(read, item)]), by=by)
    return Taken(reading, item)


def _opened(work: Work, number: int, by: Actor) -> tuple[InventoryCheck, ItemNow]:
    check = check_numbered(work, number, locked=True)
    at_own_site(by, check.site)
    checks.is_at(check, CheckState.COUNTING, CheckState.COUNTED)
    if check.state == CheckState.COUNTING:
        checks.counts_as_another(work, check, by, check.turn)
    go_on(work, check, by)
    return check, item_by_id(work, check.unit_id)


def _position(work: Work, unit: ItemNow, read: Read) -> str | None:
    """Raises `NoSuchPosition`."""
    fittings = fittings_of(work, unit.id)
    grid = fittings.grid if fittings else None
    position = normalise_position(read.position)
    if grid is None and position is not None:
        raise NoSuchPosition(f"There are no positions in {named(unit)}; leave it out.", field="position")
    if grid is not None and (position is None or position not in grid):
        raise NoSuchPosition(f"Say the position that you read: {grid.span}.", field="position")
    return position


def _what(work: Work, unit: ItemNow, read: Read) -> tuple[ItemNow | None, str | None]:
    """The item that bears the code, and the code as it is kept; a code that nothing bears is kept, too."""
    if read.seen is Seen.NO_READ or not read.text.strip():
        if read.seen is Seen.CODE:
            raise checks.ReadingRefused("Nothing was scanned; scan a code.", field="text")
        return None, None
    try:
        item = item_now(work, read.text)
    except UnknownItem:
        return None, kept_text(read.text, is_known=False)
    checks.is_no_unit_around(work, unit, item)
    return item, item.identifier


def _before(
    slots: Slots, position: str | None, item: ItemNow | None, code: str | None, seen: Seen
) -> InventoryReading | None:
    """The reading that says the same already."""
    if seen is not Seen.CODE:
        return None
    same = (
        reading for reading in slots.values() if reading.seen == Seen.CODE and reading.position == position
    )
    number = item.id if item else None
    return next((each for each in same if (each.item_id, each.code) == (number, code)), None)


def _asked_about_twice(slots: Slots, position: str | None, item: ItemNow | None, read: Read) -> None:
    """One code lies in one place, unless it stands on two things. Raises `AskedBack`."""
    if item is None or read.seen is not Seen.CODE or read.confirmation:
        return
    elsewhere = [
        reading
        for reading in slots.values()
        if reading.item_id == item.id and reading.seen == Seen.CODE and reading.position != position
    ]
    if elsewhere:
        raise AskedBack(
            f"{printed(item.identifier)} was read in {elsewhere[0].position} already. If two things bear "
            "this code, confirm it; else go back and take the wrong reading back.",
            confirmable=True,
            reason_code="read_elsewhere",
            item=item.identifier,
        )


def _confirmed_in_words_that_fit(work: Work, read: Read, item: ItemNow | None, by: Actor) -> None:
    """Raises `Invalid`, `NamesSomebody`, `OwnNameWritten`."""
    if read.confirmation is not None:
        checks.reason_is_fit(read.confirmation, "confirmation")
        participant = item.participant if item else None
        own_name_is_not_in(work, by, participant, read.confirmation, "confirmation")


def _keep(work: Work, check: InventoryCheck, read: Read, item: ItemNow | None, by: Actor) -> InventoryReading:
    reading = InventoryReading(
        check_id=check.id,
        turn=check.turn,
        position=read.position,
        seen=read.seen.value,
        code=read.text or None,
        item_id=item.id if item else None,
        read_at=moments.now(),
        read_by=by.person,
        source=read.source.kind,
        reference=read.source.reference,
        confirmation=read.confirmation,
    )
    work.session.add(reading)
    work.flush()
    return reading


def take_back(work: Work, number: int, *, by: Actor) -> InventoryReading | None:
    """The newest reading of this turn was a slip; None when nothing was read. Raises as `take_reading`."""
    check, _ = _opened(work, number, by)
    slots = of_turn(readings_of(work, check), check.turn)
    if not slots:
        return None
    newest = max(slots.values(), key=lambda reading: reading.id)
    item = item_by_id(work, newest.item_id) if newest.item_id else None
    slip = Read(text=newest.code or "", position=newest.position, seen=Seen.TAKEN_BACK)
    _keep(work, check, slip, item, by)
    return newest


def take_file(
    work: Work, number: int, content: bytes, name: str, *, by: Actor, layout: str | None = None
) -> RackScan:
    """A rack scanner's file as the count: each of its wells is a reading, newer than what was read by hand.

    Raises `RackFileRefused`, `RackRefused` for a file of another rack, and as `take_reading`.
    """
    check, unit = _opened(work, number, by)
    fittings = fittings_of(work, unit.id)
    if fittings is None or fittings.grid is None:
        raise NoSuchPosition(f"There are no positions in {named(unit)}; scan what lies in it.", field="file")
    scan = read_rack_file(content, name, layout=layout, grid=fittings.grid)
    _is_of_this_unit(work, scan, unit, by)
    seen = [_of_well(work, scan, well) for well in scan.wells]
    for read, item in seen:
        _keep(work, check, read, item, by)
    log_scans(work, _scans(seen), by=by)
    return scan


def _scans(seen: Iterable[tuple[Read, ItemNow | None]]) -> Iterable[SeenScan]:
    for read, item in seen:
        if read.text:
            yield SeenScan(read.text, ScanOutcome.TAKEN, SCANNED, item.id if item else None)


def _is_of_this_unit(work: Work, scan: RackScan, unit: ItemNow, by: Actor) -> None:
    rack = item_if_known(work, scan.rack) if scan.rack else None
    if rack is not None and rack.id != unit.id:
        other = named_to(by, rack)
        raise RackRefused(
            f"{scan.file} is of rack {scan.rack}, which is {other}, and {named(unit)} is counted; "
            "choose its own file."
        )


def _of_well(work: Work, scan: RackScan, well: str) -> tuple[Read, ItemNow | None]:
    seen, source = scan.wells[well], Source("file", scan.source_of(well))
    if seen is SeenInFile.NO_TUBE:
        return Read(position=well, seen=Seen.EMPTY, source=source), None
    if seen is SeenInFile.NO_READ:
        return Read(position=well, seen=Seen.NO_READ, source=source), None
    code = scan.codes[well]
    try:
        item = item_now(work, code)
    except DomainError:
        return Read(text=kept_text(code, is_known=False), position=well, source=source), None
    return Read(text=item.identifier, position=well, source=source), item
