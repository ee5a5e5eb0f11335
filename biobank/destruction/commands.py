"""Commands that show destruction orders and check a certificate."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.destruction import queries
from biobank.destruction.certificates import judge
from biobank.destruction.models import DestructionOrder
from biobank.destruction.records import order_record
from biobank.items.identifiers import printed
from biobank.web.terminal import acting, answer_no, json_option, show, table

COLUMNS = ("order", "participant", "stage", "open", "done", "due", "late")


@click.group("destruction")
def group() -> None:
    """Orders to destroy what participants asked to have destroyed."""


@group.command("list")
@json_option
@acting(Permission.SEE_DESTRUCTION)
def list_orders(*, by: Actor, as_json: bool) -> None:
    """Show orders with something left to do; exit 1 when one is late or has lines that nobody can find."""
    with reading() as work:
        rows = [_row(work, order) for order in queries.unfinished_orders(work, by)]
        lost = [order.identifier for order in queries.orders_without_work(work)]
    lines = table(rows, COLUMNS) if rows else ["Nothing is to be destroyed."]
    lines += [f"{printed(order)} has open lines and nothing on the walk: look for them." for order in lost]
    show({"orders": rows, "without_work": lost}, as_json=as_json, lines=lines)
    if lost or any(row["late"] for row in rows):
        answer_no()


def _row(work: Work, order: DestructionOrder) -> dict[str, Any]:
    counts = queries.progress(work, order)
    unfinished = counts.get("open", 0)
    return {
        "order": order.identifier,
        "participant": order.participant,
        "stage": queries.stage(order).value,
        "open": unfinished,
        "done": sum(counts.values()) - unfinished,
        "due": order.due_at.date().isoformat(),
        "late": queries.is_overdue(order),
    }


@group.command("show")
@click.argument("order")
@json_option
@acting(Permission.SEE_DESTRUCTION)
def show_order(order: str, *, by: Actor, as_json: bool) -> None:
    """Show an ORDER with every line."""
    with reading() as work:
        found = queries.order_seen_by(work, by, order)
        record, sha256 = order_record(work, found)
        row = _row(work, found)
    lines = [
        *table([row], COLUMNS),
        "",
        *table(record["lines"], ("item", "kind", "state", "outcome", "grade")),
    ]
    show({**row, "record": record, "sha256": sha256}, as_json=as_json, lines=lines)


@click.group("certificate")
def certificate() -> None:
    """Certificates of destruction."""


@certificate.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@acting(Permission.SEE_CERTIFICATES)
def verify(file: Path, *, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Say whether FILE is a certificate as it was issued here, and still stands; exit 1 when not."""
    with reading() as work:
        verdict = judge(work, file.read_bytes())
    show(asdict(verdict), as_json=as_json, lines=[verdict.sentence])
    if not verdict.genuine or verdict.state != "standing":
        answer_no()
