"""Opening a session for this browser: at which station it stands, and where its person goes first."""

from contextlib import suppress
from datetime import timedelta

from flask import Response, g, request

from biobank.access.choices import Proof
from biobank.access.models import BrowserSession, Person
from biobank.access.operations import open_session
from biobank.access.queries import actor_of_session
from biobank.access.setup_links import end_sessions
from biobank.access.station_sessions import lock_session, standing_session
from biobank.core.database import Work
from biobank.sites.models import Station
from biobank.sites.queries import StationUnknown, station_of_token
from biobank.web.addresses import sent_to
from biobank.web.current import current_settings
from biobank.web.kept_forms import has_kept_form
from biobank.web.sessions import COOKIE, Visit, give_cookie

STATION_COOKIE = "biobank_station"
STATION_DAYS = 400


def says_station() -> bool:
    """Whether this browser was once registered as a station; `this_station` knows if it still is."""
    return STATION_COOKIE in request.cookies


def this_station(work: Work) -> Station | None:
    """The registered station that this browser is; a cookie that is none is no reason to lock people out."""
    token = request.cookies.get(STATION_COOKIE)
    with suppress(StationUnknown):
        return station_of_token(work, token) if token else None
    return None


def session_here(work: Work) -> BrowserSession | None:
    """This browser's session, locked or not, that is neither closed nor at its absolute end."""
    cookie = request.cookies.get(COOKIE)
    return standing_session(work, cookie) if cookie else None


def opened_here(
    work: Work, person: Person, *, station: str | None, by: Proof, lasting: timedelta | None = None
) -> str:
    """A session of this browser. The one before ends; somebody else's at a station is only locked."""
    before = session_here(work)
    shared = before is not None and station is not None and before.person != person.username
    if before is not None and shared:
        lock_session(work, before.sha256)
    return open_session(
        work,
        person,
        lasting=lasting or timedelta(hours=current_settings().session_absolute_hours),
        station=station,
        replacing=None if shared else request.cookies.get(COOKIE),
        by=by,
    )


def goes_on_anew(work: Work, person: Person, by: Proof) -> str:
    """Another session in the place of all that this person has, and for the page that is drawn too.

    For whoever just changed by what they prove who they are; an old cookie opens nothing any more.
    """
    here = session_here(work)
    station = here.station if here else None
    end_sessions(work, person.username)
    cookie = opened_here(work, person, station=station, by=by)
    idle = timedelta(minutes=current_settings().session_idle_minutes)
    opened = actor_of_session(work, cookie, idle, address=request.remote_addr)
    g.visit = Visit(opened.actor, opened, work)
    return cookie


def landing(work: Work, person: str, next_url: str) -> str:
    """What somebody had typed when their sign-in ended comes first."""
    return "/kept-form" if has_kept_form(work, person) else next_url


def going_on(cookie: str, url: str) -> Response:
    response = sent_to(url)
    give_cookie(response, cookie)
    return response
