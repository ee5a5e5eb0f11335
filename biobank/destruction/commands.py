"""Commands that show destruction orders and check a certificate."""

from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.destruction import queries, walk
from biobank.destruction.certificates import Verdict, judge
from biobank.destruction.models import DestructionOrder
from biobank.destruction.records import order_record
from biobank.destruction.signer_files import read_public
from biobank.items.identifiers import printed
from biobank.web.terminal import acting, answer_no, as_option, json_option, show, table, unattended

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
        lost = [order.identifier for order in walk.orders_without_work(work, by)]
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
        "late_lines": walk.late_items(work, order),
        "paused": order.paused_at is not None,
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


FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@certificate.command("verify")
@click.argument("file", type=FILE)
@click.option("--offline", is_flag=True, help="On another machine: ask neither a person nor the database.")
@click.option("--trusted", type=FILE, multiple=True, help="With --offline: a root's certificate; may repeat.")
@click.option("--ledger", type=FILE, help="With --offline: an export of the ledger.")
@as_option
@json_option
@unattended("offline nobody is asked; otherwise `_here` asks for somebody who may see certificates")
def verify(
    file: Path,
    *,
    offline: bool,
    trusted: tuple[Path, ...],
    ledger: Path | None,
    person: str | None,
    as_json: bool,
) -> None:
    """Say whether FILE is a certificate as it was issued and signed, and still stands; exit 1 when not."""
    if not offline and (trusted or ledger):
        raise click.UsageError("--trusted and --ledger go with --offline.")
    verdict = _elsewhere(file, trusted, ledger) if offline else _here(file, person=person)
    show(asdict(verdict), as_json=as_json, lines=_said(verdict))
    if not verdict.genuine or verdict.state not in ("standing", "unknown"):
        answer_no()


@acting(Permission.SEE_CERTIFICATES)
def _here(file: Path, *, by: Actor) -> Verdict:  # noqa: ARG001 (the permission is what counts)
    with reading() as work:
        return judge(work, file.read_bytes())


def _elsewhere(file: Path, trusted: tuple[Path, ...], ledger: Path | None) -> Verdict:
    from biobank.destruction.elsewhere import judge_elsewhere

    roots = [root for path in trusted for root in read_public(path)]
    return judge_elsewhere(file.read_bytes(), roots, ledger)


def _said(verdict: Verdict) -> Iterator[str]:
    yield verdict.sentence
    yield from verdict.findings[1:]
    if verdict.signed_by:
        yield f"Its signature names {verdict.signed_by} and says {verdict.signed_at:%Y-%m-%d %H:%M:%S %Z}."
        yield f"  SHA-256 of the signer's certificate: {verdict.certificate_sha256}"
