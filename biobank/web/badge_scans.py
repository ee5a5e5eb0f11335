"""A badge scanned into any form of a station says who stands there now, and goes no further than here."""

from dataclasses import dataclass
from datetime import timedelta

from flask import Flask, Response, request, session

from biobank.access.accounts import accept_proof
from biobank.access.badges import person_of_badge, verified_pin
from biobank.access.checks import BadgeRefused, at_own_site
from biobank.access.choices import Proof
from biobank.access.identifiers import holds_badge, is_badge
from biobank.access.models import BrowserSession, Person
from biobank.access.queries import actor_named
from biobank.access.station_sessions import is_locked, left_open, lock_session, unlock_session
from biobank.core.database import Work, reading, writing
from biobank.core.moments import now
from biobank.core.personal_shapes import BADGE, said_to_hold
from biobank.items.identifiers import normalise
from biobank.items.keyboards import undone
from biobank.items.scanned_text import without_invisible
from biobank.sites.models import Station
from biobank.web.addresses import came_from, sent_to
from biobank.web.current import current_settings
from biobank.web.permission import failures_recorded
from biobank.web.sessions import current_visit, refuse_other_origin, station_idle
from biobank.web.signing_in import going_on, landing, opened_here, session_here, this_station

OWN_PAGES = frozenset({"badges.scanned", "badges.unlock"})
"""They take badges themselves, and say on the same page what is wrong with one."""
HALF_TYPED = "kept_forms.keep"
"""It keeps what was typed without the badge that was scanned into it."""
SCAN_BOX = "text"
"""The field of every scan box: what is scanned there is kept as a badge's kind and length."""
PIN_WITHIN = timedelta(minutes=3)
SHORTEST, LONGEST = 20, 120
"""Characters of a typed text that may be a badge, with what a wrongly set keyboard adds."""


@dataclass(frozen=True)
class Scanned:
    """Somebody whose badge was scanned here a moment ago; their PIN is still to come."""

    person: str
    printed_name: str
    next_url: str


def install_badges(app: Flask) -> None:
    app.before_request(_badge_in_a_form)
    app.context_processor(_lock)


def _lock() -> dict[str, int | bool | None]:
    """After how many seconds the page that is drawn locks itself, at a station; whether by a password."""
    visit, after = current_visit(), station_idle()
    if visit is None or visit.session is None:
        return {"lock_after": None, "by_password": False}
    at_station = after is not None and visit.by.station is not None
    return {
        "lock_after": int(after.total_seconds()) if after and at_station else None,
        "by_password": not visit.by.by_badge,
    }


def _badge_in_a_form() -> Response | None:
    if request.method != "POST" or request.endpoint in OWN_PAGES or request.path.startswith("/api"):
        return None
    request.get_data()  # so that it can still be read after the form was
    typed = list(request.form.items(multi=True))
    code = next(filter(None, (badge_in(text) for _, text in typed)), None)
    if code:
        return taken(code, came_from())
    if request.endpoint != HALF_TYPED:
        _refuse_badge_among(typed)
    return None


def _refuse_badge_among(typed: list[tuple[str, str]]) -> None:
    """A badge scanned behind what somebody had typed is that person's key, and no text to be recorded."""
    field = next((name for name, text in typed if name != SCAN_BOX and holds_badge(text)), None)
    if field is not None:
        raise said_to_hold(field, BADGE)


def badge_in(text: str) -> str | None:
    """The code of the badge that a scanner typed, if it is one; through a wrongly set keyboard too."""
    if not SHORTEST <= len(text) <= LONGEST:
        return None
    plain = without_invisible(text).strip()
    for meant in (text, *(meant for _, meant in undone(plain))):
        code = "".join(character for character in normalise(meant) if character.isalnum())
        if is_badge(code):
            return code
    return None


def badge_of(text: str) -> str:
    """Raises `BadgeRefused` for a text that is no badge; it is not repeated, nor kept."""
    code = badge_in(text)
    if code is None:
        raise BadgeRefused("This is not the code of a badge; scan your badge once more.")
    return code


def taken(code: str, page: str) -> Response:
    """Go on where this person was, by the badge alone if they may, else by their PIN.

    `page` is what is open here now. Raises `BadgeRefused`, `BadgeUnknown`, `SiteNotYours`, `TooManyAttempts`.
    """
    refuse_other_origin(request)
    with failures_recorded(), reading() as work:
        station = _station_of_badges(work)
        person = person_of_badge(work, code, address=request.remote_addr)
        at_own_site(actor_named(work, person.username), station.site)
    with writing() as work:
        open_here = session_here(work)
        if open_here is not None and open_here.person != person.username:
            lock_session(work, open_here.sha256, page)
        left = left_open(work, person.username, station.code, idle())
        if left is not None:
            return _resumed(work, person, left, open_here, page)
    session["badge"] = {"person": person.username, "at": now().timestamp(), "next": page}
    return sent_to("/badge/pin")


def idle() -> timedelta:
    """How long somebody's page can be opened again by the badge alone."""
    return timedelta(minutes=current_settings().session_idle_minutes)


def _station_of_badges(work: Work) -> Station:
    station = this_station(work)
    if station is None:
        raise BadgeRefused(
            "Badges are for registered stations, and this browser is none; sign in with your password."
        )
    return station


def _resumed(
    work: Work, person: Person, left: BrowserSession, open_here: BrowserSession | None, page: str
) -> Response:
    """By the badge alone: what was locked is open for routine steps then, whatever had opened it."""
    if open_here is left:
        where = left.page or page
        unlocked_in_place(work, left, Proof.BADGE if is_locked(left, station_idle()) else None)
        return sent_to(landing(work, person.username, where))
    where = left.page or "/"
    left.revoked_at = now()
    cookie = opened_here(work, person, station=left.station, by=Proof.BADGE, lasting=left.expires_at - now())
    return going_on(cookie, landing(work, person.username, where))


def waiting_for_pin(work: Work) -> Scanned | None:
    """Whose badge was scanned in this browser, until the PIN was typed or some minutes went by."""
    kept = session.get("badge")
    if not kept or now().timestamp() - kept["at"] > PIN_WITHIN.total_seconds():
        return None
    return Scanned(kept["person"], actor_named(work, kept["person"]).printed_name, kept["next"])


def opened_by_pin(scanned: Scanned, pin: str) -> Response:
    """Go on at this station when badge and PIN belong together. Raises what `verified_pin` does."""
    person, station = pin_proved(scanned.person, pin)
    with writing() as work:
        accept_proof(work, person.username, "pin")  # a badge alone forgets none
        cookie = opened_here(work, person, station=station.code, by=Proof.BADGE)
        response = going_on(cookie, landing(work, person.username, scanned.next_url))
    session.pop("badge", None)
    return response


def pin_proved(person: str, pin: str) -> tuple[Person, Station]:
    """Hashed in a reading transaction: nobody's scan waits for it."""
    with failures_recorded(), reading() as work:
        return verified_pin(work, person, pin, address=request.remote_addr), _station_of_badges(work)


def unlocked_in_place(work: Work, standing: BrowserSession, by: Proof | None) -> None:
    """The page that is open stays as it is, with what was typed; a badge makes the session a badge's.

    A password leaves it what it was: to do more is a new sign-in, which is a new session.
    """
    if by is not None:
        standing.signed_in_by = by
    unlock_session(work, standing)
