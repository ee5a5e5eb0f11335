"""The badge screen of a shared station, its lock, and the PIN that a person chooses for their badge."""

from typing import Any

from flask import Blueprint, Response, jsonify, render_template, request, url_for

from biobank.access.accounts import accept_proof, verified
from biobank.access.actors import Actor
from biobank.access.badges import has_badge, set_pin
from biobank.access.checks import BadgeRefused, PasswordNeeded
from biobank.access.choices import Proof
from biobank.access.models import BrowserSession
from biobank.access.permissions import Permission
from biobank.access.queries import person_named
from biobank.access.station_sessions import is_locked, lock_session
from biobank.core.database import Work, reading, writing
from biobank.core.errors import DomainError
from biobank.core.moments import now
from biobank.web.addresses import own_path, sent_to
from biobank.web.badge_scans import (
    badge_of,
    idle,
    opened_by_pin,
    pin_proved,
    taken,
    unlocked_in_place,
    waiting_for_pin,
)
from biobank.web.errors import status_of
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form
from biobank.web.language import said
from biobank.web.permission import failures_recorded, public, reads, writes
from biobank.web.sessions import current_visit, refuse_other_origin, station_idle
from biobank.web.shown_again import shown_again
from biobank.web.signing_in import session_here, this_station

blueprint = Blueprint("badges", __name__)
AT_A_STATION = "whoever stands at a station says who they are"


@blueprint.get("/badge")
@public(AT_A_STATION)
def badge() -> Response | str:
    """Big, one box; where there is no station, people sign in with their password."""
    return _badge_screen(own_path(request.args.get("next", "/")), None)


def _badge_screen(next_url: str, refusal: DomainError | None) -> Response | str:
    with reading() as work:
        station, standing = this_station(work), session_here(work)
        if station is None:
            return redirect_to_sign_in(next_url)
        here = standing if standing is not None and standing.station == station.code else None
        screen: dict[str, Any] = {
            "station": station.code,
            "goes_on": person_named(work, here.person).printed_name if here else None,
            "by_badge_alone": here is not None and _still_open(here),
            "kept": request.args.get("kept"),
        }
    return render_template("access/badge.html", next_url=next_url, errors=errors_of_form(refusal), **screen)


def redirect_to_sign_in(next_url: str) -> Response:
    return sent_to(url_for("access.sign_in", next=next_url))


def _still_open(session: BrowserSession) -> bool:
    return session.last_seen_at + idle() > now()


@blueprint.post("/badge")
@public(AT_A_STATION)
def scanned() -> Response | tuple[Response | str, int]:
    next_url = own_path(request.form.get("next", "/"))
    try:
        return taken(badge_of(request.form.get("text", "")), next_url)
    except DomainError as refusal:
        return _badge_screen(next_url, refusal), status_of(refusal)


@blueprint.get("/badge/pin")
@public(AT_A_STATION)
def pin() -> Response | str:
    return _pin_screen(None)


def _pin_screen(refusal: DomainError | None) -> Response | str:
    with reading() as work:
        waiting = waiting_for_pin(work)
    if waiting is None:
        return redirect_to_sign_in("/")
    return render_template("access/badge_pin.html", name=waiting.printed_name, errors=errors_of_form(refusal))


@blueprint.post("/badge/pin")
@public(AT_A_STATION)
def pin_typed() -> Response | tuple[Response | str, int]:
    refuse_other_origin(request)
    with reading() as work:
        waiting = waiting_for_pin(work)
    if waiting is None:
        return redirect_to_sign_in("/")
    try:
        return opened_by_pin(waiting, request.form.get("pin", "").strip())
    except DomainError as refusal:
        return _pin_screen(refusal), status_of(refusal)


@blueprint.get("/session")
@reads(Permission.USE_ACCOUNT)
def session_stands(*, work: Work, by: Actor) -> Response:  # noqa: ARG001 (the shape of every view)
    """Asked by an open page: is the network there, and is this browser still signed in?"""
    return Response(status=204)


