"""Signing in and out."""

from contextlib import suppress
from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request

from biobank.access.accounts import verified
from biobank.access.actors import Actor
from biobank.access.checks import CredentialsRefused, TooManyAttempts
from biobank.access.operations import close_session, open_session
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading, writing
from biobank.core.errors import DomainError
from biobank.sites.queries import StationUnknown, station_of_token
from biobank.web.current import current_settings
from biobank.web.errors import status_of
from biobank.web.permission import failures_recorded, public, writes
from biobank.web.sessions import COOKIE, give_cookie, refuse_other_origin, take_cookie

blueprint = Blueprint("access", __name__)

STATION_COOKIE = "biobank_station"
STATION_DAYS = 400
DEMO_PEOPLE = "biobank.demo_people"
"""Under this name the demo leaves its invented people for the sign-in page: name, password and role each."""


@blueprint.get("/sign-in")
@public("nobody is signed in yet")
def sign_in() -> Response:
    return _form(request.args.get("next", "/"), "", None)


@blueprint.post("/sign-in")
@public("nobody is signed in yet")
def signed_in() -> Response:
    refuse_other_origin(request)
    name, next_url = request.form.get("name", ""), request.form.get("next", "/")
    try:
        cookie = _opened(name, request.form.get("password", ""))
    except (CredentialsRefused, TooManyAttempts) as refusal:
        return _form(next_url, name, refusal)
    response = current_app.make_response(redirect(_within(next_url), 303))
    give_cookie(response, cookie)
    return response


def _opened(name: str, password: str) -> str:
    """The password is hashed in a reading transaction: nobody's scan waits for it."""
    with failures_recorded(), reading() as work:
        person = verified(work, name, password, request.remote_addr)
    lasting = timedelta(hours=current_settings().session_absolute_hours)
    with writing() as work:
        return open_session(
            work, person, lasting=lasting, station=_station(work), replacing=request.cookies.get(COOKIE)
        )


def _station(work: Work) -> str | None:
    """The registered station that this browser is; a cookie that is none is no reason to lock people out."""
    token = request.cookies.get(STATION_COOKIE)
    with suppress(StationUnknown):
        return station_of_token(work, token).code if token else None
    return None


def _form(next_url: str, name: str, refusal: DomainError | None) -> Response:
    status = 200 if refusal is None else status_of(refusal)
    page = render_template(
        "access/sign_in.html",
        next_url=_within(next_url),
        form={"name": name},
        errors={} if refusal is None else {"": refusal.detail},
        demo=current_app.extensions.get(DEMO_PEOPLE, ()) if current_settings().demo else (),
    )
    return Response(page, status, mimetype="text/html")


def _within(next_url: str) -> str:
    """Only a path of ours: another site's address in `next` would be believed to be ours."""
    parts = urlsplit(next_url)
    ours = next_url.startswith("/") and not next_url.startswith(("//", "/\\"))
    return next_url if ours and not parts.netloc and next_url.isprintable() else "/"


@blueprint.post("/sign-out")
@writes(Permission.USE_ACCOUNT)
def sign_out(*, work: Work, by: Actor) -> Response:  # noqa: ARG001 (the session is closed, whoever's it is)
    close_session(work, request.cookies.get(COOKIE, ""))
    response = current_app.make_response(redirect("/sign-in", 303))
    take_cookie(response)
    return response


@blueprint.get("/station")
@public("whoever holds a station's token may say that this browser is it")
def station() -> str:
    return render_template("access/station.html", errors={})


@blueprint.post("/station")
@public("whoever holds a station's token may say that this browser is it")
def register_station() -> Response | tuple[str, int]:
    refuse_other_origin(request)
    token = request.form.get("token", "").strip()
    try:
        with reading() as work:
            station_of_token(work, token)
    except StationUnknown as refusal:
        return render_template("access/station.html", errors={"": refusal.detail}), status_of(refusal)
    response = current_app.make_response(redirect("/sign-in", 303))
    give_cookie(response, token, name=STATION_COOKIE, lasting=timedelta(days=STATION_DAYS))
    return response
