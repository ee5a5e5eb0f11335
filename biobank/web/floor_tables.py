"""Reports of the biobank's floor as tables: receipts, cases, how full freezers are, holds for temperature."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime

from biobank.core.database import Work
from biobank.reports.choices import Age
from biobank.reports.floor_queries import cases_opened, freezers_filled, receipts, temperature_holds
from biobank.reports.inputs import Period
from biobank.sites.models import Site
from biobank.web.case_words import kind_word
from biobank.web.report_tables import Column, Row, Table, at_sites, days_of_sites, site_columns

AGES: Mapping[Age, str] = {
    Age.DAY: "Up to a day",
    Age.WEEK: "Up to a week",
    Age.MONTH: "Up to 30 days",
    Age.OLDER: "Older",
}


def receipts_table(work: Work, sites: Sequence[Site], period: Period, _now: datetime) -> Table:
    """Tubes a day, by the site that sent them."""
    counts: dict[str, dict[date, int]] = {}
    for row in receipts(work, sites, period):
        counts.setdefault(row.site, {})[row.day] = row.tubes
    return days_of_sites(counts, {site.code: site.name for site in sites}, period, "tubes")


def cases_table(work: Work, sites: Sequence[Site], period: Period, _now: datetime) -> Table:
    """Cases by what differs, the most frequent first, and by the site that is asked."""
    counts: dict[str, dict[str, int]] = {}
    of_site: dict[str, int] = {}
    for row in cases_opened(work, sites, period):
        counts.setdefault(row.kind, {})[row.site] = row.cases
        of_site[row.site] = of_site.get(row.site, 0) + row.cases
    busiest = sorted(of_site, key=lambda code: -of_site[code])
    named = {site.code: site.name for site in sites}
    columns = (Column("All sites"), *site_columns(busiest, named, drawn=False))
    if len(sites) == 1:
        busiest, columns = [], (Column(sites[0].name, is_name=True),)
    ordered = sorted(counts, key=lambda kind: (-sum(counts[kind].values()), kind))
    rows = tuple(
        Row(kind_word(kind), (sum(counts[kind].values()), *at_sites(counts[kind], busiest)))
        for kind in ordered
    )
    return Table("What differs", "cases", columns, rows)


def fill_table(work: Work, sites: Sequence[Site], _period: Period, _now: datetime) -> Table:
    """Positions of each freezer, as they are now."""
    columns = (Column("Percent full"), Column("Taken", drawn=False), Column("Free", drawn=False))
    rows = tuple(
        Row(each.name, (each.percent, each.taken, each.free), is_name=True)
        for each in freezers_filled(work, sites)
    )
    return Table("Freezer", "percent of its positions", columns, rows)


def holds_table(work: Work, sites: Sequence[Site], _period: Period, now: datetime) -> Table:
    """Pieces that are held for their temperature, by where they are and for how long, as it is now."""
    found = temperature_holds(work, sites, now)
    columns = (Column("All"), *(Column(label, drawn=False) for label in AGES.values()))
    rows = tuple(
        Row(
            place.name or "In no freezer",
            (sum(place.by_age.values()), *(place.by_age.get(age, 0) for age in AGES)),
            is_name=bool(place.name),
        )
        for place in found
    )
    return Table("Where", "pieces", columns, rows)
