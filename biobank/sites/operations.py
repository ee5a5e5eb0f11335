"""Adding sites and registering their stations."""

from biobank.core.database import Work
from biobank.core.moments import now
from biobank.core.tokens import new_token, sha256_of
from biobank.sites import checks
from biobank.sites.models import Site, Station
from biobank.sites.queries import site_named


def add_site(work: Work, *, by: str, code: str, name: str, kind: str, zone: str) -> Site:
    """Raises `SiteExists`, `SiteRefused`, `NotAMoment`. `by` is a user name: actors are known higher up."""
    checks.well_formed(code, name, kind, zone)
    checks.not_there_yet(work, code)
    site = Site(code=code, name=name.strip(), kind=kind, zone=zone, created_at=now(), created_by=by)
    work.session.add(site)
    work.flush()
    return site


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
