"""Printing over HTTP: what is printed where, jobs and their documents; each document is logged."""

from collections.abc import Mapping
from typing import Any

import orjson
from flask import Response

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work, reading
from biobank.custody.checks import item_seen_by
from biobank.custody.steps import Source
from biobank.printing import operations, previews, queries, schemas
from biobank.printing.choices import Medium
from biobank.printing.logbook import Wanted, jobs_wanted
from biobank.printing.models import PrintJob
from biobank.printing.operations import Document
from biobank.printing.sending import begin_sending, finish_sending
from biobank.printing.voiding import void_job
from biobank.printing.whole_kits import labels_of_kit
from biobank.web.downloads import download
from biobank.web.openapi import PREFIX, Blueprint
from biobank.web.paging import page
from biobank.web.permission import once_kept, reads, writes

kits = Blueprint("kit_labels", __name__, url_prefix="/kits", description="Labels of whole kits.")
items = Blueprint("item_labels", __name__, url_prefix="/items", description="An item's label as a picture.")
printers = Blueprint("printers", __name__, url_prefix="/printers", description="Printers and print rules.")
jobs = Blueprint("print_jobs", __name__, url_prefix="/print-jobs", description="Labels that were printed.")

FACTS = (
    "id", "medium", "printer", "stock", "dpi", "start", "printed_at", "printed_by", "station", "site",
    "reprint_of",
)  # fmt: skip
ON_LABELS = ("template", "template_version", "copy", "reason", "remark")
KEYED = Source("keyed")


