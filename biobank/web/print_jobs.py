"""A print job as every page shows it, and what follows when somebody presses Print."""

from base64 import b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from flask import Response

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import Work, reading
from biobank.custody.states import Kind, State
from biobank.custody.steps import ItemNow
from biobank.custody.voided import voiding_of
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.printing.choices import CopyReason, JobState, Medium, PrinterKind
from biobank.printing.models import PrintedLabel, PrintJob, PrintJobEvent
from biobank.printing.previews import Preview
from biobank.printing.printers import Printer
from biobank.printing.queries import events_of, job_seen_by, printers, prints_of, said_last, state_of
from biobank.printing.sending import Intent, PrinterBusy, begin_sending, finish_sending
from biobank.web.addresses import sent_to
from biobank.web.cards import names_of_people
from biobank.web.feedback import tell
from biobank.web.permission import once_kept
from biobank.web.print_forms import REASONS
from biobank.web.words import Sign, in_zone, spoken

Shown = dict[str, Any]
MOST_PRINTS = 20

SIGNS: Mapping[JobState, Sign] = {
    JobState.MADE: {"word": "Ready to print", "tone": "wait"},
    JobState.HANDED_OUT: {"word": "Downloaded", "tone": "right"},
    JobState.SENDING: {"word": "Being sent", "tone": "wait"},
    JobState.SENT: {"word": "Sent and printed", "tone": "right"},
    JobState.FAILED: {"word": "Failed: nothing came out", "tone": "wrong"},
    JobState.UNCLEAR: {"word": "Unclear: look at the printer", "tone": "ask"},
    JobState.PRINTED: {"word": "Printed", "tone": "right"},
    JobState.NOT_PRINTED: {"word": "Nothing came out", "tone": "late"},
}

HAPPENED: Mapping[JobState, str] = {
    JobState.MADE: "Made",
    JobState.HANDED_OUT: "Downloaded",
    JobState.SENDING: "Sending began",
    JobState.SENT: "Sent, and out of the printer",
    JobState.FAILED: "Sending failed",
    JobState.UNCLEAR: "Sending ended unclear",
    JobState.PRINTED: "Seen at the printer: the labels came out",
    JobState.NOT_PRINTED: "Seen at the printer: nothing came out",
}

TOLD: Mapping[JobState, tuple[str, str, str]] = {
    JobState.SENT: ("right", "Printed", "The printer has put out every label."),
    JobState.FAILED: ("wrong", "Not printed", "Nothing came out; send it again."),
    JobState.UNCLEAR: ("ask", "Look at the printer", "Labels may be out; look, and say whether they are."),
}
"""Tone, word and sentence of what came of sending, where nothing more is known."""


def job_url(job: PrintJob) -> str:
    return f"/printing/jobs/{job.id}"


def to_job(job: PrintJob) -> Response:
    return sent_to(job_url(job))


def job_card(work: Work, job: PrintJob, people: Mapping[str, str], zone: str) -> Shown:
    """A row of the log; `people` are printed names by user name."""
    return {
        "number": job.id,
        "url": job_url(job),
        "state": SIGNS[state_of(work, job)],
        "labels": job.labels,
        "printer": printer_title(work, job),
        "by": people.get(job.printed_by, job.printed_by),
        "at": in_zone(job.printed_at, zone),
    }


def print_link(item: Item | ItemNow, by: Actor) -> Shown | None:
    """To the print form with the item in it, for who may print; a voided code gets no label."""
    if item.state == State.VOIDED.value or not by.may(Permission.PRINT_LABELS):
        return None
    label = "Print the kit's labels" if item.kind == Kind.KIT else "Print label"
    return {"label": label, "url": f"/printing?item={item.identifier}"}


def prints_shown(work: Work, item: Item | ItemNow, zone: str) -> list[Shown]:
    """The newest prints of an item's labels, the newest first."""
    prints = prints_of(work, item.id)[-MOST_PRINTS:]
    people = names_of_people(work, {job.printed_by for job, _ in prints})
    return [
        {
            **label_shown(label),
            "state": SIGNS[state_of(work, job)],
            "job": {"number": job.id, "url": job_url(job)},
            "at": in_zone(job.printed_at, zone),
            "by": people.get(job.printed_by, job.printed_by),
        }
        for job, label in reversed(prints)
    ]


