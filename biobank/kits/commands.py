"""Commands that show kit definitions and make kits with their labels."""

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import Work, reading, writing
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.kits.queries import definitions
from biobank.printing.files import write_labels
from biobank.printing.inputs import NewPrint
from biobank.web.terminal import acting, json_option, show, table

COLUMNS = ("definition", "tubes", "labels", "codes")
MOST_LABELS = 12_000
"""Of the most kits that are made at once."""


@click.group("kits")
def group() -> None:
    """Kits: a parcel of labelled, empty tubes for one collection."""


@group.command("define")
@json_option
@acting(Permission.DEFINE_KITS)
def define(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Read the definitions in the settings' folder and show what they hold; a bad file is named."""
    with reading() as work:
        rows = [
            {
                "definition": key,
                "tubes": len(definition.tubes),
                "labels": sum(tube.labels for tube in definition.tubes),
                "codes": " ".join(definition.codes),
            }
            for key, definition in sorted(definitions(work).items())
        ]
    show({"definitions": rows}, as_json=as_json, lines=table(rows, COLUMNS))


@group.command("make")
@click.argument("definition")
@click.option("--count", default=1, show_default=True, help="How many kits, 1 to 1000.")
@click.option("--site", help="Code of the site where they are made.")
@click.option("--lot", help="Lot of the kits and their tubes.")
@click.option("--expires", type=click.DateTime(["%Y-%m-%d"]), help="Last day on which they may be used.")
@click.option("--labels", type=click.Path(dir_okay=False, path_type=Path), help="PDF or ZPL file to write.")
@json_option
@acting(Permission.MAKE_KITS)
def make(
    definition: str,
    *,
    count: int,
    site: str | None,
    lot: str | None,
    expires: datetime | None,
    labels: Path | None,
    by: Actor,
    as_json: bool,
) -> None:
    """Make kits of DEFINITION (for example adult-3.2), all of them or none, and their labels."""
    with writing() as work:
        expires_on = expires.date() if expires else None
        made = make_kits(work, definition, count, by=by, site=site, lot=lot, expires_on=expires_on)
        kits = [_told(work, kit) for kit in made]
        asked = NewPrint(kits=tuple(kit.identifier for kit in made), at_most=MOST_LABELS)
        count = write_labels(work, asked, labels, by=by).labels if labels else 0
    show({"kits": kits, "labels": count}, as_json=as_json, lines=_lines(kits, labels, count))


def _told(work: Work, kit: ItemNow) -> dict[str, object]:
    tubes = [
        {"id": tube.identifier, "specification": tube.specification} for tube in tubes_of_kit(work, kit.id)
    ]
    return {"id": kit.identifier, "definition": kit.specification, "tubes": tubes}


def _lines(kits: list[dict[str, object]], labels: Path | None, count: int) -> Iterator[str]:
    for kit in kits:
        yield f"{printed(str(kit['id']))}  {kit['definition']}"
    if labels:
        yield f"Wrote {counted(count, 'label')} to {labels}."
