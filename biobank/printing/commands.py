"""Commands that print labels of what is there already."""

from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import writing
from biobank.custody.checks import seen_by
from biobank.custody.queries import item_now
from biobank.printing.documents import SHEET
from biobank.printing.files import write_labels
from biobank.printing.queries import labels_for
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
@click.option("--stock", default=SHEET, show_default=True, help="Sheet of config/stocks.toml.")
@json_option
@acting(Permission.PRINT_LABELS)
def print_labels(items: tuple[str, ...], *, out: Path, stock: str, by: Actor, as_json: bool) -> None:
    """Print the labels of each ITEM: a kit's box, a tube, a box, a freezer, a parcel, a bag."""
    with writing() as work:
        for item in items:
            seen_by(by, item_now(work, item))
        labels = labels_for(work, items)
        write_labels(work, labels, out, by=by, stock=stock)
    show(
        {"labels": len(labels), "file": str(out)},
        as_json=as_json,
        lines=[f"Wrote {len(labels)} labels to {out}."],
    )
