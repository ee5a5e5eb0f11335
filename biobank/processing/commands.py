"""Commands for the centrifuge programmes of a site."""

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.processing import operations
from biobank.processing.choices import Brake, Rotor
from biobank.processing.inputs import NewProgramme
from biobank.processing.queries import programmes_of
from biobank.web.terminal import acting, json_option, show, table

COLUMNS = ("site", "name", "g", "minutes", "temperature_celsius", "rotor", "brake")


@click.group("centrifuge")
def group() -> None:
    """Programmes of the centrifuges, as the people of a site call them."""


@group.command("add")
@click.argument("site")
@click.argument("name")
@click.option("--g", required=True, type=int, help="Relative centrifugal force, in g.")
@click.option("--minutes", required=True, type=int, help="How long it runs.")
@click.option("--celsius", type=int, help="Temperature, where the centrifuge keeps one.")
@click.option("--rotor", type=click.Choice([rotor.value for rotor in Rotor]), help="What hangs in it.")
@click.option("--brake", type=click.Choice([brake.value for brake in Brake]), help="At the end of the run.")
@json_option
@acting(Permission.ADD_SITES)
def add(
    site: str, name: str, g: int, minutes: int, celsius: int | None, rotor: str | None, brake: str | None,
    *, by: Actor, as_json: bool,
) -> None:  # fmt: skip
    """Add a programme; what changes later is another programme."""
    new = NewProgramme(
        site=site, name=name, g=g, minutes=minutes, temperature_celsius=celsius,
        rotor=Rotor(rotor) if rotor else None, brake=Brake(brake) if brake else None,
    )  # fmt: skip
    with writing() as work:
        programme = operations.add_programme(work, new, by=by)
        document = {column: getattr(programme, column) for column in COLUMNS}
    show(document, as_json=as_json, lines=[f"Added {name} of {site}."])


@group.command("list")
@click.argument("site", required=False)
@json_option
@acting(Permission.SEE_SITES)
def list_programmes(site: str | None, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (no secret)
    """Show the programmes that are used."""
    with reading() as work:
        found = programmes_of(work, [site] if site else None)
        rows = [{column: getattr(programme, column) for column in COLUMNS} for programme in found]
    show({"programmes": rows}, as_json=as_json, lines=table(rows, COLUMNS))


@group.command("retire")
@click.argument("site")
@click.argument("name")
@json_option
@acting(Permission.ADD_SITES)
def retire(site: str, name: str, *, by: Actor, as_json: bool) -> None:
    """No longer offer a programme; what was spun with it keeps its name."""
    with writing() as work:
        operations.retire_programme(work, site, name, by=by)
    show({"site": site, "name": name}, as_json=as_json, lines=[f"{name} of {site} is no longer offered."])
