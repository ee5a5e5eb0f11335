"""Adding sites, setting their calendars and registering their stations."""

from collections.abc import Mapping
from typing import Any

import orjson

from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.tokens import new_token, sha256_of
from biobank.sites import checks
from biobank.sites.calendars import Calendar, as_document, read_calendar
from biobank.sites.models import Site, SiteCalendar, Station
from biobank.sites.queries import site_named


def add_site(work: Work, *, by: str, code: str, name: str, kind: str, zone: str) -> Site:
    """Raises `SiteExists`, `SiteRefused`, `NotAMoment`. `by` is a user name: actors are known higher up."""
    checks.well_formed(code, name, kind, zone)
    checks.not_there_yet(work, code)
    site = Site(code=code, name=name.strip(), kind=kind, zone=zone, created_at=now(), created_by=by)
    work.session.add(site)
    work.flush()
    return site


def set_calendar(
    work: Work, *, by: str, site: str, told: Mapping[str, Any], carriers: frozenset[str]
) -> Calendar:
    """Replace it as a whole; earlier ones stay on record. Raises `SiteUnknown`, `CalendarRefused`."""
    code = site_named(work, site).code
    calendar = read_calendar(told, carriers)
    document = orjson.dumps(as_document(calendar)).decode()
    work.session.add(SiteCalendar(site=code, document=document, set_at=now(), set_by=by))
    work.flush()
    return calendar


def register_station(work: Work, *, by: str, site: str, name: str) -> tuple[Station, str]:
    """Returns the station and its token, which is shown this once. Raises `SiteUnknown`, `StationExists`."""
    checks.station_well_formed(name)
    code = f"{site_named(work, site).code}/{name}"
    checks.station_not_there_yet(work, code)
    token = new_token()
    station = Station(
        code=code, site=site, name=name, token_sha256=sha256_of(token), created_at=now(), created_by=by
    )
    work.session.add(station)
    work.flush()
    return station, token