def printer_title(work: Work, job: PrintJob) -> str:
    """As it is called now; one that is gone by the name it had."""
    if job.printer is None:
        return f"File ({job.medium.upper()})"
    known = printers(work).printers.get(job.printer)
    return known.title if known else job.printer


def events_shown(work: Work, job: PrintJob, zone: str) -> list[Shown]:
    """What happened to a job, newest first."""
    events = events_of(work, job)
    people = names_of_people(work, {event.by for event in events})
    return [_event(event, people, zone) for event in reversed(events)]


def _event(event: PrintJobEvent, people: Mapping[str, str], zone: str) -> Shown:
    state = JobState(event.state)
    return {
        "word": HAPPENED[state],
        "remark": event.remark,
        "at": in_zone(event.at, zone),
        "by": people.get(event.by, event.by),
        "station": event.station,
    }


def label_shown(label: PrintedLabel) -> Shown:
    """What it was, and why it was printed when the item had its labels already."""
    return {
        "template": f"{spoken(label.template).capitalize()}, version {label.template_version}",
        "copy_number": label.copy,
        "reason": REASONS[CopyReason(label.reason)] if label.reason else None,
        "remark": label.remark,
    }


def voided(work: Work, items: Iterable[Item], zone: str) -> dict[int, Shown]:
    """Of those that are voided: who gave the code up, when and why."""
    gone = [item for item in items if item.state == State.VOIDED.value]
    events = {item.id: voiding_of(work, item.identifier) or {} for item in gone}
    people = names_of_people(work, {event.get("recorded_by", "") for event in events.values()})
    return {number: _given_up(event, people, zone) for number, event in events.items()}


def _given_up(event: Mapping[str, Any], people: Mapping[str, str], zone: str) -> Shown:
    details = event.get("details", {})
    by = event.get("recorded_by", "")
    return {
        "by": people.get(by, by),
        "at": in_zone(datetime.fromisoformat(event["recorded_at"]), zone) if "recorded_at" in event else None,
        "reason": spoken(str(details.get("reason", ""))) or None,
        "remark": details.get("remark"),
    }


def pictures(labels: Iterable[Preview]) -> list[Shown]:
    """As images that the page carries in itself."""
    return [
        {
            "source": f"data:image/svg+xml;base64,{b64encode(each.svg).decode()}",
            "printed": printed(each.item.identifier),
            "template": spoken(each.label.template).capitalize(),
        }
        for each in labels
    ]


# The press of Print.


def printed_at_once(work: Work, job: PrintJob, *, by: Actor) -> Response:
    """A label printer gets the job as soon as it is kept; of any other the job's page gives the document."""
    if not goes_to_a_label_printer(work, job):
        tell(
            "Ready to print",
            f"Download it here: {counted(job.labels, 'label')} on {printer_title(work, job)}.",
        )
        return to_job(job)
    try:
        return sent_at_once(work, job, by=by)
    except PrinterBusy as busy:
        tell(busy.title, busy.detail, tone="ask")
        return to_job(job)


def sent_at_once(work: Work, job: PrintJob, *, by: Actor) -> Response:
    """Raises as `begin_sending` does."""
    intent = begin_sending(work, job.id, by=by)
    answer = to_job(job)
    once_kept(lambda: _sent(intent, answer, by))
    return answer


def _sent(intent: Intent, answer: Response, by: Actor) -> Response:
    tone, word, sentence = TOLD[finish_sending(intent, by=by)]
    with reading() as work:
        known = said_last(work, job_seen_by(work, by, intent.job)).remark
    tell(word, known or sentence, tone=tone)
    return answer


def goes_to_a_label_printer(work: Work, job: PrintJob) -> bool:
    printer = printer_of(work, job)
    return job.medium == Medium.ZPL.value and printer is not None and printer.kind is PrinterKind.NETWORK


def printer_of(work: Work, job: PrintJob) -> Printer | None:
    return printers(work).printers.get(job.printer) if job.printer else None
