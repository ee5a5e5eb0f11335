"""Reports as pages: a table, the chart that is drawn from it, and the same table as a file."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.reports.checks import PeriodRefused, period_told, report_named, sites_reported
from biobank.reports.choices import OF_NOW, Report
from biobank.reports.formats import as_csv
from biobank.reports.inputs import Period
from biobank.sites.models import Site
from biobank.web.downloads import download
from biobank.web.frame import zone_of
from biobank.web.language import said
from biobank.web.permission import reads
from biobank.web.report_makers import TITLES, made
from biobank.web.report_tables import Column, Row, Table
from biobank.web.words import in_zone

blueprint = Blueprint("report_pages", __name__, url_prefix="/reports")
Shown = dict[str, Any]
USUAL_DAYS = 28
PERIODS: Mapping[int, str] = {7: "7 days", USUAL_DAYS: "28 days", 92: "92 days"}
NOTES: Mapping[Report, str] = {
    Report.COLLECTIONS: "Kits from which something was collected, by the day at the site.",
    Report.TURNAROUND: "Hours from the collection until nine of ten tubes, and half of them, were so far.",
    Report.SHORTFALLS: "Tubes that were short or stayed empty, by the reason that was told.",
    Report.LATE: "Of what was collected on a day: tubes sent late, received late, and nowhere to be found.",
    Report.RECEIPTS: "Tubes that were received, by the day and by the site that sent them.",
    Report.CASES: "Differences that were opened as cases, by what differs and the site that is asked.",
    Report.FILL: "Positions of each freezer that are taken now, and those that are free.",
    Report.HOLDS: "Pieces held for their temperature now, by where they are and for how long.",
}


@blueprint.get("")
@reads(Permission.SEE_REPORTS)
def first(*, work: Work, by: Actor) -> str:
    return _page(work, by, Report.COLLECTIONS)


@blueprint.get("/<name>")
@reads(Permission.SEE_REPORTS)
def report(name: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, report_named(name))


def _page(work: Work, by: Actor, asked: Report) -> str:
    period, sites = _period(work, by), sites_reported(work, by, request.args.get("site", ""))
    table = made(work, asked, sites, period)
    seen = sites_reported(work, by)
    told = _told(period, sites, seen)
    return render_template(
        "reports/report.html",
        title=TITLES[asked],
        note=NOTES[asked],
        reports=[
            {"label": TITLES[each], "url": _url(each, told), "current": each is asked} for each in Report
        ],
        periods=[] if asked in OF_NOW else _periods(asked, period, sites, seen, _today(work, by)),
        site_choices=[{"value": site.code, "label": site.name, "note": None} for site in seen],
        action=f"/reports/{asked.value}",
        form={name: str(value) for name, value in told.items()},
        errors={},
        table=table,
        file_url=f"/reports/{asked.value}.csv?{urlencode(told)}",
    )


def _told(period: Period, sites: list[Site], seen: list[Site]) -> dict[str, str]:
    """The choices in the address."""
    told = {"first": period.first.isoformat(), "last": period.last.isoformat()}
    return told if len(sites) == len(seen) else told | {"site": sites[0].code}


def _url(asked: Report, told: Mapping[str, str]) -> str:
    return f"/reports/{asked.value}?{urlencode(told)}"


def _periods(asked: Report, period: Period, sites: list[Site], seen: list[Site], today: date) -> list[Shown]:
    found = []
    for days, label in PERIODS.items():
        each = _back(today, days)
        found.append(
            {"label": label, "url": _url(asked, _told(each, sites, seen)), "current": each == period}
        )
    return found


def _back(today: date, days: int) -> Period:
    return period_told(today - timedelta(days=days - 1), today)


def _today(work: Work, by: Actor) -> date:
    return in_zone(moments.now(), zone_of(work, by)).date()


def _period(work: Work, by: Actor) -> Period:
    """The days in the address, else those until today. Raises `PeriodRefused`."""
    usual = _back(_today(work, by), USUAL_DAYS)
    return period_told(_day("first", usual.first), _day("last", usual.last))


def _day(name: str, otherwise: date) -> date:
    typed = request.args.get(name, "").strip()
    try:
        return date.fromisoformat(typed) if typed else otherwise
    except ValueError as problem:
        raise PeriodRefused("Give each day such as 2026-03-01.", field=name) from problem


@blueprint.get("/<name>.csv")
@reads(Permission.SEE_REPORTS)
def file(name: str, *, work: Work, by: Actor) -> Response:
    """The table as a file, in the reader's language as the page is."""
    asked, period = report_named(name), _period(work, by)
    table = made(work, asked, sites_reported(work, by, request.args.get("site", "")), period)
    rows = [[said(table.first), *map(_heading, table.columns)], *_lines(table)]
    return download(
        as_csv(rows), "text/csv; charset=utf-8", f"{asked.value}-{period.first}-{period.last}.csv"
    )


def _heading(column: Column) -> str:
    return column.label if column.is_name else said(column.label)


def _label(row: Row) -> str:
    return row.label if row.is_name else said(row.label)


def _lines(table: Table) -> list[list[str]]:
    return [[_label(row), *("" if cell is None else str(cell) for cell in row.cells)] for row in table.rows]
