"""Which reports there are and how each table is made: the one source of page, chart, file and answer."""

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from biobank.core import moments
from biobank.core.database import Work
from biobank.reports.choices import TRAVELS, Report, Step
from biobank.reports.inputs import Period
from biobank.reports.queries import by_day, collections, late, shortfalls, turnaround
from biobank.sites.models import Site
from biobank.web.floor_tables import cases_table, fill_table, holds_table, receipts_table
from biobank.web.report_tables import Column, Row, Table, days_of_sites
from biobank.web.words import spoken

TITLES: Mapping[Report, str] = {
    Report.COLLECTIONS: "Collections",
    Report.TURNAROUND: "Turnaround",
    Report.SHORTFALLS: "Short and not collected",
    Report.LATE: "Late and missing",
    Report.RECEIPTS: "Receipts",
    Report.CASES: "Cases opened",
    Report.FILL: "How full freezers are",
    Report.HOLDS: "Held for temperature",
}
TRAVEL: Mapping[Step, tuple[str, str]] = {
    Step.DISPATCHED: ("Sent, median", "Sent, nine of ten"),
    Step.RECEIVED: ("Received, median", "Received, nine of ten"),
    Step.STORED: ("Stored, median", "Stored, nine of ten"),
}
SHORT = "Short"
NOT_COLLECTED = "Not collected"


def made(work: Work, report: Report, sites: Sequence[Site], period: Period) -> Table:
    return MADE[report](work, sites, period, moments.now())


def _collections(work: Work, sites: Sequence[Site], period: Period, _now: datetime) -> Table:
    """Kits a day; of one site with its tubes, of several with those that collect most."""
    found = collections(work, sites, period)
    if len(sites) == 1:
        tubes = {row.day: (row.kits, row.tubes) for row in found}
        columns = (Column("Kits"), Column("Tubes", drawn=False))
        rows = tuple(Row(day.isoformat(), tubes.get(day, (0, 0))) for day in period.days)
        return Table("Day", "kits", columns, rows)
    counts: dict[str, dict[date, int]] = {}
    for row in found:
        counts.setdefault(row.site, {})[row.day] = row.kits
    return days_of_sites(counts, {site.code: site.name for site in sites}, period, "kits")


def _turnaround(work: Work, sites: Sequence[Site], period: Period, _now: datetime) -> Table:
    found = {(row.day, row.step): row for row in turnaround(work, sites, period)}
    columns = []
    for step in TRAVELS:
        median, slow = TRAVEL[step]
        columns += [Column(median), Column(slow, dashed=True)]
    rows = []
    for day in period.days:
        steps = [found.get((day, step)) for step in TRAVELS]
        spans = [(each.median, each.ninetieth) if each else (None, None) for each in steps]
        rows.append(Row(day.isoformat(), tuple(hours for span in spans for hours in span)))
    return Table("Day", "hours since the collection", tuple(columns), tuple(rows), "lines")


def _shortfalls(work: Work, sites: Sequence[Site], period: Period, _now: datetime) -> Table:
    rows = tuple(Row(_reason(row.step, row.answer), (row.tubes,)) for row in shortfalls(work, sites, period))
    return Table("Reason", "tubes", (Column("Tubes"),), rows)


def _reason(step: Step, answer: str) -> str:
    return SHORT if step is Step.COLLECTED else spoken(answer).capitalize()


def _late(work: Work, sites: Sequence[Site], period: Period, now: datetime) -> Table:
    found = by_day(late(work, sites, period, now))
    columns = (
        Column("Tubes collected", drawn=False),
        Column("Sent late"),
        Column("Received late"),
        Column("Missing"),
    )
    rows = []
    for day in period.days:
        of_day = found.get(day)
        row = of_day[0] if of_day else None
        cells = (row.tubes, row.sent_late, row.received_late, row.missing) if row else (0, 0, 0, 0)
        rows.append(Row(day.isoformat(), cells))
    return Table("Day", "tubes", columns, tuple(rows), "lines")


Making = Callable[[Work, Sequence[Site], Period, datetime], Table]
MADE: Mapping[Report, Making] = {
    Report.COLLECTIONS: _collections,
    Report.TURNAROUND: _turnaround,
    Report.SHORTFALLS: _shortfalls,
    Report.LATE: _late,
    Report.RECEIPTS: receipts_table,
    Report.CASES: cases_table,
    Report.FILL: fill_table,
    Report.HOLDS: holds_table,
}
