"""Commands that read the files of other systems."""

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.exchange.order_files import OrdersImported, import_orders
from biobank.exchange.pseudonyms import read_pseudonyms
from biobank.web.terminal import acting, answer_no, json_option, show


@click.group("import")
def group() -> None:
    """Files of other systems, read into kits, tubes and events."""


@group.command("orders")
@click.argument(
    "files", nargs=-1, required=True, metavar="FILE...", type=click.Path(path_type=Path, dir_okay=False)
)
@json_option
@acting(Permission.IMPORT_FILES)
def orders(files: tuple[Path, ...], *, by: Actor, as_json: bool) -> None:
    """Import the programme's orders, one JSON document a FILE, each all or nothing.

    Importing a file again changes nothing. A file whose status is amended, cancelled or restored changes the
    order that is here. Exit code 1 when a file was refused.
    """
    with reading() as work:
        pseudonyms = read_pseudonyms(work.settings)
    with click.progressbar(
        files, label="Importing", file=sys.stderr, hidden=as_json or not sys.stderr.isatty()
    ) as waiting:
        imported = import_orders(writing, waiting, by=by, pseudonyms=pseudonyms)
    show(imported.as_document(), as_json=as_json, lines=_lines(imported))
    if imported.errors:
        answer_no()


def _lines(imported: OrdersImported) -> Iterator[str]:
    yield (
        f"{imported.orders} orders with {imported.samples} samples imported, {imported.changed} changed, "
        f"{imported.unchanged} were here already, {len(imported.errors)} refused."
    )
    for error in imported.errors:
        yield f"{error.file}, {error.where}: {error.problem}"
