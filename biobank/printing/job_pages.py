"""Print jobs as pages: the log, and one job with what is to be done next."""

from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.states import State
from biobank.items.models import Item
from biobank.printing import queries
from biobank.printing.choices import SENDABLE, UNCOUNTED, CopyReason, JobState, SeenAtPrinter
from biobank.printing.logbook import Wanted, jobs_wanted
from biobank.printing.models import PrintedLabel, PrintJob
from biobank.printing.operations import NotReprintable, hand_out, reprint, settle
from biobank.printing.previews import preview_of_job
from biobank.printing.queries import LabelsRefused
from biobank.web.cards import card, names_of_people
from biobank.web.downloads import download
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.paging import Page, page
from biobank.web.permission import reads, writes
from biobank.web.print_forms import one_of, reason_options
from biobank.web.print_jobs import (
    SIGNS,
    events_shown,
    goes_to_a_label_printer,
    job_card,
    job_url,
    label_shown,
    pictures,
    printed_at_once,
    sent_at_once,
    to_job,
    voided,
)
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import FieldRefused

blueprint = Blueprint("print_job_pages", __name__)
Shown = dict[str, Any]
A_PAGE = 50
MOST_PICTURES = 12
MOST_LABELS_SHOWN = 200

CAME_OUT = frozenset({JobState.HANDED_OUT, JobState.SENT, JobState.PRINTED})
"""Jobs that are printed again, not for the first time."""

SETTLED: Mapping[SeenAtPrinter, tuple[str, str]] = {
    SeenAtPrinter.PRINTED: ("Printed", "The labels count as printed."),
    SeenAtPrinter.NOT_PRINTED: (
        "Nothing came out",
        "The labels do not count. Send the job again.",
    ),
}


# The log.


@blueprint.get("/printing/jobs")
@reads(Permission.SEE_ITEMS)
def jobs(*, work: Work, by: Actor) -> str:
    """With `mine`, `printer`, `state` and `item` to narrow it; an unknown item finds none."""
    asked = {name: request.args.get(name, "").strip() for name in ("mine", "printer", "state", "item")}
    problem, found = None, Page[PrintJob]((), None)
    try:
        question = jobs_wanted(by, _wanted(work, by, asked))
    except DomainError as refusal:
        problem = refusal
    else:
        cursor = request.args.get("cursor")
        found = page(work, question, [PrintJob.id], cursor=cursor, limit=A_PAGE, newest_first=True)
    people, zone = names_of_people(work, {job.printed_by for job in found.rows}), zone_of(work, by)
    return render_template(
        "printing/jobs.html",
        jobs=[job_card(work, job, people, zone) for job in found.rows],
        form=asked,
        errors={"item": problem.detail} if problem else {},
        may_print=by.may(Permission.PRINT_LABELS),
        printers=[{"value": each.name, "label": each.title} for each in queries.printers_of(work, by)],
        states=[{"value": state.value, "label": sign["word"]} for state, sign in SIGNS.items()],
        next_url=_more(asked, found.next_cursor) if found.next_cursor else None,
    )


def _wanted(work: Work, by: Actor, asked: Mapping[str, str]) -> Wanted:
    return Wanted(
        mine=bool(asked["mine"]),
        printer=asked["printer"] or None,
        state=JobState(asked["state"]) if asked["state"] in list(JobState) else None,
        item=found_by(work, by, asked["item"]).id if asked["item"] else None,
    )


def _more(asked: Mapping[str, str], cursor: str) -> str:
    told = {name: value for name, value in asked.items() if value}
    return f"/printing/jobs?{urlencode({**told, 'cursor': cursor})}"


# One job.


