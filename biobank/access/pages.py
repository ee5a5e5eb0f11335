"""Signing in and out: by name, password and code in one request, or by a passkey."""

from datetime import timedelta

from flask import Blueprint, Response, current_app, redirect, render_template, request

from biobank.access.actors import Actor
from biobank.access.checks import CredentialsRefused, TooManyAttempts
from biobank.access.choices import Proof
from biobank.access.operations import close_session
from biobank.access.passkeys import party_of, read_answer, signed_in_by_passkey
from biobank.access.permissions import Permission
from biobank.access.sign_ins import count_code, proved_by_password
from biobank.core.database import Work, reading, writing
from biobank.core.errors import DomainError
from biobank.sites.queries import StationUnknown, station_of_token
from biobank.web.addresses import own_path, sent_to
from biobank.web.current import current_settings
from biobank.web.errors import status_of
from biobank.web.permission import failures_recorded, public, writes
from biobank.web.sessions import COOKIE, give_cookie, refuse_other_origin, take_cookie
from biobank.web.signing_in import (
    STATION_COOKIE,
    STATION_DAYS,
    going_on,
    landing,
    opened_here,
    says_station,
    this_station,
)

blueprint = Blueprint("access", __name__)

ACCOUNT = "/account"
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
        cookie, url = _opened(name, own_path(next_url))
    except (CredentialsRefused, TooManyAttempts) as refusal:
        return _form(next_url, name, refusal)
    return going_on(cookie, url)


def _opened(name: str, next_url: str) -> tuple[str, str]:
    """The cookie, and where to go. While the password is hashed no transaction that writes is open."""
    password, code = request.form.get("password", ""), request.form.get("code", "")
    with failures_recorded(), reading() as work:
        sign_in = proved_by_password(work, name, password, code, request.remote_addr)
    with failures_recorded(), writing() as work:
        count_code(work, sign_in, request.remote_addr)
        station = this_station(work)
        cookie = opened_here(
            work, sign_in.person, station=station.code if station else None, by=sign_in.proof
        )
        if sign_in.proof is Proof.ENROLLING:
            return cookie, ACCOUNT
        return cookie, landing(work, sign_in.person.username, next_url)


@blueprint.post("/sign-in/passkey")
@public("nobody is signed in yet")
def signed_in_with_passkey() -> Response:
    refuse_other_origin(request)
    next_url = request.form.get("next", "/")
    try:
        with failures_recorded(), writing() as work:
            answer = read_answer(request.form.get("passkey", ""))
            person = signed_in_by_passkey(work, answer, address=request.remote_addr)
            station = this_station(work)
            at = station.code if station else None
            cookie = opened_here(work, person, station=at, by=Proof.PASSKEY)
            return going_on(cookie, landing(work, person.username, own_path(next_url)))
    except (CredentialsRefused, TooManyAttempts) as refusal:
        return _form(next_url, "", refusal)


def _form(next_url: str, name: str, refusal: DomainError | None) -> Response:
    status = 200 if refusal is None else status_of(refusal)
    page = render_template(
        "access/sign_in.html",
        next_url=own_path(next_url),
        kept=request.args.get("kept"),
        at_station=says_station(),
        origin=party_of(current_settings()).origin,
        form={"name": name},
        errors={} if refusal is None else {"": refusal.detail},
        demo=current_app.extensions.get(DEMO_PEOPLE, ()) if current_settings().demo else (),
    )
    return Response(page, status, mimetype="text/html")


@blueprint.post("/sign-out")
@writes(Permission.USE_ACCOUNT)
def sign_out(*, work: Work, by: Actor) -> Response:  # noqa: ARG001 (the session is closed, whoever's it is)
    close_session(work, request.cookies.get(COOKIE, ""))
    response = sent_to("/badge" if says_station() else "/sign-in")
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
