"""Commands that list orders of mailed kits and export them."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import click
import orjson

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.supplies.documents import resources
from biobank.supplies.models import SupplyOrder
from biobank.supplies.queries import SHOWN, orders_seen_by
from biobank.web.terminal import acting, answer_no, json_option, show, table

COLUMNS = ("number", "participant", "stage", "stage_since", "barcode")
MOST_LISTED = 500
AT_ONCE = 200


@click.group("supplies")
def group() -> None:
    """Kits that are mailed to participants."""


@group.command("list")
@click.option("--show", "which", type=click.Choice(list(SHOWN)), default="open", help="Which list.")
@click.option("--check", is_flag=True, help="Exit code 1 when the list is not empty, for a night shift.")
@json_option
@acting(Permission.SEE_SUPPLIES)
def list_orders(which: str, *, check: bool, by: Actor, as_json: bool) -> None:
    """Show the newest orders of a list."""
    with reading() as work:
        question = orders_seen_by(by, SHOWN[which][1](work.settings)).order_by(SupplyOrder.id.desc())
        rows = [_row(order) for order in work.session.scalars(question.limit(MOST_LISTED))]
    lines = table(rows, COLUMNS) if rows else ["No order is in this list."]
    show({"orders": rows}, as_json=as_json, lines=lines)
    if check and rows:
        answer_no()


def _row(order: SupplyOrder) -> dict[str, Any]:
    return {name: getattr(order, name) for name in COLUMNS}


@group.command("export")
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@json_option
@acting(Permission.EXPORT_FILES)
def export(file: Path, *, by: Actor, as_json: bool) -> None:
    """Write every order and its parcels to FILE as FHIR R4 in codes, a resource a line."""
    count = 0
    with reading() as work, file.open("wb") as out:
        for orders in _in_turns(work, by):
            for resource in resources(work, orders):
                out.write(orjson.dumps(resource) + b"\n")
                count += 1
            work.session.expunge_all()
    show({"file": str(file), "resources": count}, as_json=as_json, lines=[f"{count} resources written."])


def _in_turns(work: Work, by: Actor) -> Iterator[list[SupplyOrder]]:
    """By number, a few hundred at a time, however many there are."""
    last = 0
    while True:
        question = orders_seen_by(by, SupplyOrder.id > last).order_by(SupplyOrder.id).limit(AT_ONCE)
        orders = list(work.session.scalars(question))
        if not orders:
            return
        last = orders[-1].id
        yield orders
