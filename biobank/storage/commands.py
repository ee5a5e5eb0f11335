"""Commands that add storage units."""

from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.custody.states import STORAGE, Kind
from biobank.custody.steps import Source
from biobank.items.identifiers import printed
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from biobank.web.terminal import acting, json_option, show


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
@click.option("--temperature", "temperature_celsius", type=int, help="Degrees Celsius.")
@json_option
@acting(Permission.BUILD_STORAGE)
def add(kind: str, name: str, *, by: Actor, as_json: bool, **unit: Any) -> None:
    """Add a storage unit; its barcode is printed with `labels print`."""
    with writing() as work:
        born = add_unit(work, NewUnit(kind=Kind(kind), name=name, **unit), by=by, source=Source("command"))
    document = {"id": born.identifier, "kind": kind, "name": name}
    show(
        document,
        as_json=as_json,
        lines=[f"Added {kind.replace('_', ' ')} {name}: {printed(born.identifier)}"],
    )
