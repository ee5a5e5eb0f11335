"""What must hold before a site or a station is added."""

import re

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import zone_named
from biobank.sites.models import Site, SiteKind, Station

LONGEST_NAME = 120
CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
STATION = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


class SiteExists(Conflict):
    title = "Site exists"


class SiteRefused(Invalid):
    title = "Site refused"


class StationExists(Conflict):
    title = "Station exists"


class StationRefused(Invalid):
    title = "Station refused"


def well_formed(code: str, name: str, kind: str, zone: str) -> None:
    """Raises `SiteRefused`, or `NotAMoment` for an unknown zone."""
    if not CODE.fullmatch(code):
        raise SiteRefused(
            f"{code!r} cannot be a site's code; use up to 64 letters, digits, dots, dashes or underscores.",
            field="code",
        )
    if not name.strip() or len(name) > LONGEST_NAME:
        raise SiteRefused(f"Site {code} needs a name of at most {LONGEST_NAME} characters.", field="name")
    if kind not in set(SiteKind):
        raise SiteRefused(f"{kind!r} is no kind of site; use clinic or biobank.", field="kind")
    zone_named(zone)


def not_there_yet(work: Work, code: str) -> None:
    if work.session.get(Site, code) is not None:
        raise SiteExists(f"There is a site {code} already; a code is never used again.", field="code")


def station_well_formed(name: str) -> None:
    if not STATION.fullmatch(name):
        raise StationRefused(
            f"{name!r} cannot be a station's name; use up to 40 letters, digits, dots, dashes.",
            field="name",
        )


def station_not_there_yet(work: Work, code: str) -> None:
    if work.session.scalar(select(Station.id).where(Station.code == code)) is not None:
        raise StationExists(f"There is a station {code} already; choose another name.", field="name")
