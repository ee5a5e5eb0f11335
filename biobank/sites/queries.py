"""Which sites and stations there are."""

from collections.abc import Sequence

import orjson
from sqlalchemy import select

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
    site = work.session.get(Site, code)
    if site is None:
        raise SiteUnknown(f"There is no site {code!r}; ask an administrator to add it.", site=code)
    return site


def site_called(work: Work, *codes: str) -> str:
    """Sites by their names, as a sentence says them; what is no site's code, such as a carrier, stays."""
    found = ((code, work.session.get(Site, code)) for code in codes)
    return ", ".join(site.name if site else code for code, site in found)


def sites(work: Work) -> Sequence[Site]:
    return work.session.scalars(select(Site).order_by(Site.code)).all()


def clinics(work: Work) -> frozenset[str]:
    """Codes of the sites where participants give samples."""
    return frozenset(work.session.scalars(select(Site.code).where(Site.kind == "clinic")))


def calendar_of(work: Work, site: str) -> Calendar | None:
    """The calendar that was set last; None where nobody set one."""
    newest = select(SiteCalendar.document).where(SiteCalendar.site == site)
    document = work.session.scalar(newest.order_by(SiteCalendar.id.desc()).limit(1))
    if document is None:
        return None
    told = orjson.loads(document)
    return read_calendar(told, frozenset(told["carriers"]))


def station_of_token(work: Work, text: str) -> Station:
    """Raises `StationUnknown`."""
    station = work.session.scalar(select(Station).where(Station.token_sha256 == sha256_of(text)))
    if station is None:
        raise StationUnknown("This device is not registered; ask an administrator to register the station.")
    return station
