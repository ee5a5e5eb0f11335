"""Commands that print labels of what is there already."""

from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.printing.choices import CopyReason
from biobank.printing.files import write_labels
from biobank.printing.inputs import NewPrint
from biobank.web.terminal import acting, json_option, show


@click.group("labels")
def group() -> None:
    """Labels."""


@group.command("print")
@click.argument("items", nargs=-1, required=True, metavar="ITEM...")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    default=Path("labels.pdf"),
    show_default=True,
    help="PDF or ZPL file to write.",
)
@click.option("--stock", help="Sheet of config/stocks.toml in the printer's tray.")
@click.option("--reason", type=click.Choice(list(CopyReason)), help="Why there has to be another label.")
@json_option
@acting(Permission.PRINT_LABELS)
def print_labels(
    items: tuple[str, ...], *, out: Path, stock: str | None, reason: str | None, by: Actor, as_json: bool
) -> None:
    """Print the labels of each ITEM: a kit's box, a tube, a box, a freezer, a parcel, a bag."""
    asked = NewPrint(items, stock=stock, reason=CopyReason(reason) if reason else None)
    with writing() as work:
        job = write_labels(work, asked, out, by=by)
        count = job.labels
    show({"labels": count, "file": str(out)}, as_json=as_json, lines=[f"Wrote {count} labels to {out}."])
