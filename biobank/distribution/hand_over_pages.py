"""Handing material over by scanning it, its packing list, and asking studies for what they have."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.steps import Source
from biobank.destruction.holder_answers import holder_answered
from biobank.distribution import operations
from biobank.distribution.choices import HolderAnswer
from biobank.distribution.documents import packing_list_pdf
from biobank.distribution.inputs import HolderTold
from biobank.distribution.models import Distribution, StudyRequest
from biobank.distribution.pages import row_of
from biobank.distribution.queries import (
    distributed_in,
    distribution_seen_by,
    holders_that_answered,
    holders_to_ask,
)
from biobank.retrieval.choices import Dates
from biobank.retrieval.documents import manifest_pdf
from biobank.retrieval.numbering import make_manifest
from biobank.retrieval.queries import samples_of
from biobank.web.addresses import sent_to
from biobank.web.downloads import download
from biobank.web.feedback import refused, tell, tell_of
from biobank.web.field_errors import typed_again
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import day_required, now_told
from biobank.web.typed_fields import choices, chosen
from biobank.withdrawals.queries import left_out_of_exports

blueprint = Blueprint("hand_over_pages", __name__)
Shown = dict[str, Any]
MANIFESTS = (
    {"value": "csv", "label": "File for programs (CSV)", "note": None},
    {"value": "pdf", "label": "Paper (PDF)", "note": None},
)


@blueprint.get("/distributions/<int:number>")
@reads(Permission.SEE_DISTRIBUTION)
def show(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found = distribution_seen_by(work, by, number)
    study, zone = work.session.get_one(StudyRequest, found.request_id), zone_of(work, by)
    pieces = distributed_in(work, found)
    numbers = samples_of(work, study.id, [each.item_id for each in pieces])
    items = [row_of(each, zone) | {"sample": numbers.get(each.item_id)} for each in pieces]
    shown = {"feedback": refused(refusal)} if refusal else {}
    return render_template(
        "distribution/distribution.html",
        number=number,
        url=f"/distributions/{number}",
        study_request={"number": study.number, "url": f"/study-requests/{study.number}"},
        study=study.study,
        receiver=study.receiver,
        items=list(reversed(items)),
        open=_is_open_to(found, by),
        may_tell=bool(items) and by.may(Permission.DISTRIBUTE),
        dates=choices(Dates),
        formats=MANIFESTS,
        **shown,
    )


def _is_open_to(found: Distribution, by: Actor) -> bool:
    return found.closed_at is None and by.may(Permission.DISTRIBUTE)


@blueprint.post("/distributions/<int:number>/items")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@logging_refused_forms
@writes(Permission.DISTRIBUTE)
def handed_over(number: int, *, work: Work, by: Actor) -> Response:
    text, at = request.form.get("text", ""), now_told(work, by)
    [done] = operations.distribute(work, number, [text], by=by, at=at, source=Source("scan"))
    log_taken(work, text, done, by=by)
    tell_of(done)
    return sent_to(f"/distributions/{number}")


@blueprint.post("/distributions/<int:number>/close")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@writes(Permission.DISTRIBUTE)
def closed(number: int, *, work: Work, by: Actor) -> Response:
    operations.close_distribution(work, number, by=by)
    tell("Closed", "Print the packing list and put it inside.")
    return sent_to(f"/distributions/{number}")


@blueprint.get("/distributions/<int:number>/packing-list.pdf")
@reads(Permission.SEE_DISTRIBUTION)
def packing_list(number: int, *, work: Work, by: Actor) -> Response:
    found = distribution_seen_by(work, by, number)
    pieces = [each.item_id for each in distributed_in(work, found)]
    content = packing_list_pdf(work, found, samples_of(work, found.request_id, pieces))
    return download(content, "application/pdf", f"packing-list-{number}.pdf")


@blueprint.post("/distributions/<int:number>/manifest")
@shown_again(Permission.SEE_DISTRIBUTION, _page)
@writes(Permission.DISTRIBUTE)
def manifest(number: int, *, work: Work, by: Actor) -> Response:
    """What the study is told of each piece, under its own numbers; the log keeps that it was made."""
    dates = chosen(request.form, "dates", Dates, "Say how finely it tells when a piece was collected.")
    made = make_manifest(work, number, dates, by=by, left_out=left_out_of_exports(work))
    if request.form.get("format") == "pdf":
        return download(manifest_pdf(work, made), "application/pdf", f"manifest-{number}.pdf")
    return download(made.content, "text/csv; charset=utf-8", f"manifest-{number}.csv")


@blueprint.get("/holders")
@reads(Permission.ASK_HOLDERS)
def holders(*, work: Work, by: Actor) -> str:
    return _holders(work, by)


def _holders(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    zone = zone_of(work, by)
    return render_template(
        "distribution/holders.html",
        items=[row_of(each, zone) for each in holders_to_ask(work, by)],
        answered=[row_of(each, zone) for each in holders_that_answered(work, by)],
        answers=({"value": "asked", "label": "Asked, no answer yet", "note": None}, *choices(HolderAnswer)),
        **typed_again(refusal),
    )


@blueprint.post("/holders")
@shown_again(Permission.ASK_HOLDERS, _holders)
@writes(Permission.ASK_HOLDERS)
def noted(*, work: Work, by: Actor) -> Response:
    answer = request.form.get("answer", "")
    told = HolderTold(
        item=request.form.get("item", "").strip(),
        on=day_required(request.form, "on"),
        answer=HolderAnswer(answer) if answer in set(HolderAnswer) else None,
        reference=request.form.get("reference", "").strip() or None,
    )
    if told.answer is None:
        operations.ask_holder(work, told, by=by)
        tell("Noted", "The study was asked. Its answer is noted here when it comes.")
    else:
        holder_answered(work, told, by=by)
        tell("Noted", "What the study answered stands on the order's line.")
    return sent_to("/holders")
