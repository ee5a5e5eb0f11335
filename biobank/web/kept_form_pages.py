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
        "shown": [_field(name, text) for name, text in typed.fields if text],
        "asked_again": [{"name": name, "label": _label(name)} for name in typed.asked_again],
        "had_files": typed.had_files,
    }


LABELS = {
    "occurred_at": "When it happened",
    "effective_at": "Signed at",
    "confirmation": "How it came about",
    "performed_by": "Done by",
    "performer": "Who drew (user name)",
    "form_number": "Paper form",
    "participant": "Participant code",
    "code": "Code",
    "text": "Scanned",
    "hold": "Because of",
    "volume": "How much",
    "scopes": "It covers",
}
"""As the forms call these fields; of the others the name says enough."""
A_WORD = re.compile(r"[a-z]+(_[a-z]+)*")
A_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)(:\d\d)?")


def _field(name: str, text: str) -> dict[str, Any]:
    """A choice in its words and a time as it is read; what somebody wrote themselves stays as it is."""
    moment = A_MOMENT.fullmatch(text)
    if moment:
        return {"label": _label(name), "word": f"{moment[1]} {moment[2]}", "text": None}
    word = spoken(text).capitalize() if A_WORD.fullmatch(text) else None
    return {"label": _label(name), "word": word, "text": None if word else _code(text)}


def _code(text: str) -> str:
    return printed(text) if re.fullmatch(r"[A-Z][0-9]{12}", text) else text


def _label(name: str) -> str:
    """`outcome-3`, of the third tube of a paper form, as `Outcome 3`."""
    word, _, number = name.partition("-")
    label = LABELS.get(word) or spoken(word).capitalize()
    return f"{label} {number}" if number else label


@blueprint.post("/kept-form/<int:number>/discard")
@writes(Permission.USE_ACCOUNT)
def discard(number: int, *, work: Work, by: Actor) -> Response:
    forget_form(work, by.person, number)
    return sent_to("/kept-form")
