"""What must hold before a report is made: a period that is one, a site of one's own."""

from datetime import date

from biobank.access.actors import Actor
from biobank.access.checks import SiteNotYours
from biobank.access.permissions import Role
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Invalid, NotFound
from biobank.reports.choices import OF_NOW, Report
from biobank.reports.inputs import Period
from biobank.sites.models import Site
from biobank.sites.queries import sites

MOST_DAYS = 92
"""Of one report: what can be read as a table, and asked for without waiting."""
YEARS = range(1900, 3000)
"""Around the first and the last day that there is, some midnights cannot be told."""


class NoSuchReport(NotFound):
    title = "No report of that name"


class PeriodRefused(Invalid):
    title = "Period refused"


def report_named(name: str) -> Report:
    """Raises `NoSuchReport`."""
    if name not in set(Report):
        raise NoSuchReport("There is no report of that name; choose one of the list.")
    return Report(name)


def period_told(first: date, last: date) -> Period:
    """Raises `PeriodRefused`."""
    if last < first:
        raise PeriodRefused(f"{first} lies after {last}; turn the two days round.", field="first")
    if (last - first).days >= MOST_DAYS:
        raise PeriodRefused(f"A report has at most {MOST_DAYS} days; choose fewer.", field="first")
    if first.year not in YEARS or last.year not in YEARS:
        raise PeriodRefused("Give each day such as 2026-03-01.", field="first")
    return Period(first=first, last=last)


def period_of(report: Report, first: date | None, last: date | None) -> Period:
    """A report of this moment needs no days, every other one both. Raises `PeriodRefused`."""
    if report in OF_NOW:
        today = moments.now().date()
        return Period(first=first or today, last=last or first or today)
    if first is None or last is None:
        field = "first" if first is None else "last"
        raise PeriodRefused("Give the first and the last day, such as 2026-03-01.", field=field)
    return period_told(first, last)


def sites_reported(work: Work, by: Actor, chosen: str = "") -> list[Site]:
    """Sites whose figures somebody sees: a lead every one, the others their own. Raises `SiteNotYours`."""
    everywhere = by.sites is None or Role.LEAD in by.roles
    seen = [site for site in sites(work) if everywhere or by.works_at(site.code)]
    if not chosen:
        return seen
    found = [site for site in seen if site.code == chosen]
    if not found:
        raise SiteNotYours(f"You do not see the figures of {chosen}; choose a site of the list.", site=chosen)
    return found
