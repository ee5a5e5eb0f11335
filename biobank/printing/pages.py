"""Printing as a page: paste or scan codes, see the labels, print them."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.printing.copies import ReasonMissing
from biobank.printing.operations import prepare
from biobank.printing.previews import Previews, preview
from biobank.web.feedback import refused
from biobank.web.permission import reads, writes
from biobank.web.print_forms import offered, read_print, reason_options
from biobank.web.print_jobs import pictures, printed_at_once
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import Form

blueprint = Blueprint("printing_pages", __name__)
Shown = dict[str, Any]
FIELDS: Mapping[str, str] = {"items": "lines"}
"""What the form calls a field that an operation calls otherwise."""

LIST_WRONG = "Nothing was printed, since some lines cannot be. Correct these lines, or take them out."
"""The lines themselves stand below it."""


@blueprint.get("/printing")
@reads(Permission.PRINT_LABELS)
def printing(*, work: Work, by: Actor) -> str:
    """With `?item=`, as often as wanted, those codes are typed in already."""
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None, shown: Previews | None = None) -> str:
    form = _form_so_far()
    return render_template(
        "printing/print.html",
        form=form,
        **offered(work, form, by),
        **_refusal(refusal),
        ask_reason=_question(refusal, form),
        reasons=reason_options(),
        previews=_previews(shown) if shown else None,
    )


def _form_so_far() -> Form:
    if request.method == "POST":
        return request.form
    return {"lines": "\n".join(request.args.getlist("item")), "whole_kits": "yes"}


def _question(refusal: DomainError | None, form: Form) -> str | None:
    """Asked once there are labels already, and kept on the page with its answer from then on."""
    if isinstance(refusal, ReasonMissing):
        return f"{refusal.detail.partition(';')[0]}. The reason is kept with the new one."
    return "There are labels already. The reason is kept with the new ones." if form.get("reason") else None


def _refusal(refusal: DomainError | None) -> Shown:
    """Beside its field where it has one, else as the page's big answer."""
    if refusal is None or isinstance(refusal, ReasonMissing):
        return {"wrong_lines": [], "errors": {}}
    field, wrong = refusal.extra.get("field"), refusal.extra.get("lines", [])
    if not isinstance(field, str):
        return {"wrong_lines": [], "errors": {}, "feedback": refused(refusal)}
    return {
        "wrong_lines": wrong,
        "errors": {FIELDS.get(field, field): LIST_WRONG if wrong else refusal.detail},
    }


def _previews(shown: Previews) -> Shown:
    printer, paper = shown.target.printer, shown.target.paper
    return {
        "count": shown.count,
        "labels": pictures(shown.labels),
        "told": counted(shown.count, "label"),
        "printer": printer.title if printer else "a file",
        "stock": paper.stock.title if paper.stock else None,
    }


@blueprint.post("/printing/preview")
@shown_again(Permission.PRINT_LABELS, _page)
@reads(Permission.PRINT_LABELS)
def preview_labels(*, work: Work, by: Actor) -> str:
    """The form again with pictures of its labels; nothing is kept."""
    return _page(work, by, shown=preview(work, read_print(work, request.form), by=by))


@blueprint.post("/printing")
@shown_again(Permission.PRINT_LABELS, _page)
@writes(Permission.PRINT_LABELS)
def print_labels(*, work: Work, by: Actor) -> Response:
    prepared = prepare(work, read_print(work, request.form), by=by)
    return printed_at_once(work, prepared.job, by=by)
