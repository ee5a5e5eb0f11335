"""A rack scanner's reading beside the log: what each code stands for, what stands in the way. Reads only."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from biobank.access.actors import Actor
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.checks import is_specimen, may_see, seen_by
from biobank.custody.codes import bearer_of, codes_by, names_no_person, on_another
from biobank.custody.queries import item_now, items_inside
from biobank.custody.states import State
from biobank.custody.steps import ItemNow
from biobank.items.aliases import Alias, AliasRefused, read_alias
from biobank.items.identifiers import printed
from biobank.sites.queries import site_called
from biobank.storage.checks import NotAPlace, named, named_to
from biobank.storage.choices import Grid
from biobank.storage.queries import fittings_of, is_storage
from biobank.storage.rack_files import RackScan, Seen
from biobank.storage.rack_plans import Deed, RackPlan, RackRefused, Well

MOST_NAMED = 6
NOTHING_DONE = "Nothing of the file was done."


@dataclass
class Reading:
    """One file while it is looked at: what the log has in the box, and what stands in the way, by well."""

    work: Work
    by: Actor
    box: ItemNow
    grid: Grid
    scan: RackScan
    logged: dict[str, ItemNow] = field(default_factory=dict)
    problems: dict[str, str] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)
    """Codes that may be left out, if somebody chooses so."""

    def raise_problems(self, problems: Mapping[str, str]) -> None:
        told = [
            f"{self.scan.file}, {self.scan.places[well]}, well {well}: {problems[well]}"
            for well in self.scan.wells
            if well in problems
        ]
        if told:
            more = f" Also refused: {len(told) - 1} more." if len(told) > 1 else ""
            codes = [(code, problems[well]) for well, code in self.scan.codes.items() if well in problems]
            raise RackRefused(f"{told[0]}{more} {NOTHING_DONE}", problems=told, codes=codes)


def plan_storing(
    work: Work, box: ItemNow, scan: RackScan, *, by: Actor, leave_out_unknown: bool = False
) -> RackPlan:
    """What storing the rack would do. Raises `RackRefused`, `NotAPlace`, `OtherSite`."""
    reading = _begun(work, box, scan, by)
    found = _items_of_codes(reading)
    reading.raise_problems(reading.problems | ({} if leave_out_unknown else reading.unknown))
    read = {item.id for item in found.values()}
    wells = tuple(_to_store(reading, position, found, read) for position in reading.grid.positions())
    return RackPlan(box, scan, reading.grid, wells, tuple(_notes(reading)))


def plan_naming(work: Work, box: ItemNow, scan: RackScan, issuer: str, *, by: Actor) -> RackPlan:
    """Which item would get which code of its maker. Raises as `plan_storing`, and `AliasRefused`."""
    reading = _begun(work, box, scan, by)
    maker = read_alias(issuer, "X").issuer
    wells = tuple(_to_name(reading, position, maker) for position in reading.grid.positions())
    reading.raise_problems(reading.problems)
    return RackPlan(box, scan, reading.grid, wells, tuple(_notes(reading)), maker)


def grid_of(work: Work, box: ItemNow, by: Actor) -> Grid:
    """Raises `NotAPlace` for what has no positions, `OtherSite`."""
    seen_by(work, by, box)
    fittings = fittings_of(work, box.id) if is_storage(box) else None
    if fittings is None or fittings.grid is None:
        raise NotAPlace(f"There are no positions in {named(box)}; name the box that was read.", field="box")
    return fittings.grid


def _begun(work: Work, box: ItemNow, scan: RackScan, by: Actor) -> Reading:
    grid = grid_of(work, box, by)
    logged = {item.position: item for item in items_inside(work, box.id) if item.position}
    reading = Reading(work, by, box, grid, scan, logged)
    reading.raise_problems(
        {well: f"it is no position of {named(box)} ({grid.span})." for well in scan.wells if well not in grid}
    )
    return reading


def _items_of_codes(reading: Reading) -> dict[str, ItemNow]:
    """By well. What is unknown, of another site, no specimen, or there under two codes stands in the way."""
    found: dict[str, ItemNow] = {}
    wells: dict[int, str] = {}
    for well, code in reading.scan.codes.items():
        try:
            item = item_now(reading.work, code)
        except DomainError as refusal:
            reading.unknown[well] = refusal.detail
            continue
        if not may_see(reading.by, item):
            whose = site_called(reading.work, *item.sites_told())
            seen = printed(code) if code == item.identifier else code
            reading.unknown[well] = f"{seen} is of {whose}; tell them that it is here."
            continue
        before = wells.setdefault(item.id, well)
        if not is_specimen(item):
            reading.problems[well] = (
                f"{printed(item.identifier)} is a {item.kind.replace('_', ' ')}; no well has one."
            )
        elif before != well:
            reading.problems[well] = f"{code} is {printed(item.identifier)}, which was read in {before} too."
        found[well] = item
    return found


def _to_store(reading: Reading, position: str, found: Mapping[str, ItemNow], read: set[int]) -> Well:
    logged = reading.logged.get(position)
    stays = logged if logged is not None and logged.id not in read else None
    item, code = found.get(position), reading.scan.codes.get(position)
    if position in reading.unknown:
        return Well(position, Deed.LEFT_OUT, code, stays, sentence=reading.unknown[position])
    if item is None:
        return _without_code(reading.scan, position, stays)
    if logged is not None and logged.id == item.id and item.state is State.STORED:
        return Well(position, Deed.IN_PLACE, code, item)
    leaves = f"{printed(stays.identifier)} is logged here and was not read; look for it." if stays else None
    return Well(position, _deed(item), code, item, stays, leaves)


def _deed(item: ItemNow) -> Deed:
    """What fits the item; from any other state storing is taken with a flag, as any scan of it is."""
    if item.state is State.STORED:
        return Deed.MOVED
    return Deed.CHECKED_IN if item.state is State.CHECKED_OUT else Deed.STORED


def _without_code(scan: RackScan, position: str, logged: ItemNow | None) -> Well:
    seen = scan.wells.get(position)
    here = f"The log has {printed(logged.identifier)} here" if logged else "The log has nothing here"
    if seen is Seen.NO_READ:
        return Well(position, Deed.UNREAD, item=logged, sentence=f"{here}; what stands here was not read.")
    if seen is not Seen.NO_TUBE:
        silent = f"{here}; the file says nothing of it." if logged else None
        return Well(position, Deed.NOT_MENTIONED, item=logged, sentence=silent)
    if logged is None:
        return Well(position, Deed.EMPTY)
    return Well(position, Deed.MISSING, item=logged, sentence=f"{here} and no tube was seen.")


def _to_name(reading: Reading, position: str, issuer: str) -> Well:
    code, logged = reading.scan.codes.get(position), reading.logged.get(position)
    if code is None:
        return _without_code(reading.scan, position, logged)
    if logged is None:
        reading.problems[position] = f"{code} was read where the log has nothing; store the tube first."
        return Well(position, Deed.LEFT_OUT, code)
    try:
        is_new = _may_bear(reading, logged, read_alias(issuer, code))
    except DomainError as refusal:
        reading.problems[position] = refusal.detail
        is_new = False
    return Well(position, Deed.NAMED if is_new else Deed.IN_PLACE, code, logged)


def _may_bear(reading: Reading, item: ItemNow, alias: Alias) -> bool:
    """Whether the item would get the code; it may bear it already. Raises `AliasRefused`, `OtherSite`."""
    names_no_person(reading.work, alias)
    seen_by(reading.work, reading.by, item)
    bearer = bearer_of(reading.work, alias)
    if bearer is not None and bearer.id != item.id:
        raise AliasRefused(on_another(alias, bearer, reading.by))
    others = codes_by(reading.work, item, alias.issuer) if bearer is None else []
    if others:
        raise AliasRefused(
            f"{printed(item.identifier)} bears {others[0]} of {alias.issuer} already and {alias.value} was "
            "read; look whether it is the right tube."
        )
    return bearer is None


def _notes(reading: Reading) -> Iterator[str]:
    """Raises `RackRefused` when the file is of another thing of ours than the box."""
    scan = reading.scan
    silent = [position for position in reading.grid.positions() if position not in scan.wells]
    if silent:
        shown = ", ".join(silent[:MOST_NAMED]) + (" and so on" if len(silent) > MOST_NAMED else "")
        wells = counted(len(silent), "well")
        yield f"{scan.file} says nothing of {wells} ({shown}); what is known of them stays."
    if scan.rack is None:
        return
    try:
        rack = item_now(reading.work, scan.rack)
    except DomainError:
        yield f"The file names its rack {scan.rack}, which is no code of anything here."
        return
    if rack.id != reading.box.id:
        other = named_to(reading.by, rack)
        raise RackRefused(
            f"{scan.file} is of rack {scan.rack}, which is {other}, and this is {named(reading.box)}; "
            f"choose the box that was read. {NOTHING_DONE}"
        )
