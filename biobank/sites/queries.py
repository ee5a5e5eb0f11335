"""Which sites and stations there are."""

from collections.abc import Sequence

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.tokens import sha256_of
from biobank.sites.models import Site, Station


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


def sites(work: Work) -> Sequence[Site]:
    return work.session.scalars(select(Site).order_by(Site.code)).all()


def station_of_token(work: Work, text: str) -> Station:
    """Raises `StationUnknown`."""
    station = work.session.scalar(select(Station).where(Station.token_sha256 == sha256_of(text)))
    if station is None:
        raise StationUnknown("This device is not registered; ask an administrator to register the station.")
    return station