@blueprint.get("/printing/jobs/<int:number>")
@reads(Permission.SEE_ITEMS)
def job(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found = queries.job_seen_by(work, by, number)
    labels, zone = queries.labels_of(work, found), zone_of(work, by)
    gone = voided(work, {item.id: item for item, _ in labels}.values(), zone)
    errors = errors_by_field(refusal)
    big = {"feedback": refused(refusal)} if refusal and not errors else {}
    return render_template(
        "printing/job.html",
        job=_job(work, found, labels, zone),
        labels=[
            {**card(work, item, by), **label_shown(label), "voided": gone.get(item.id)}
            for item, label in labels[:MOST_LABELS_SHOWN]
        ],
        pictures=_pictures(work, found, by),
        events=events_shown(work, found, zone),
        may=_may(work, found, by, labels),
        reasons=reason_options(),
        form=request.form,
        errors=errors,
        **big,
    )


def _job(work: Work, job: PrintJob, labels: Sequence[tuple[Item, PrintedLabel]], zone: str) -> Shown:
    known = queries.stocks(work)
    stock = known[job.stock].title if job.stock and job.stock in known else job.stock
    state = queries.state_of(work, job)
    remarks = [event.remark for event in queries.events_of(work, job) if event.state == state.value]
    return {
        **job_card(work, job, names_of_people(work, {job.printed_by}), zone),
        "code": state.value,
        "remark": remarks[-1] if remarks and state is not JobState.HANDED_OUT else None,
        "things": len({item.id for item, _ in labels}),
        "stock": stock or "each label in its own size",
        "dpi": job.dpi,
        "start": job.start,
        "station": job.station,
        "label_printer": goes_to_a_label_printer(work, job),
        "documents": [
            {"name": name, "url": f"{job_url(job)}/documents/{name}", "sha256": sha256}
            for name, sha256 in queries.documents_of(job)
        ],
        "reprint_of": job.reprint_of,
    }


def _pictures(work: Work, job: PrintJob, by: Actor) -> list[Shown]:
    try:
        return pictures(preview_of_job(work, job.id, by=by)[:MOST_PICTURES])
    except (NotReprintable, LabelsRefused):
        return []


def _may(work: Work, job: PrintJob, by: Actor, labels: Sequence[tuple[Item, PrintedLabel]]) -> Shown:
    """Which of the page's forms are there: what this person may do, and what the job still allows."""
    may_print, state = by.may(Permission.PRINT_LABELS), queries.state_of(work, job)
    as_it_was, came_out = job.paper is not None, state in CAME_OUT
    gone = [item.state == State.VOIDED.value for item, _ in labels]
    return {
        "print": may_print,
        "download": may_print and as_it_was and state not in UNCOUNTED and not any(gone),
        "send": may_print and state in SENDABLE and not any(gone) and goes_to_a_label_printer(work, job),
        "settle": may_print and state is JobState.UNCLEAR,
        "reprint": may_print and as_it_was and came_out and not any(gone),
        "void": may_print and not all(gone),
    }


@blueprint.get("/printing/jobs/<int:number>/documents/<name>")
@writes(Permission.PRINT_LABELS)
def document(number: int, name: str, *, work: Work, by: Actor) -> Response:
    """A document of the job as it was proved; that it was handed out is noted."""
    found = hand_out(work, number, name, by=by)
    stem, _, ending = found.name.partition(".")
    return download(found.content, found.content_type, f"{stem}-{number}.{ending}")


@blueprint.post("/printing/jobs/<int:number>/send")
@shown_again(Permission.PRINT_LABELS, _page)
@writes(Permission.PRINT_LABELS)
def send_job(number: int, *, work: Work, by: Actor) -> Response:
    return sent_at_once(work, queries.job_seen_by(work, by, number), by=by)


@blueprint.post("/printing/jobs/<int:number>/settle")
@shown_again(Permission.PRINT_LABELS, _page)
@writes(Permission.PRINT_LABELS)
def settle_job(number: int, *, work: Work, by: Actor) -> Response:
    outcome = one_of(SeenAtPrinter, request.form.get("outcome", ""), "outcome")
    if outcome is None:
        raise FieldRefused("Say whether the labels came out.", field="outcome")
    found = settle(work, number, outcome, by=by)
    tell(*SETTLED[outcome])
    return to_job(found)


@blueprint.post("/printing/jobs/<int:number>/reprint")
@shown_again(Permission.PRINT_LABELS, _page)
@writes(Permission.PRINT_LABELS)
def reprint_job(number: int, *, work: Work, by: Actor) -> Response:
    reason = one_of(CopyReason, request.form.get("reason", ""), "reason")
    if reason is None:
        raise FieldRefused("Choose why these labels are printed again.", field="reason")
    remark = request.form.get("remark", "").strip()
    prepared = reprint(work, number, by=by, reason=reason, remark=remark)
    return printed_at_once(work, prepared.job, by=by)
