"""Giving up codes of a print job, on a page of its own that says what that means."""

from collections.abc import Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import Source
from biobank.custody.transitions import TRANSITIONS
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.choices import VoidReason
from biobank.printing import queries
from biobank.printing.voiding import void
from biobank.web.cards import card
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.permission import reads, writes
from biobank.web.print_forms import one_of
from biobank.web.print_jobs import job_url, to_job
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import FieldRefused
from biobank.web.words import spoken

blueprint = Blueprint("print_void_pages", __name__)
Shown = dict[str, Any]
MOST_SHOWN = 200
"""Codes that are ticked one by one; of a larger job all of them at once, or those that were asked for."""


@blueprint.get("/printing/jobs/<int:number>/void")
@reads(Permission.PRINT_LABELS)
def void_form(number: int, *, work: Work, by: Actor) -> str:
    """With `?item=`, as often as wanted, those codes are ticked."""
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    job = queries.job_seen_by(work, by, number)
    items = _still_there(work, by, number)
    ticked = set((request.form if request.method == "POST" else request.args).getlist("item"))
    too_many = len(items) > MOST_SHOWN
    everything = bool(request.form.get("all"))
    errors = errors_by_field(refusal)
    big = {"feedback": refused(refusal)} if refusal and not errors else {}
    return render_template(
        "printing/void.html",
        job={"number": job.id, "url": job_url(job)},
        items=[
            {**card(work, item, by), "checked": item.identifier in ticked}
            for item in items
            if not too_many or item.identifier in ticked
        ],
        everything={"count": len(items), "checked": everything} if len(items) > 1 else None,
        reasons=[
            {"value": each.value, "label": spoken(each.value).capitalize(), "note": None}
            for each in VoidReason
        ],
        form=request.form,
        errors=errors,
        **big,
    )


def _still_there(work: Work, by: Actor, number: int) -> Sequence[Item]:
    """The items of the job whose codes can be given up now."""
    return [item for item in _items_of(work, by, number) if _may_be_voided(item)]


def _items_of(work: Work, by: Actor, number: int) -> Sequence[Item]:
    rows = queries.labels_of(work, queries.job_seen_by(work, by, number))
    return list({item.id: item for item, _ in rows}.values())


def _may_be_voided(item: Item) -> bool:
    row = TRANSITIONS.get((Kind(item.kind), Action.VOID))
    return row is not None and State(item.state) in row.origins


@blueprint.post("/printing/jobs/<int:number>/void")
@shown_again(Permission.PRINT_LABELS, _page)
@writes(Permission.PRINT_LABELS)
def void_codes(number: int, *, work: Work, by: Actor) -> Response:
    codes = _codes_ticked(work, by, number)
    reason = one_of(VoidReason, request.form.get("reason", ""), "reason")
    if reason is None:
        raise FieldRefused("Choose why the codes are given up.", field="reason")
    if not request.form.get("sure"):
        raise FieldRefused("Tick that these codes are given up for good.", field="sure")
    remark = request.form.get("remark", "").strip()
    gone = void(work, codes, by=by, reason=reason, source=Source("scan"), remark=remark)
    told = printed(gone[0].identifier) if len(gone) == 1 else f"{len(gone)} codes"
    tell("Voided", f"{told} will never be used again. Tear up what is left of the labels.")
    return to_job(queries.job_seen_by(work, by, number))


def _codes_ticked(work: Work, by: Actor, number: int) -> list[str]:
    ticked, everything = set(request.form.getlist("item")), bool(request.form.get("all"))
    codes = [
        item.identifier
        for item in _items_of(work, by, number)
        if item.identifier in ticked or (everything and _may_be_voided(item))
    ]
    if not codes:
        raise FieldRefused("Tick at least one code.", field="item")
    return codes
