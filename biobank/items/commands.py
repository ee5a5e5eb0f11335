"""Scans from a terminal: what was scanned, and why a barcode works or does not."""

from collections.abc import Iterator
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading
from biobank.core.moments import to_text
from biobank.items.models import LoggedScan
from biobank.items.queries import items_numbered, scans_asked_for
from biobank.web.paging import MOST, page
from biobank.web.scan_explanations import Explanation, explained, narrowed_to
from biobank.web.terminal import acting, json_option, show, table

COLUMNS = ("at", "text_seen", "outcome", "action", "item", "person", "station", "refusal")
MARKS = {"right": "+", "wrong": "!", "ask": "?", "late": "?", "plain": " "}


@click.group("scans")
def group() -> None:
    """What was scanned, and why a barcode works or does not."""


@group.command("explain")
@click.argument("text")
@json_option
@acting(Permission.SEE_ITEMS)
def explain(text: str, *, by: Actor, as_json: bool) -> None:
    """Say step by step what TEXT is read as, whether it is known and what may be done with it."""
    with reading() as work:
        told = explained(work, by, text)
    show(_document(told), as_json=as_json, lines=_lines(told))


def _document(told: Explanation) -> dict[str, Any]:
    return {
        "seen": told.seen,
        "read_as": told.read_as,
        "findings": [vars(finding) for finding in told.findings],
        "item": told.item.identifier if told.item else None,
        "url": told.url,
        "possible": [step["label"] for step in told.steps],
    }


def _lines(told: Explanation) -> Iterator[str]:
    yield told.seen or "(nothing)"
    yield from (f"{MARKS[each.tone]} {each.word}: {each.sentence}" for each in told.findings)


@group.command("list")
@click.option("--text", help="Scans of this code alone.")
@click.option("--refused", is_flag=True, help="Refused ones alone.")
@click.option("--station", help="Code of a station, SITE/NAME.")
@click.option("--limit", type=click.IntRange(1, MOST), default=20, show_default=True)
@json_option
@acting(Permission.SEE_ITEMS)
def list_scans(
    text: str | None, *, refused: bool, station: str | None, limit: int, by: Actor, as_json: bool
) -> None:
    """List the newest scans of your sites, the newest first."""
    with reading() as work:
        question = scans_asked_for(by, refused=refused, station=station, **narrowed_to(work, text))
        found = page(work, question, [LoggedScan.id], limit=limit, newest_first=True).rows
        items = items_numbered(work, {scan.item_id for scan in found if scan.item_id is not None})
        codes = {item.id: item.identifier for item in items}
        rows = [_row(scan, codes) for scan in found]
    show({"scans": rows}, as_json=as_json, lines=table(rows, COLUMNS))


def _row(scan: LoggedScan, codes: dict[int, str]) -> dict[str, Any]:
    told = {name: getattr(scan, name) for name in ("id", *COLUMNS, "read_as", "damage") if name != "item"}
    return {**told, "at": to_text(scan.at), "item": codes.get(scan.item_id or 0)}
