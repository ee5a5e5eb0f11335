"""A command that reads a temperature logger's file for a parcel."""

from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.temperatures.inputs import SentFile
from biobank.temperatures.layouts import NAMED
from biobank.temperatures.operations import take_logger_file
from biobank.temperatures.queries import counted
from biobank.web.terminal import acting, json_option, show


@click.group("temperatures")
def group() -> None:
    """Files of temperature loggers."""


@group.command("read")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@click.option("--parcel", required=True, help="Identifier of the parcel that the logger lay in.")
@click.option("--zone", default="UTC", show_default=True, help="Of its clock, where the file names none.")
@click.option("--layout", type=click.Choice(list(NAMED)), help="Of the file; else it is looked at.")
@click.option("--because", help="Why it is the right file, when something about it surprises.")
@json_option
@acting(Permission.RECEIVE_SHIPMENTS)
def read(
    file: Path, parcel: str, zone: str, *, layout: str | None, because: str | None, by: Actor, as_json: bool
) -> None:
    """Compare each tube of a parcel with what its logger saw."""
    sent = SentFile(parcel=parcel, content=file.read_bytes(), zone=zone, layout=layout, confirmation=because)
    with writing() as work:
        taken = take_logger_file(work, sent, by=by)
        tubes = counted(work, taken)
        document = {"logger_file": taken.id, "beyond": tubes.beyond, "held": tubes.open}
    show(document, as_json=as_json, lines=[f"{tubes.open} tubes are held for their temperature."])
