"""From a request to who asks: a bearer token or a cookie, never both, with a CSRF token beside a cookie."""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Request, Response, g

from biobank.access.actors import Actor
from biobank.access.checks import SessionEnded, SignInNeeded
from biobank.access.operations import seen
from biobank.access.queries import SignedIn, actor_of_session, actor_of_token
from biobank.core.database import Work, writing
from biobank.core.errors import Forbidden, Invalid
from biobank.core.moments import now
from biobank.web.current import current_settings, service_secret
from biobank.web.transport import is_for_tls_alone

COOKIE = "biobank_session"
SAFE_METHODS = frozenset({"GET", "HEAD", "OPTIONS"})
SEEN_EVERY = timedelta(minutes=1)
SEEN_AT_STATIONS = 8
"""As many times at most in the time after which a station locks itself, so that it does not do so early."""


class BothCredentials(Invalid):
    title = "Token and cookie"


class FormExpired(Forbidden):
    title = "Form expired"


class OtherOrigin(Forbidden):
    title = "From elsewhere"


@dataclass
class Visit:
    """Who asks, and while the view runs, in which transaction it is answered."""

    by: Actor
    session: SignedIn | None
    work: Work | None


def recognised(work: Work, asked: Request) -> Visit:
    """Raises `SignInNeeded`, `BothCredentials`, `FormExpired`. The visit is also kept for templates."""
    bearer, cookie = bearer_of(asked), asked.cookies.get(COOKIE)
    if bearer and cookie:
        raise BothCredentials("This request carries a token and a cookie; send one of the two.")
    if bearer:
        visit = Visit(actor_of_token(work, bearer, address=asked.remote_addr), None, work)
    elif cookie:
        idle = timedelta(minutes=current_settings().session_idle_minutes)
        session = actor_of_session(work, cookie, idle, station_idle=station_idle(), address=asked.remote_addr)
        visit = g.visit = Visit(session.actor, session, work)
        _refuse_forged(asked, session)
    elif asked.path.startswith("/api"):
        raise SignInNeeded("This needs a token: send it as Authorization: Bearer TOKEN.")
    else:
        raise SessionEnded
    g.visit = visit
    return visit


def station_idle() -> timedelta | None:
    """After how long without anybody a station locks itself; None for never."""
    seconds = current_settings().station_idle_seconds
    return timedelta(seconds=seconds) if seconds else None


def bearer_of(asked: Request) -> str | None:
    scheme, _, text = asked.headers.get("Authorization", "").partition(" ")
    if scheme and scheme.lower() != "bearer":
        raise SignInNeeded("Only bearer tokens are taken: send Authorization: Bearer TOKEN.")
    return text.strip() or None


def _refuse_forged(asked: Request, session: SignedIn) -> None:
    if asked.method in SAFE_METHODS:
        return
    given = asked.headers.get("X-CSRF-Token") or asked.form.get("csrf_token") or ""
    if not hmac.compare_digest(given.encode(), csrf_token_of(session.sha256).encode()):
        raise FormExpired("This form is from another sign-in; load the page again and repeat the step.")


def csrf_token_of(session_sha256: str) -> str:
    return hmac.new(service_secret(), b"csrf:" + session_sha256.encode(), hashlib.sha256).hexdigest()


def refuse_other_origin(asked: Request) -> None:
    """For forms without a session: a browser says where they come from. Raises `OtherOrigin`.

    `Sec-Fetch-Site` counts where it is sent: under our own no-referrer policy the Origin of a form is null.
    """
    origin, fetched_from = asked.headers.get("Origin"), asked.headers.get("Sec-Fetch-Site")
    if fetched_from is not None:
        elsewhere = fetched_from not in ("same-origin", "none")
    else:
        elsewhere = origin is not None and urlsplit(origin).netloc != asked.host
    if elsewhere:
        raise OtherOrigin("This form was sent from another site; open the sign-in page here.")


def note_seen(visit: Visit) -> None:
    """Keep a browser's session alive: one small write a minute, in a transaction of its own."""
    idle = station_idle()
    every = min(SEEN_EVERY, idle / SEEN_AT_STATIONS) if visit.by.station and idle else SEEN_EVERY
    if visit.session is not None and visit.session.last_seen_at + every <= now():
        with writing() as work:
            seen(work, visit.session.sha256)


def current_visit() -> Visit | None:
    visit = g.get("visit")
    return visit if isinstance(visit, Visit) else None


def give_cookie(
    response: Response, text: str, *, name: str = COOKIE, lasting: timedelta | None = None
) -> None:
    """For the browser alone, never for scripts; without `lasting` it goes when the browser closes."""
    response.set_cookie(
        name, text, max_age=lasting, httponly=True, samesite="Lax", secure=is_for_tls_alone(), path="/"
    )


def take_cookie(response: Response) -> None:
    response.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=is_for_tls_alone(), path="/")
