"""Signing in and out."""

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Blueprint, Response, current_app, redirect, render_template, request
from werkzeug.wrappers import Response as AnyResponse

from biobank.access.accounts import verified
from biobank.access.actors import Actor
from biobank.access.checks import CredentialsRefused, TooManyAttempts
from biobank.access.operations import close_session, open_session
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading, writing
from biobank.core.errors import DomainError
from biobank.web.current import current_settings
from biobank.web.errors import STATUS
from biobank.web.permission import failures_recorded, public, writes
from biobank.web.sessions import COOKIE, give_cookie, refuse_other_origin, take_cookie

blueprint = Blueprint("access", __name__)


@blueprint.get("/sign-in")
@public("nobody is signed in yet")
def sign_in() -> Response:
    return _form(request.args.get("next", "/"), "", None)


@blueprint.post("/sign-in")
@public("nobody is signed in yet")
def signed_in() -> AnyResponse:
    refuse_other_origin(request)
    name, next_url = request.form.get("name", ""), request.form.get("next", "/")
    try:
        cookie = _opened(name, request.form.get("password", ""))
    except (CredentialsRefused, TooManyAttempts) as refusal:
        return _form(next_url, name, refusal)
    response = redirect(_within(next_url), 303)
    give_cookie(current_app.make_response(response), cookie)
    return response


def _opened(name: str, password: str) -> str:
    """The password is hashed in a reading transaction: nobody's scan waits for it."""
    with failures_recorded(), reading() as work:
        person = verified(work, name, password, request.remote_addr)
    lasting = timedelta(hours=current_settings().session_absolute_hours)
    with writing() as work:
        return open_session(work, person, lasting=lasting, replacing=request.cookies.get(COOKIE))


def _form(next_url: str, name: str, refusal: DomainError | None) -> Response:
    status = (
        200 if refusal is None else next(STATUS[kind] for kind in type(refusal).__mro__ if kind in STATUS)
    )
    page = render_template(
        "access/sign_in.html",
        next_url=_within(next_url),
        form={"name": name},
        errors={} if refusal is None else {"": refusal.detail},
    )
    return Response(page, status, mimetype="text/html")


def _within(next_url: str) -> str:
    """Only a path of ours: another site's address in `next` would be believed to be ours."""
    parts = urlsplit(next_url)
    ours = next_url.startswith("/") and not next_url.startswith(("//", "/\\"))
    return next_url if ours and not parts.netloc and next_url.isprintable() else "/"


@blueprint.post("/sign-out")
@writes(Permission.USE_ACCOUNT)
def sign_out(*, work: Work, by: Actor) -> AnyResponse:  # noqa: ARG001 (the session is closed, whoever's it is)
    close_session(work, request.cookies.get(COOKIE, ""))
    response = current_app.make_response(redirect("/sign-in", 303))
    take_cookie(response)
    return response
