"""Printing: a job is drawn, proved and logged whole, or refused; what is written about it stays."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import orjson

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.items.models import Item
from biobank.items.queries import sites_of
from biobank.printing import choosing, copies, queries
from biobank.printing.choices import UNCOUNTED, CopyReason, JobState, Medium, SeenAtPrinter
from biobank.printing.copies import Numbered
from biobank.printing.documents import CONTENT_TYPES, drawn, proved
from biobank.printing.inputs import NewPrint
from biobank.printing.models import PrintedLabel, PrinterChoice, PrintJob, PrintJobEvent
from biobank.printing.printers import Paper
from biobank.printing.queries import REQUISITION
from biobank.printing.requisitions import requisition_drawn, requisition_told
from labels import Label


class NotReprintable(Conflict):
    """A job of which the text was not kept, or whose document would not be the same any more."""

    title = "Not printable as it was"


class NotUnclear(Conflict):
    """Only of an unclear job somebody has to say what came out."""

    title = "Nothing to settle"


class NothingCameOut(Conflict):
    """Labels of a job of which nothing came out are not handed out as they are."""

    title = "Not printed"


class NoSuchDocument(Invalid):
    title = "No such document"


@dataclass(frozen=True)
class Document:
    """A file of a job, and how it is called."""

    name: str
    content_type: str
    content: bytes

    @property
    def sha256(self) -> str:
        return hashlib.sha256(self.content).hexdigest()


@dataclass(frozen=True)
class Prepared:
    """A job that was made, with its documents, the labels first."""

    job: PrintJob
    documents: tuple[Document, ...]


def prepare(work: Work, asked: NewPrint, *, by: Actor) -> Prepared:
    """Make a job: choose printer and templates, draw, prove, count and log it; all of it or nothing.

    Raises what `choosing` says of the items, the printer and the templates, `ReasonMissing`, `RemarkRefused`,
    `LabelsRefused`.
    """
    copies.remark_is_one_line_about_nobody(asked.remark)
    items = choosing.items_asked(work, asked, by)
    target = choosing.target_for(work, asked, items, by)
    pairs = choosing.labels_for(work, items, by, stock=target.paper.stock, template=asked.template)
    pairs *= asked.copies
    choosing.not_too_many(pairs, asked.at_most)
    job = PrintJob(
        printer=target.printer.name if target.printer else None,
        site=_site_of(by.bench_site or (target.printer.site if target.printer else None), items),
    )
    if asked.kits and not asked.items:
        job.requisition = requisition_told(work, items, target.paper)
    return _made(work, job, target.paper, pairs, asked.reason, asked.remark, by)


def reprint(work: Work, number: int | str, *, by: Actor, reason: CopyReason, remark: str = "") -> Prepared:
    """The labels of a job once more, as they were: same templates, text, stock and resolution, same bytes.

    Raises `JobUnknown`, `OtherSite`, `VoidedCode`, `NotReprintable`, `RemarkRefused`.
    """
    copies.remark_is_one_line_about_nobody(remark)
    old = queries.job_seen_by(work, by, number)
    paper, pairs = as_it_was(work, old)
    choosing.none_voided(item for item, _ in pairs)
    job = PrintJob(
        printer=old.printer,
        site=_site_of(by.bench_site or old.site, [item for item, _ in pairs]),
        reprint_of=old.id,
        requisition=old.requisition,
    )
    return _made(work, job, paper, pairs, reason, remark, by)


def _site_of(printed_at: str | None, items: Sequence[Item]) -> str | None:
    """Whose people see the job: those of where it was printed, if each of its items is theirs as well.

    Without one site that all of them are of, only its maker sees it, and whoever sees all sites.
    """
    site = printed_at or items[0].site
    theirs = [sites_of(item.site, item.custodian, item.sent_to) for item in items]
    return site if all(site in sites for sites in theirs if sites) else None


def as_it_was(work: Work, job: PrintJob) -> tuple[Paper, list[tuple[Item, Label]]]:
    """Paper and labels of a job. Raises `NotReprintable` for one of before the text was kept."""
    rows = queries.labels_of(work, job)
    if job.paper is None or any(label.lines is None for _, label in rows):
        raise NotReprintable(
            f"Job {job.id} was printed before the text of labels was kept; print its items anew.", job=job.id
        )
    return Paper.from_json(job.paper), [(item, _label(item, row)) for item, row in rows]


def _label(item: Item, row: PrintedLabel) -> Label:
    return Label(item.identifier, row.template, tuple(orjson.loads(row.lines or "[]")), row.template_version)


def _made(
    work: Work,
    job: PrintJob,
    paper: Paper,
    pairs: Sequence[tuple[Item, Label]],
    reason: CopyReason | None,
    remark: str,
    by: Actor,
) -> Prepared:
    copies.remark_names_none_of(work, by, [item for item, _ in pairs], remark)
    labels = copies.numbered(work, pairs)
    copies.reason_told(labels, reason)
    documents = _proved(job, [label for _, label in pairs], paper)
    job.medium, job.dpi, job.start = paper.medium.value, paper.dpi, paper.start
    job.stock = paper.stock.name if paper.stock else None
    job.paper, job.labels, job.sha256 = paper.as_json(), len(labels), documents[0].sha256
    job.printed_at, job.printed_by, job.station = moments.now(), by.person, by.station
    work.session.add(job)
    work.flush()
    work.session.add_all(_row(job, each, reason, remark) for each in labels)
    note(work, job, JobState.MADE, by=by)
    return Prepared(job, documents)


def _row(job: PrintJob, each: Numbered, reason: CopyReason | None, remark: str) -> PrintedLabel:
    return PrintedLabel(
        job_id=job.id,
        item_id=each.item.id,
        template=each.label.template,
        template_version=each.label.version,
        lines=orjson.dumps(each.label.lines).decode(),
        copy=each.copy,
        reason=reason.value if reason and each.needs_reason else None,
        remark=remark or None if each.needs_reason else None,
    )


def _proved(job: PrintJob, labels: Sequence[Label], paper: Paper) -> tuple[Document, ...]:
    documents = [_document(proved(labels, paper), paper)]
    if job.requisition is not None:
        documents.append(_requisition(job.requisition, is_new=True))
        job.requisition_sha256 = documents[1].sha256
    return tuple(documents)


def _requisition(told: str, *, is_new: bool) -> Document:
    return Document(REQUISITION, CONTENT_TYPES[Medium.PDF], requisition_drawn(told, proved=is_new))


def _document(content: bytes, paper: Paper) -> Document:
    return Document(f"labels.{paper.medium}", CONTENT_TYPES[paper.medium], content)


def note(
    work: Work,
    job: PrintJob,
    state: JobState,
    *,
    by: Actor,
    remark: str | None = None,
    until: datetime | None = None,
) -> None:
    """Add what happened to a job; the newest says how it stands."""
    event = PrintJobEvent(
        job_id=job.id,
        state=state.value,
        at=moments.now(),
        by=by.person,
        station=by.station,
        until=until,
        remark=remark[:300] if remark else None,
    )
    work.session.add(event)
    work.flush()


def hand_out(work: Work, number: int | str, name: str, *, by: Actor) -> Document:
    """A document of a job, to be saved or printed by whoever asks; each time is noted, no copy is counted.

    `name` is `labels.pdf`, `labels.zpl` or `requisition.pdf`. Raises `JobUnknown`, `NoSuchDocument`,
    `NothingCameOut`, `VoidedCode`, `NotReprintable`.
    """
    job = queries.job_seen_by(work, by, number)
    if queries.state_of(work, job) in UNCOUNTED:
        raise NothingCameOut(
            f"Nothing of job {job.id} came out, so its labels are not counted; send it again, or print anew.",
            job=job.id,
        )
    choosing.none_voided(item for item, _ in queries.labels_of(work, job))
    found = document_of(work, job, name)
    note(work, job, JobState.HANDED_OUT, by=by, remark=name)
    return found


def document_of(work: Work, job: PrintJob, name: str) -> Document:
    """Drawn again, and the same as it was when it was proved, or refused."""
    known = dict(queries.documents_of(job))
    if name not in known:
        raise NoSuchDocument(f"Job {job.id} has {' and '.join(known)}, and no {name}.", field="name")
    if name == REQUISITION and job.requisition is not None:
        document = _requisition(job.requisition, is_new=False)
    else:
        paper, pairs = as_it_was(work, job)
        document = _document(drawn([label for _, label in pairs], paper), paper)
    if document.sha256 != known[name]:
        raise NotReprintable(
            f"{name} of job {job.id} is drawn differently by now; print its items anew.", job=job.id
        )
    return document


def settle(work: Work, number: int | str, outcome: SeenAtPrinter, *, by: Actor, remark: str = "") -> PrintJob:
    """Say what came out of an unclear job, having looked at the printer.

    Raises `JobUnknown`, `NotUnclear`, `RemarkRefused`.
    """
    copies.remark_is_one_line_about_nobody(remark)
    job = queries.job_seen_by(work, by, number)
    copies.remark_names_none_of(work, by, [item for item, _ in queries.labels_of(work, job)], remark)
    work.session.refresh(job, with_for_update=True)  # of two who looked, the second is told
    state = queries.state_of(work, job)
    if state is not JobState.UNCLEAR:
        raise NotUnclear(
            f"Job {job.id} is {state.replace('_', ' ')}; only of an unclear one somebody says what came out.",
            job=job.id,
        )
    note(work, job, JobState(outcome.value), by=by, remark=remark)
    return job


def choose_printer(work: Work, name: str | None, *, by: Actor) -> None:
    """Which printer this person takes from now on; None leaves it to the rules. Raises `PrinterUnknown`."""
    choice = work.session.get(PrinterChoice, by.person)
    if name is None:
        if choice is not None:
            work.session.delete(choice)
        work.flush()
        return
    chosen = queries.printer_named(work, name, by).name
    if choice is None:
        choice = PrinterChoice(person=by.person)
        work.session.add(choice)
    choice.printer, choice.chosen_at = chosen, moments.now()
    work.flush()
