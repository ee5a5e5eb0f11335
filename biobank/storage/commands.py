"""Commands that add storage units and take rack scanners' files."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.queries import item_now
from biobank.custody.states import SPECIMENS, STORAGE, Kind
from biobank.custody.steps import Source
from biobank.items.identifiers import printed
from biobank.storage.choices import GRIDS, Rule
from biobank.storage.consolidation import mergers
from biobank.storage.inputs import NewUnit, RackFile
from biobank.storage.operations import add_unit, take_rack_file
from biobank.storage.rack_files import LARGEST_FILE
from biobank.storage.rack_layouts import NAMED
from biobank.storage.rack_plans import RackPlan, RackRefused
from biobank.storage.rack_tables import RackFileRefused, shown_name
from biobank.storage.room import Wish, find_room
from biobank.storage.schemas import MergersAnswer, RackScanAnswer, RoomsAnswer
from biobank.web.refused_wells import log_refused_wells
from biobank.web.terminal import Refused, acting, json_option, show


@click.group("storage")
def group() -> None:
    """Freezers, shelves, racks, boxes and other places."""


@group.command("add")
@click.argument("kind", type=click.Choice(sorted(kind.value for kind in STORAGE)))
@click.argument("name")
@click.option("--site", required=True, help="Code of the facility.")
@click.option("--inside", help="Identifier of the unit it stands in.")
@click.option("--position", help="Its position there.")
@click.option("--rows", default=0, help="Rows of its grid, lettered; 0 for a place without positions.")
@click.option("--columns", default=0, help="Columns of its grid, numbered.")
@click.option("--grid", type=click.Choice(sorted(GRIDS)), help="A known grid, instead of rows and columns.")
@click.option("--temperature", "temperature_celsius", type=int, help="Degrees Celsius.")
@click.option("--rule", type=click.Choice([rule.value for rule in Rule]), help="How it is filled.")
@json_option
@acting(Permission.BUILD_STORAGE)
def add(
    kind: str, name: str, *, by: Actor, as_json: bool, grid: str | None, rule: str | None, **unit: Any
) -> None:
    """Add a storage unit; its barcode is printed with `labels print`."""
    unit |= {"rule": Rule(rule)} if rule else {}
    if grid is not None:
        known = GRIDS[grid].grid
        unit |= {"rows": known.rows, "columns": known.columns}
        unit |= {"naming": known.naming, "filled_by": known.order}
    with writing() as work:
        born = add_unit(work, NewUnit(kind=Kind(kind), name=name, **unit), by=by, source=Source("command"))
    document = {"id": born.identifier, "kind": kind, "name": name}
    show(
        document,
        as_json=as_json,
        lines=[f"Added {kind.replace('_', ' ')} {name}: {printed(born.identifier)}"],
    )


@group.command("room")
@click.argument("count", type=click.IntRange(1))
@click.option("--warmest", "warmest_celsius", type=int, help="Degrees Celsius: as cold or colder.")
@click.option(
    "--kind",
    type=click.Choice(sorted(kind.value for kind in SPECIMENS)),
    default=Kind.ALIQUOT.value,
    help="Of what.",
)
@click.option("--specification", help="Which material, such as Plasma.")
@json_option
@acting(Permission.SEE_STORAGE)
def room(count: int, *, by: Actor, as_json: bool, kind: str, **wish: Any) -> None:
    """Say where there is room for COUNT pieces: in one box, else in boxes that stand together."""
    with reading() as work:
        found = find_room(work, Wish(count=count, kind=Kind(kind), **wish), by)
        document = RoomsAnswer().dump({"rooms": found})
    lines = [
        ", ".join(f"{unit.name} ({printed(unit.item.identifier)}): {free} free" for unit, free in each.boxes)
        for each in found
    ]
    show(document, as_json=as_json, lines=lines or ["No room for that many."])


@group.command("mergers")
@click.option("--inside", help="Identifier of the freezer, rack or other place to look in.")
@json_option
@acting(Permission.SEE_STORAGE)
def merge_list(inside: str | None, *, by: Actor, as_json: bool) -> None:
    """List boxes that can be emptied into others."""
    with reading() as work:
        place = item_now(work, inside) if inside else None
        found = mergers(work, by, place.id if place else None)
        document = MergersAnswer().dump({"mergers": found})
    lines = [
        f"{each.source.name} ({printed(each.source.item.identifier)}) into {each.target.name} "
        f"({printed(each.target.item.identifier)}): {each.source.held}"
        for each in found
    ]
    show(document, as_json=as_json, lines=lines or ["Nothing to merge."])


@group.command("rack")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--box", required=True, help="Identifier of the box or rack that was read.")
@click.option("--layout", type=click.Choice(list(NAMED)), help="Of the file; else it is looked at.")
@click.option(
    "--factory-codes", "issuer", metavar="ISSUER", help="Give these codes of this maker to what lies there."
)
@click.option("--leave-out-unknown", is_flag=True, help="Leave out codes that are unknown or elsewhere's.")
@click.option("--dry-run", is_flag=True, help="Say what would be done, and do nothing.")
@json_option
@acting(Permission.RECORD_STEPS)
def rack(file: Path, *, box: str, by: Actor, dry_run: bool, as_json: bool, **asked: Any) -> None:
    """Store what a rack scanner's FILE says, all of it or nothing; docs/rack-files.md has the layouts."""
    told = RackFile(content=_content(file), name=file.name, at=moments.told(moments.now()), **asked)
    try:
        with writing() as work:
            plan = take_rack_file(work, box, told, by=by, dry_run=dry_run)
    except RackRefused as refusal:
        log_refused_wells(refusal, by=by)
        problems = refusal.extra["problems"]
        lines = [str(each) for each in problems] if isinstance(problems, list) else []
        raise Refused("\n".join([*lines[1:], refusal.detail])) from refusal
    show(RackScanAnswer().dump(plan), as_json=as_json, lines=_lines(plan))


def _content(file: Path) -> bytes:
    """A byte more than is taken, so that what is too large is refused as such. Raises `RackFileRefused`."""
    try:
        with file.open("rb") as opened:
            return opened.read(LARGEST_FILE + 1)
    except OSError as problem:
        raise RackFileRefused(
            shown_name(file.name), "", f"it cannot be opened ({problem.strerror})"
        ) from problem


def _lines(plan: RackPlan) -> Iterator[str]:
    counted = ", ".join(f"{count} {deed.replace('_', ' ')}" for deed, count in plan.counts.items() if count)
    name = plan.box.specification or printed(plan.box.identifier)
    yield f"{plan.scan.file} ({plan.scan.layout}) in {name}: {counted}."
    yield from plan.notes
    for well in plan.wells:
        if well.is_different and well.sentence:
            yield f"{well.position}  {well.deed.value.replace('_', ' ')}: {well.sentence}"
        for alert in well.alerts:
            yield f"{well.position}  ! {alert.text}"
    if not plan.is_done:
        yield "Nothing was done; without --dry-run it is."
