"""The page behind a set-up link: a person chooses their password, and goes on to their second proof.

The code stands behind the # of the link, which no browser sends; `set_up.js` puts it into the form.
"""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.checks import typed_alike
from biobank.access.choices import Proof
from biobank.access.models import SetupLink
from biobank.access.operations import close_session
from biobank.access.proof_checks import LinkRefused
from biobank.access.second_proofs import needs_second_proof
from biobank.access.setup_links import chosen_hash, link_of_code, use_link
from biobank.core.database import Work, reading, writing
from biobank.core.errors import DomainError
from biobank.web.current import current_settings
from biobank.web.errors import status_of
from biobank.web.feedback import tell
from biobank.web.field_errors import errors_of_form
from biobank.web.permission import failures_recorded, public
from biobank.web.sessions import COOKIE, refuse_other_origin
from biobank.web.signing_in import going_on, opened_here, this_station
from biobank.web.words import in_zone

blueprint = Blueprint("setup", __name__)
WHOEVER_HAS_IT = "whoever holds a set-up link chooses a password by it"


@blueprint.get("/set-up")
@public(WHOEVER_HAS_IT)
def set_up() -> str:
    return _page(None, "", None)


def _page(link: dict[str, Any] | None, code: str, refusal: DomainError | None) -> str:
    errors = errors_of_form(refusal)
    return render_template("access/set_up.html", link=link, code=code, errors=errors)


@blueprint.post("/set-up")
@public(WHOEVER_HAS_IT)
def chosen() -> Response | tuple[str, int]:
    """With the code alone it says whose it is; with a password it is used."""
    refuse_other_origin(request)
    code = request.form.get("token", "")
    shown: dict[str, Any] | None = None
    try:
        with failures_recorded(), reading() as work:
            link = link_of_code(work, code, address=request.remote_addr)
            shown, number = _shown(link), link.id
        if "password" not in request.form:
            return _page(shown, code, None), 200
        return _used(number, shown["person"])
    except DomainError as refusal:
        known = None if isinstance(refusal, LinkRefused) else shown
        return _page(known, code, refusal), status_of(refusal)


def _shown(link: SetupLink) -> dict[str, Any]:
    zone = current_settings().time_zone
    return {"person": link.person, "made_by": link.made_by, "until": in_zone(link.expires_at, zone)}


def _used(number: int, username: str) -> Response:
    """The password is hashed before a transaction that writes is open."""
    password = request.form["password"]
    typed_alike(password, request.form.get("password_again", ""), "password_again")
    password_hash = chosen_hash(username, password)
    with failures_recorded(), writing() as work:
        person = use_link(work, number, password_hash)
        enrolling = needs_second_proof(work, username)
        _end_whoever_is_here(work)
        station = this_station(work)
        cookie = opened_here(
            work,
            person,
            station=station.code if station else None,
            by=Proof.ENROLLING if enrolling else Proof.PASSWORD,
        )
    tell("Password chosen", f"Your user name is {username}. The link opens nothing any more.")
    return going_on(cookie, "/account")


def _end_whoever_is_here(work: Work) -> None:
    """An administrator who handed their own browser over is signed out by it."""
    close_session(work, request.cookies.get(COOKIE, ""))