@kits.route("/<identifier>/labels.pdf")
@writes(Permission.PRINT_LABELS)
@kits.arguments(schemas.KitLabelsQuery, location="query")
@kits.sends("application/pdf", "Sheets for an office printer.")
def kit_labels_pdf(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Response:
    """A kit's labels, the box and every tube in draw order, on sheets.

    Asked again it is the same document; a new job is made once something on the labels has changed, or when
    a reason is given.
    """
    return _sent(labels_of_kit(work, identifier, Medium.PDF, by=by, reason=asked["reason"]))


@kits.route("/<identifier>/labels.zpl")
@writes(Permission.PRINT_LABELS)
@kits.arguments(schemas.KitLabelsQuery, location="query")
@kits.sends("text/plain", "For a label printer.")
def kit_labels_zpl(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Response:
    """A kit's labels for a label printer; asked again as the PDF."""
    return _sent(labels_of_kit(work, identifier, Medium.ZPL, by=by, reason=asked["reason"]))


@items.route("/<identifier>/label.svg")
@reads(Permission.PRINT_LABELS)
@items.sends("image/svg+xml", "Drawn in whole dots of its printer.")
def label_svg(identifier: str, *, work: Work, by: Actor) -> Response:
    """An item's label as it would be printed now; nothing is logged."""
    return _sent(previews.picture(work, identifier, "svg", by=by))


@items.route("/<identifier>/label.png")
@reads(Permission.PRINT_LABELS)
@items.sends("image/png", "A pixel for each dot of its printer.")
def label_png(identifier: str, *, work: Work, by: Actor) -> Response:
    """The same, dot by dot."""
    return _sent(previews.picture(work, identifier, "png", by=by))


@printers.route("")
@reads(Permission.PRINT_LABELS)
@printers.response(200, schemas.PrintersAnswer)
def listed_printers(*, work: Work, by: Actor) -> dict[str, Any]:
    """The printers that you may use, the one that you chose, and the rules that choose otherwise."""
    return _printers(work, by)


@printers.route("/choice", methods=["POST"])
@writes(Permission.PRINT_LABELS)
@printers.arguments(schemas.ChoiceShape)
@printers.response(200, schemas.PrintersAnswer)
def choose(asked: Mapping[str, Any], *, work: Work, by: Actor) -> Any:
    """Choose the printer that you take when no rule for a kind of item says another; null takes it back."""
    operations.choose_printer(work, asked["printer"], by=by)
    return _printers(work, by)


def _printers(work: Work, by: Actor) -> dict[str, Any]:
    usable = queries.printers_of(work, by)
    own = queries.own_printer(work, by)
    return {"printers": usable, "own": own.name if own else None, "rules": queries.rules_of(work, by)}


@printers.route("/<identifier>/calibration.pdf")
@reads(Permission.PRINT_LABELS)
@printers.sends("application/pdf", "To be printed in its own size, and measured.")
def calibration(identifier: str, *, work: Work, by: Actor) -> Response:
    """The page that an office printer is measured with; the figures go into the printers' file."""
    return _sent(previews.calibration_page(work, identifier, by=by))


@jobs.route("", methods=["POST"])
@writes(Permission.PRINT_LABELS)
@jobs.arguments(schemas.NewJobShape)
@jobs.response(201, schemas.JobAnswer)
def make(told: Mapping[str, Any], *, work: Work, by: Actor) -> Any:
    """Make a job: drawn, proved by reading every code back, counted and logged, or refused as a whole."""
    job = operations.prepare(work, told["asked"], by=by).job
    return _made(work, job, by, send=told["send"])


@jobs.route("/previews", methods=["POST"])
@reads(Permission.PRINT_LABELS)
@jobs.arguments(schemas.PrintShape)
@jobs.response(200, schemas.PreviewsAnswer)
def preview(told: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """What would be printed where, as pictures; nothing is logged."""
    found = previews.preview(work, told["asked"], by=by)
    paper, printer = found.target.paper, found.target.printer
    return {
        "printer": printer.name if printer else None,
        "stock": paper.stock.name if paper.stock else None,
        "count": found.count,
        "labels": _pictures(found.labels),
    }


@jobs.route("")
@reads(Permission.SEE_ITEMS)
@jobs.arguments(schemas.JobsQuery, location="query")
@jobs.response(200, schemas.JobsAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Jobs of your sites and your own, oldest first."""
    item = item_seen_by(work, by, asked["item"]).id if asked["item"] else None
    found = page(
        work, jobs_wanted(by, Wanted(item=item)), [PrintJob.id], cursor=asked["cursor"], limit=asked["limit"]
    )
    return {"jobs": [_facts(work, job) for job in found.rows], "next_cursor": found.next_cursor}


@jobs.route("/<identifier>")
@reads(Permission.SEE_ITEMS)
@jobs.response(200, schemas.JobAnswer)
def show(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """A job with its labels, its documents, and what happened to it."""
    return _told(work, queries.job_seen_by(work, by, identifier))


@jobs.route("/<identifier>/previews")
@reads(Permission.SEE_ITEMS)
@jobs.response(200, schemas.PreviewsAnswer)
def pictures(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """The labels of a job as pictures."""
    job = queries.job_seen_by(work, by, identifier)
    shown = _pictures(previews.preview_of_job(work, job.id, by=by))
    return {"printer": job.printer, "stock": job.stock, "count": job.labels, "labels": shown}


@jobs.route("/<identifier>/labels.pdf")
@writes(Permission.PRINT_LABELS)
@jobs.sends("application/pdf", "Exactly as it was proved.")
def labels_pdf(identifier: str, *, work: Work, by: Actor) -> Response:
    """The labels of a job for an office printer; that they were handed out is noted, no copy is counted."""
    return _sent(operations.hand_out(work, identifier, "labels.pdf", by=by))


@jobs.route("/<identifier>/labels.zpl")
@writes(Permission.PRINT_LABELS)
@jobs.sends("text/plain", "Exactly as it was proved.")
def labels_zpl(identifier: str, *, work: Work, by: Actor) -> Response:
    """The labels of a job for a label printer."""
    return _sent(operations.hand_out(work, identifier, "labels.zpl", by=by))


@jobs.route("/<identifier>/requisition.pdf")
@writes(Permission.PRINT_LABELS)
@jobs.sends("application/pdf", "Exactly as it was proved.")
def requisition(identifier: str, *, work: Work, by: Actor) -> Response:
    """The requisition that goes with the labels of a whole kit."""
    return _sent(operations.hand_out(work, identifier, queries.REQUISITION, by=by))


@jobs.route("/<identifier>/send", methods=["POST"])
@writes(Permission.PRINT_LABELS)
@jobs.arguments(schemas.SendShape)
@jobs.response(200, schemas.JobAnswer)
def send(_asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Send a job to its network printer, once; the answer says whether it was sent, failed or is unclear."""
    job = queries.job_seen_by(work, by, identifier)
    _send(work, job, by)
    return _told(work, job)


@jobs.route("/<identifier>/reprint", methods=["POST"])
@writes(Permission.PRINT_LABELS)
@jobs.arguments(schemas.ReprintShape)
@jobs.response(201, schemas.JobAnswer)
def reprint(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Any:
    """The labels of a job once more, as they were, as a new job."""
    made = operations.reprint(work, identifier, by=by, reason=asked["reason"], remark=asked["remark"])
    return _made(work, made.job, by, send=asked["send"])


@jobs.route("/<identifier>/void", methods=["POST"])
@writes(Permission.PRINT_LABELS)
@jobs.arguments(schemas.VoidShape)
@jobs.response(200, schemas.VoidedAnswer)
def void(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Give up every code of a job whose labels were spoiled or lost before use, all of them or none."""
    voided = void_job(work, identifier, by=by, source=KEYED, **asked)
    return {"voided": [item.identifier for item in voided]}


@jobs.route("/<identifier>/settlement", methods=["POST"])
@writes(Permission.PRINT_LABELS)
@jobs.arguments(schemas.SettlementShape)
@jobs.response(200, schemas.JobAnswer)
def settle(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Say what came out of an unclear job, having looked at the printer."""
    return _told(work, operations.settle(work, identifier, asked["outcome"], by=by, remark=asked["remark"]))


def _made(work: Work, job: PrintJob, by: Actor, *, send: bool) -> tuple[dict[str, Any], int, dict[str, str]]:
    if send:
        _send(work, job, by, status=201)
    return _told(work, job), 201, {"Location": f"{PREFIX}/print-jobs/{job.id}"}


def _send(work: Work, job: PrintJob, by: Actor, status: int = 200) -> None:
    intent = begin_sending(work, job.id, by=by)

    def follow() -> Response:
        finish_sending(intent, by=by)
        with reading() as after:
            told = schemas.JobAnswer().dump(_told(after, after.session.get_one(PrintJob, intent.job)))
        return Response(orjson.dumps(told), status, mimetype="application/json")

    once_kept(follow)


def _told(work: Work, job: PrintJob) -> dict[str, Any]:
    rows = queries.labels_of(work, job)
    return {
        **_facts(work, job),
        "labels": [
            {
                "item": item.identifier,
                "lines": orjson.loads(label.lines) if label.lines else None,
                **{name: getattr(label, name) for name in ON_LABELS},
            }
            for item, label in rows
        ],
        "documents": [
            {"name": name, "sha256": sha256, "href": f"{PREFIX}/print-jobs/{job.id}/{name}"}
            for name, sha256 in queries.documents_of(job)
        ],
        "events": queries.events_of(work, job),
    }


def _facts(work: Work, job: PrintJob) -> dict[str, Any]:
    facts = {name: getattr(job, name) for name in FACTS}
    return {**facts, "count": job.labels, "state": queries.state_of(work, job).value}


def _pictures(found: tuple[previews.Preview, ...]) -> list[dict[str, str]]:
    return [
        {"item": each.item.identifier, "template": each.label.template, "svg": each.svg.decode()}
        for each in found
    ]


def _sent(document: Document) -> Response:
    return download(document.content, document.content_type, document.name)