@blueprint.post("/lock")
@writes(Permission.USE_ACCOUNT)
def lock(*, work: Work, by: Actor) -> Response:  # noqa: ARG001 (whoever's session it is)
    """The page locked itself, or its person did: from now on the service asks for the badge too."""
    visit, page = current_visit(), own_path(request.form.get("page", "/"))
    if visit is not None and visit.session is not None:
        lock_session(work, visit.session.sha256, page)
    return Response(status=204) if request.headers.get("X-From-Script") else sent_to("/badge")


@blueprint.post("/unlock")
@public(AT_A_STATION)
def unlock() -> tuple[Response, int] | Response:
    """From the lock over an open page: a badge, a PIN after it, or a password of the page's person."""
    refuse_other_origin(request)
    with reading() as work:
        standing = session_here(work)
        person = standing.person if standing is not None and standing.station else None
    if person is None:
        return jsonify(go="/badge")
    try:
        return _unlocked(person)
    except DomainError as refusal:
        return jsonify(sentence=said(refusal.detail)), status_of(refusal)


def _unlocked(person: str) -> Response:
    if request.form.get("password"):
        with failures_recorded(), reading() as work:
            verified(work, person, request.form["password"], request.remote_addr)
        return _goes_on(person, None)
    if request.form.get("pin"):
        with reading() as work:
            waiting = waiting_for_pin(work)
        if waiting is None or waiting.person != person:
            return jsonify(go="/badge")
        pin_proved(person, request.form["pin"].strip())
        return _goes_on(person, Proof.BADGE)
    answer = taken(badge_of(request.form.get("text", "")), own_path(request.form.get("page", "/")))
    return _as_told_to_a_script(answer, person)


def _goes_on(person: str, by: Proof | None) -> Response:
    with writing() as work:
        standing = session_here(work)
        if standing is None or standing.person != person:
            return jsonify(go="/badge")
        accept_proof(work, person, "pin" if by is Proof.BADGE else "account")
        unlocked_in_place(work, standing, by)
    return jsonify(open=True)


def _as_told_to_a_script(answer: Response, person: str) -> Response:
    """Somebody else goes where their badge leads; the page's own person stays, or types their PIN here."""
    where = answer.headers["Location"]
    with reading() as work:
        standing, waiting = session_here(work), waiting_for_pin(work)
        if where == "/badge/pin":
            own = waiting is not None and waiting.person == person
            return jsonify(ask="pin") if own else jsonify(go=where)
        if standing is not None and standing.person == person and not is_locked(standing, station_idle()):
            return jsonify(open=True)
    told = jsonify(go=where)
    for cookie in answer.headers.getlist("Set-Cookie"):
        told.headers.add("Set-Cookie", cookie)
    return told


@blueprint.get("/account/pin")
@reads(Permission.USE_ACCOUNT)
def choose_pin(*, work: Work, by: Actor) -> str:
    return _pin_form(work, by)


def _pin_form(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    if by.by_badge:
        raise PasswordNeeded
    person = person_named(work, by.person)
    return render_template(
        "access/choose_pin.html",
        has_badge=has_badge(work, by.person),
        has_pin=person.pin_hash is not None,
        errors=errors_of_form(refusal),
    )


@blueprint.post("/account/pin")
@shown_again(Permission.USE_ACCOUNT, _pin_form)
@writes(Permission.USE_ACCOUNT)
def pin_chosen(*, work: Work, by: Actor) -> Response:
    """By the person alone, who says their password once more; nobody else ever knows the PIN."""
    if by.by_badge:
        raise PasswordNeeded
    person = verified(work, by.person, request.form.get("password", ""), request.remote_addr)
    if request.form.get("pin", "") != request.form.get("pin_again", ""):
        raise BadgeRefused("The two PINs are not the same; type both again.", field="pin_again")
    accept_proof(work, person.username)
    set_pin(work, person, request.form.get("pin", ""))
    tell("PIN chosen", "From now on your badge and this PIN sign you in at every station of your site.")
    return sent_to("/")
