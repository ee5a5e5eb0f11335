"""What a restore left: the page that everybody gets while nothing may be written, and what is to do after."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, current_app, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.items.identifiers import printed
from biobank.journal.guarding import Shut, guard_of
from biobank.journal.orders import Told, to_enter_seen_by
from biobank.journal.queries import entered_by_hand
from biobank.web.addresses import sent_to
from biobank.web.permission import public, reads
from biobank.web.words import spoken

blueprint = Blueprint("restore_pages", __name__, url_prefix="/restore")
URL = "/restore"
SIGNING_IN = frozenset(
    {"/sign-in", "/sign-in/question", "/sign-in/passkey", "/badge", "/badge/pin", "/unlock", "/set-up"}
)
"""Addresses that are of no use while nothing may be written."""
Shown = dict[str, Any]


def _shut() -> Shut | None:
    guard = guard_of(current_app)
    return guard.shut() if guard else None


@blueprint.before_app_request
def tell_who_would_sign_in() -> Response | None:
    """A sign-in is kept in the database: who wants one is told why there is none."""
    if request.path not in SIGNING_IN or _shut() is None:
        return None
    return sent_to(URL)


@blueprint.get("")
@public("nobody can sign in while an older backup is in place; it says counts and no codes")
def standing() -> Response:
    shut = _shut()
    with reading() as work:
        entering = len(entered_by_hand(work)) if shut else 0
    page = render_template("journal/restore.html", cause=shut.cause if shut else None, entering=entering)
    return Response(page, 503 if shut else 200, mimetype="text/html")


@blueprint.get("/to-enter")
@reads(Permission.CONFIRM_DESTRUCTION)
def to_enter(*, work: Work, by: Actor) -> str:
    return render_template(
        "journal/to_enter.html", entries=[_shown(each) for each in to_enter_seen_by(work, by)]
    )


def _shown(told: Told) -> Shown:
    about: Mapping[str, Any] = told["about"]
    return {
        "what": told["what"],
        "order": printed(about["order"]),
        "certificate": printed(told["of"]) if told.get("sha256") else None,
        "sha256": told.get("sha256"),
        "settlement": spoken(told["settlement"]) if told.get("settlement") else None,
        "held_on": about.get("held_on"),
        "site": about.get("site"),
        "because": spoken(told["because"]) if told.get("because") else None,
        "reference": told.get("reference"),
        "url": f"/destruction-orders/{told['order_here']}" if told["order_here"] else None,
    }
