"""How right the log is as a page: what was checked and what differed, month by month, drawn and as a file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import pairwise
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import zone_named
from biobank.inventories.choices import Difference, Reason
from biobank.inventories.queries import accuracy, differences_by_kind
from biobank.reports.formats import as_csv
from biobank.web.downloads import download
from biobank.web.frame import zone_of
from biobank.web.inventory_cards import DIFFERENCES, REASONS
from biobank.web.language import said
from biobank.web.permission import reads
from biobank.web.report_tables import Column, Row, Table
from biobank.web.words import in_zone

blueprint = Blueprint("inventory_figure_pages", __name__, url_prefix="/inventories")
Shown = dict[str, Any]
MONTHS = 12
TOLD = ("Checks", "Things checked", "Differences", "As the log says, percent")


@blueprint.get("/accuracy")
@reads(Permission.SEE_STORAGE)
def figures(*, work: Work, by: Actor) -> str:
    reason = _reason()
    table, months = _table(work, by, reason)
    return render_template(
        "inventories/accuracy.html",
        table=table,
        whole=accuracy(work, by.sites, months[0][0], months[-1][1], reason),
        filters=_filters(reason),
        file_url=f"/inventories/accuracy.csv{f'?reason={reason}' if reason else ''}",
    )


@blueprint.get("/accuracy.csv")
@reads(Permission.SEE_STORAGE)
def file(*, work: Work, by: Actor) -> Response:
    """The table as a file, in the reader's language as the page is."""
    table, _ = _table(work, by, _reason())
    heads = [said(table.first), *(said(column.label) for column in table.columns)]
    rows = [[row.label, *("" if cell is None else str(cell) for cell in row.cells)] for row in table.rows]
    return download(as_csv([heads, *rows]), "text/csv; charset=utf-8", "inventory-accuracy.csv")


def _reason() -> Reason | None:
    """Which checks are counted; None is all."""
    asked = request.args.get("reason", "")
    return Reason(asked) if asked in list(Reason) else None


def _filters(chosen: Reason | None) -> list[Shown]:
    every = {"label": "All checks", "url": "/inventories/accuracy", "current": chosen is None}
    return [
        every,
        *(
            {
                "label": label,
                "url": f"/inventories/accuracy?reason={reason.value}",
                "current": reason is chosen,
            }
            for reason, label in REASONS.items()
        ),
    ]


def _table(work: Work, by: Actor, reason: Reason | None) -> tuple[Table, list[tuple[datetime, datetime]]]:
    """One row a month; each kind of difference that there was is drawn."""
    zone = zone_of(work, by)
    months = list(_months(in_zone(moments.now(), zone), zone))
    by_kind = [differences_by_kind(work, by.sites, *month, reason) for month in months]
    kinds = [kind for kind in Difference if any(kind in found for found in by_kind)]
    rows = []
    for month, found in zip(months, by_kind, strict=True):
        told = accuracy(work, by.sites, *month, reason)
        share = round(told.share, 2) if told.share is not None else None
        cells = (told.checks, told.checked, told.differences, share, *(found.get(kind, 0) for kind in kinds))
        rows.append(Row(f"{in_zone(month[0], zone):%Y-%m}", cells))
    columns = (
        *(Column(label, drawn=False) for label in TOLD),
        *(Column(DIFFERENCES[kind]["word"]) for kind in kinds),
    )
    return Table("Month", "differences", columns, tuple(rows), "lines"), months


def _months(now: datetime, zone: str) -> Iterator[tuple[datetime, datetime]]:
    """The last twelve, each from its first moment at the reader's site until that of the next."""
    begins = [
        datetime(*_year_and_month(now.year * 12 + now.month - 1 - back), 1, tzinfo=zone_named(zone))
        for back in range(MONTHS - 1, -2, -1)
    ]
    moments_of_them = [begin.astimezone(UTC) for begin in begins]
    yield from pairwise(moments_of_them)


def _year_and_month(months: int) -> tuple[int, int]:
    """Year and month of a number of months since the year 0."""
    return months // 12, months % 12 + 1
