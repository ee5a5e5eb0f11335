"""Questions about printing: which printers there are, what was printed of an item, how a job stands."""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from pathlib import Path

from sqlalchemy import Select, or_, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Invalid, NotFound
from biobank.items.models import Item
from biobank.printing.choices import JobState
from biobank.printing.models import PrintedLabel, PrinterChoice, PrintJob, PrintJobEvent
from biobank.printing.printers import Printer, Printers, Rule
from biobank.printing.printers_file import load_printers
from biobank.settings import Settings
from labels import LabelError, Stock, load_stocks

LONGEST_NUMBER = 18
"""Digits; what has more is no number that a database gives."""
REQUISITION = "requisition.pdf"


class StockUnknown(NotFound):
    title = "Label stock unknown"


class PrinterUnknown(NotFound):
    title = "Printer unknown"


class JobUnknown(NotFound):
    title = "Print job unknown"


class LabelsRefused(Invalid):
    """Labels that cannot be printed, and why."""

    title = "Labels not printable"


def stocks(work: Work) -> Mapping[str, Stock]:
    """Sheets and rolls by name, as the settings' file has them. Raises `LabelsRefused`."""
    try:
        return load_stocks(work.settings.stocks_file)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem


def stock_named(work: Work, name: str) -> Stock:
    """Raises `StockUnknown`."""
    known = stocks(work)
    if name not in known:
        raise StockUnknown(
            f"There is no label stock {name!r}; there are {', '.join(sorted(known))}.", stock=name
        )
    return known[name]


def printers(work: Work) -> Printers:
    """All printers and rules. Raises `BadPrinters`, `LabelsRefused`."""
    return printers_of_settings(work.settings)


def printers_of_settings(settings: Settings) -> Printers:
    """As the settings' files have them now. Raises `BadPrinters`, `LabelsRefused`."""
    file, beside = Path(settings.printers_file), Path(settings.stocks_file)
    changed_at = tuple(path.stat().st_mtime_ns if path.exists() else 0 for path in (file, beside))
    try:
        return _loaded(file, beside, changed_at)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem


@lru_cache(maxsize=4)
def _loaded(file: Path, beside: Path, _changed_at: tuple[int, ...]) -> Printers:
    return load_printers(file, load_stocks(beside))


def printers_of(work: Work, by: Actor) -> list[Printer]:
    """The printers that this person may use: those of their sites, and those of no site."""
    known = printers(work).printers.values()
    return [printer for printer in known if printer.site is None or by.works_at(printer.site)]


def rules_of(work: Work, by: Actor) -> list[Rule]:
    """Rules that can hold for this person: none of another site, none that names a printer of one."""
    usable = {printer.name for printer in printers_of(work, by)}
    return [
        rule
        for rule in printers(work).rules
        if (rule.site is None or by.works_at(rule.site)) and (rule.printer is None or rule.printer in usable)
    ]


def printer_named(work: Work, name: str, by: Actor) -> Printer:
    """Raises `PrinterUnknown`, also for one of another site."""
    known = {printer.name: printer for printer in printers_of(work, by)}
    if name not in known:
        raise PrinterUnknown(
            f"There is no printer {name!r} for you; there are {', '.join(sorted(known)) or 'none'}.",
            printer=name,
        )
    return known[name]


def own_printer(work: Work, by: Actor) -> Printer | None:
    """The one that a person chose, as long as it is there and theirs."""
    choice = work.session.get(PrinterChoice, by.person)
    known = {printer.name: printer for printer in printers_of(work, by)}
    return known.get(choice.printer) if choice else None


# Jobs.


def jobs_seen_by(by: Actor) -> Select[PrintJob]:
    """Jobs of one's own, and those that were printed at one's sites; newest numbers are highest."""
    question = select(PrintJob)
    if by.sites is None:
        return question
    return question.where(or_(PrintJob.site.in_(sorted(by.sites)), PrintJob.printed_by == by.person))


def job_seen_by(work: Work, by: Actor, number: int | str) -> PrintJob:
    """Raises `JobUnknown`, also for one of another site."""
    told = str(number)
    is_number = told.isascii() and told.isdigit() and len(told) <= LONGEST_NUMBER
    job = work.session.scalar(jobs_seen_by(by).where(PrintJob.id == int(number))) if is_number else None
    if job is None:
        raise JobUnknown(f"There is no print job {number} here; check the number.", job=number)
    return job


def documents_of(job: PrintJob) -> list[tuple[str, str]]:
    """The names of a job's documents and their SHA-256."""
    requisition = [(REQUISITION, job.requisition_sha256)] if job.requisition_sha256 else []
    return [(f"labels.{job.medium}", job.sha256), *requisition]


def events_of(work: Work, job: PrintJob) -> Sequence[PrintJobEvent]:
    """What happened to a job, oldest first."""
    question = select(PrintJobEvent).where(PrintJobEvent.job_id == job.id).order_by(PrintJobEvent.id)
    return work.session.scalars(question).all()


def said_last(work: Work, job: PrintJob) -> PrintJobEvent:
    """The newest that was said of a job, not counting documents handed out."""
    return _said_last(events_of(work, job))


def _said_last(events: Sequence[PrintJobEvent]) -> PrintJobEvent:
    return [event for event in events if event.state != JobState.HANDED_OUT.value][-1]


def _gave_out_labels(event: PrintJobEvent) -> bool:
    return event.state == JobState.HANDED_OUT.value and event.remark != REQUISITION


def state_of(work: Work, job: PrintJob) -> JobState:
    """How a job stands; one that was being sent and of which nothing was heard in time is unclear.

    A document that was handed out says nothing of what the printer did, nor a requisition of the labels.
    """
    events = events_of(work, job)
    said = _said_last(events)
    state = JobState(said.state)
    if state is JobState.MADE and any(_gave_out_labels(event) for event in events):
        return JobState.HANDED_OUT
    overdue = said.until is not None and said.until <= moments.now()
    return JobState.UNCLEAR if state is JobState.SENDING and overdue else state


def labels_of(work: Work, job: PrintJob) -> Sequence[tuple[Item, PrintedLabel]]:
    """The labels of a job with their items, in the order of printing."""
    question = select(Item, PrintedLabel).join(PrintedLabel, PrintedLabel.item_id == Item.id)
    rows = work.session.execute(question.where(PrintedLabel.job_id == job.id).order_by(PrintedLabel.id))
    return [(item, label) for item, label in rows]


def prints_of(work: Work, item_id: int) -> Sequence[tuple[PrintJob, PrintedLabel]]:
    """When the labels of an item were printed, oldest first."""
    question = select(PrintJob, PrintedLabel).join(PrintedLabel, PrintedLabel.job_id == PrintJob.id)
    rows = work.session.execute(question.where(PrintedLabel.item_id == item_id).order_by(PrintedLabel.id))
    return [(job, label) for job, label in rows]
