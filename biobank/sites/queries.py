"""Which sites and stations there are."""

from collections.abc import Collection, Sequence

import orjson
from sqlalchemy import func, select

from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.tokens import sha256_of
from biobank.sites.calendars import Calendar, read_calendar
from biobank.sites.models import Site, SiteCalendar, Station


class SiteUnknown(NotFound):
    title = "Site unknown"


class StationUnknown(NotFound):
    title = "Station unknown"


def site_named(work: Work, code: str) -> Site:
    """Raises `SiteUnknown`."""
    site = site_or_none(work, code)
    if site is None:
        raise SiteUnknown(f"There is no site {code!r}; ask an administrator to add it.", site=code)
    return site


def site_or_none(work: Work, code: str) -> Site | None:
    """Asked for once: there are few, and a list names them in every line."""
    site = work.session.get(Site, code)
    work.keep(site)
    return site


def site_called(work: Work, *codes: str) -> str:
    """Sites by their names, as a sentence says them; what is no site's code, such as a carrier, stays."""
    found = ((code, site_or_none(work, code)) for code in codes)
    return ", ".join(site.name if site else code for code, site in found)


def sites(work: Work) -> Sequence[Site]:
    return work.session.scalars(select(Site).order_by(Site.code)).all()


def clinics(work: Work) -> frozenset[str]:
    """Codes of the sites where participants give samples."""
    return frozenset(work.session.scalars(select(Site.code).where(Site.kind == "clinic")))


def calendar_of(work: Work, site: str) -> Calendar | None:
    """The calendar that was set last; None where nobody set one."""
    return calendars_of(work, [site]).get(site)


def calendars_of(work: Work, codes: Collection[str]) -> dict[str, Calendar]:
    """The same of several, of those that have one."""
    newest = select(func.max(SiteCalendar.id)).where(SiteCalendar.site.in_(sorted(codes)))
    asked = select(SiteCalendar.site, SiteCalendar.document).where(
        SiteCalendar.id.in_(newest.group_by(SiteCalendar.site))
    )
    told = {site: orjson.loads(document) for site, document in work.session.execute(asked)}
    return {site: read_calendar(days, frozenset(days["carriers"])) for site, days in told.items()}


def station_of_token(work: Work, text: str) -> Station:
    """Raises `StationUnknown`."""
    station = work.session.scalar(select(Station).where(Station.token_sha256 == sha256_of(text)))
    if station is None:
        raise StationUnknown("This device is not registered; ask an administrator to register the station.")
    return station
