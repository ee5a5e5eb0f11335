"""Reports as tables: the one source of what a page shows, its chart draws and its file holds."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from biobank.core import moments
from biobank.core.database import Work
from biobank.reports.choices import TRAVELS, Report, Step
from biobank.reports.inputs import Period
from biobank.reports.queries import by_day, collections, late, shortfalls, turnaround
from biobank.sites.models import Site
from biobank.web.words import spoken

MOST_SITES = 6
"""Lines of their own in one chart; the other sites are one line together."""


@dataclass(frozen=True)
class Column:
    """A column of numbers; its chart shows it if it is `drawn`, `dashed` if it goes with the one before."""

    label: str
    drawn: bool = True
    dashed: bool = False
    is_name: bool = False
    """A name that people gave, which is never translated."""


@dataclass(frozen=True)
class Row:
    """`label` stands first; a cell is None where there is nothing to count."""

    label: str
    cells: tuple[int | float | None, ...]


@dataclass(frozen=True)
class Table:
    """`first` heads the column of labels; `unit` is what its numbers count."""

    first: str
    unit: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    shape: str = "bars"
    """`bars` or `lines`."""

    @property
    def is_empty(self) -> bool:
        return not any(cell for row in self.rows for cell in row.cells)


TITLES: Mapping[Report, str] = {
    Report.COLLECTIONS: "Collections",
    Report.TURNAROUND: "Turnaround",
    Report.SHORTFALLS: "Short and not collected",
    Report.LATE: "Late and missing",
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
    busiest = sorted(counts, key=lambda code: -sum(counts[code].values()))
    return _of_sites(counts, busiest, {site.code: site.name for site in sites}, period)


def _of_sites(
    counts: Mapping[str, Mapping[date, int]], busiest: Sequence[str], named: Mapping[str, str], period: Period
) -> Table:
    """Each of the busiest has its column, the others one together; the last is all of them."""
    alone, others = busiest[:MOST_SITES], busiest[MOST_SITES:]
    columns = [Column(named[code], is_name=True) for code in alone]
    if others:
        columns.append(Column("Other sites"))
    rows = []
    for day in period.days:
        of_day = [counts[code].get(day, 0) for code in alone]
        if others:
            of_day.append(sum(counts[code].get(day, 0) for code in others))
        rows.append(Row(day.isoformat(), (*of_day, sum(of_day))))
    return Table("Day", "kits", (*columns, Column("All sites", drawn=False)), tuple(rows), "lines")


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
}
