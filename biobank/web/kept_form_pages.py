"""What somebody had typed when their sign-in was over, offered to them again."""

import re
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.items.identifiers import printed
from biobank.web.addresses import own_path, sent_to
from biobank.web.frame import zone_of
from biobank.web.kept_forms import Typed, forget_form, keep_form, kept_forms
from biobank.web.permission import public, reads, writes
from biobank.web.sessions import refuse_other_origin
from biobank.web.words import in_zone, spoken

OUR_CODE = re.compile(r"(?<=/)[A-Z][0-9]{12}(?=/|$)")

blueprint = Blueprint("kept_forms", __name__)


@blueprint.get("/kept-form")
@reads(Permission.USE_ACCOUNT)
def kept_form(*, work: Work, by: Actor) -> str:
    zone = zone_of(work, by)
    kept = [_shown(typed, zone) for typed in kept_forms(work, by.person)]
    return render_template("access/kept_form.html", forms_kept=kept)


@blueprint.post("/kept-form")
@public("its person is not signed in any more; the form's own token says whose it is")
def keep() -> Response:
    """What stands half typed on a page that somebody else's badge closes."""
    refuse_other_origin(request)
    keep_form(request, own_path(request.form.get("kept_for", "/")))
    return Response(status=204)


def _shown(typed: Typed, zone: str) -> dict[str, Any]:
    return {
        "number": typed.number,
        "path": typed.path,
        "key": typed.key,
        "at": in_zone(typed.kept_at, zone),
        "fields": typed.fields,
        "about": [printed(code) for code in OUR_CODE.findall(typed.path)],
        "shown": [{"label": _label(name), "text": text} for name, text in typed.fields if text],
        "asked_again": [{"name": name, "label": _label(name)} for name in typed.asked_again],
        "had_files": typed.had_files,
    }


def _label(name: str) -> str:
    return spoken(name).capitalize()


@blueprint.post("/kept-form/<int:number>/discard")
@writes(Permission.USE_ACCOUNT)
def discard(number: int, *, work: Work, by: Actor) -> Response:
    forget_form(work, by.person, number)
    return sent_to("/kept-form")
