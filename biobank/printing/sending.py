"""Sending a job to a label printer, once: the intent is written first, what became of it after.

Nothing is ever sent again by itself. What certainly did not go out failed; what may have come out is unclear
until a person has looked. No transaction is open while the network is used.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.core.errors import Conflict
from biobank.core.moments import to_microseconds
from biobank.core.statements import Statement
from biobank.printing import choosing, copies, queries
from biobank.printing.choices import SENDABLE, JobState, Medium, PrinterKind
from biobank.printing.models import PrintJob
from biobank.printing.operations import as_it_was, document_of, note
from biobank.printing.printers import Printer
from biobank.printing.status import ASK, LONGEST, PrinterStatus, StatusUnreadable, is_whole, read_status

BETWEEN_QUESTIONS = 0.2
"""Seconds between two questions whether the batch is out."""

AFTER_ALL = 10
"""Seconds beyond all time-outs after which a job that is still being sent was cut off."""

INSTEAD = {
    JobState.UNCLEAR: "say what came out first",
    JobState.SENDING: "wait until it is known what came of it",
}
"""What to do about a job that is not to be sent, where a reprint is not yet the answer."""

TAKE_TURN = Statement(
    text(
        "INSERT INTO printer_turns (printer, job_id, until) VALUES (:printer, :job, :until) "
        "ON CONFLICT (printer) DO UPDATE SET job_id = excluded.job_id, until = excluded.until "
        "WHERE printer_turns.until <= :now"
    ),
)
LEAVE_TURN = Statement(
    text("UPDATE printer_turns SET until = :now WHERE printer = :printer AND job_id = :job"),
)


class NotSendable(Conflict):
    """A job that is for no network printer, or of which labels may be out already."""

    title = "Not to be sent"


class PrinterBusy(Conflict):
    """Another job is being sent to the same printer."""

    title = "Printer busy"


@dataclass(frozen=True)
class Intent:
    """What is about to be sent; it is in the log before the first byte goes."""

    job: int
    printer: Printer
    content: bytes
    until: datetime
    """When somebody may have been told that it is unclear: from then on nothing is begun any more."""


@dataclass(frozen=True)
class _Ending:
    """What became of it, and why in one sentence."""

    state: JobState
    remark: str | None = None


def begin_sending(work: Work, number: int | str, *, by: Actor) -> Intent:
    """Write that the job is being sent and take the printer's turn; `finish_sending` follows the commit.

    Raises `JobUnknown`, `NotSendable`, `VoidedCode`, `PrinterUnknown`, `PrinterBusy`, `NotReprintable`.
    """
    job = queries.job_seen_by(work, by, number)
    printer = _printer_of(work, job, by)
    _nothing_came_out_yet(work, job)
    document = document_of(work, job, f"labels.{Medium.ZPL}")
    longest = printer.connect_seconds + 2 * (printer.answer_seconds + printer.finish_seconds) + AFTER_ALL
    until = moments.now() + timedelta(seconds=longest)
    turn = work.run(
        TAKE_TURN,
        printer=printer.name,
        job=job.id,
        until=to_microseconds(until),
        now=to_microseconds(moments.now()),
    )
    if turn.rowcount != 1:
        raise PrinterBusy(
            f"{printer.title} is printing for somebody else; wait until it is done, then send job {job.id}.",
            printer=printer.name,
        )
    note(work, job, JobState.SENDING, by=by, until=until)
    return Intent(job.id, printer, document.content, until)


def _printer_of(work: Work, job: PrintJob, by: Actor) -> Printer:
    if job.printer is None or job.medium != Medium.ZPL.value:
        raise NotSendable(
            f"Job {job.id} is a file and for no label printer; download it instead.", job=job.id
        )
    printer = queries.printer_named(work, job.printer, by)
    paper, _ = as_it_was(work, job)
    if printer.kind is not PrinterKind.NETWORK or (printer.stock, printer.dpi) != (paper.stock, paper.dpi):
        raise NotSendable(
            f"{printer.title} is set up otherwise than when job {job.id} was made; print its items anew.",
            job=job.id,
        )
    return printer


def _nothing_came_out_yet(work: Work, job: PrintJob) -> None:
    state = queries.state_of(work, job)
    if state not in SENDABLE:
        advice = INSTEAD.get(state, "reprint it with a reason")
        raise NotSendable(
            f"Job {job.id} is {state.replace('_', ' ')}, so its labels may be out; {advice}.",
            job=job.id,
            state=state.value,
        )
    rows = queries.labels_of(work, job)
    choosing.none_voided(item for item, _ in rows)
    newest = copies.printed_before(work, [item.id for item, _ in rows]) if state is not JobState.MADE else {}
    if any(label.copy <= newest.get(item.id, 0) for item, label in rows):
        raise NotSendable(
            f"Other labels of its items were printed since job {job.id} failed; print them anew.", job=job.id
        )


def finish_sending(intent: Intent, *, by: Actor) -> JobState:
    """Send what was begun and write what became of it, in a transaction of its own."""
    outcome = _sent(intent)
    with writing() as work:
        job = work.session.get_one(PrintJob, intent.job)
        said = queries.said_last(work, job)
        # Else a person was faster, looked, and may have sent it anew.
        if (said.state, said.until) == (JobState.SENDING.value, intent.until):
            note(work, job, outcome.state, by=by, remark=outcome.remark)
            now = to_microseconds(moments.now())
            work.run(LEAVE_TURN, printer=intent.printer.name, job=intent.job, now=now)
    return outcome.state


def problem_of(printer: Printer) -> str | None:
    """What stands in the way of printing, asked of the printer itself, in words; nothing is printed."""
    try:
        with _connected(printer) as line:
            _refuse_unready(_status(line, printer))
    except TROUBLES as problem:
        return _in_words(problem)
    return None


def _sent(intent: Intent) -> _Ending:
    """Up to the first byte of the labels whatever goes wrong failed; from then on it is unclear."""
    printer, begun = intent.printer, False
    try:
        with _connected(printer) as line:
            _refuse_unready(_status(line, printer))
            _refuse_late(intent)
            begun = True
            line.settimeout(printer.finish_seconds)
            line.sendall(intent.content)
            _until_out(line, printer)
    except TROUBLES as problem:
        return _went_wrong(printer, problem, begun=begun)
    return _Ending(JobState.SENT)


def _refuse_late(intent: Intent) -> None:
    if moments.now() >= intent.until:
        raise _Trouble("it answered so late that the job counts as unclear by now")


class _Trouble(Exception):
    """The printer says that it cannot, or did not say in time that it did."""


TROUBLES = (OSError, UnicodeError, StatusUnreadable, _Trouble)
"""`UnicodeError` is what a host such as `a..b` gives, before anything is connected."""


def _went_wrong(printer: Printer, problem: Exception, *, begun: bool) -> _Ending:
    why = f"{printer.title}: {_in_words(problem)}"
    if begun:
        return _Ending(JobState.UNCLEAR, f"{why}. Labels may be out; look, and say whether they are.")
    return _Ending(JobState.FAILED, f"{why}. Nothing was sent.")


def _in_words(problem: Exception) -> str:
    if isinstance(problem, TimeoutError):
        return "it did not answer in time"
    if isinstance(problem, ConnectionRefusedError):
        return "it takes no connection"
    if isinstance(problem, UnicodeError):
        return "its host is no name that can be looked up; correct it in the printers' file"
    if isinstance(problem, OSError):
        return f"the connection failed ({problem.strerror or problem})"
    return str(problem)


@contextmanager
def _connected(printer: Printer) -> Iterator[socket.socket]:
    with socket.create_connection((printer.host, printer.port), timeout=printer.connect_seconds) as line:
        yield line


def _status(line: socket.socket, printer: Printer) -> PrinterStatus:
    """Ask once, and read until three lines are there. Raises `TimeoutError`, `StatusUnreadable`."""
    deadline = time.monotonic() + printer.answer_seconds
    line.settimeout(printer.answer_seconds)
    line.sendall(ASK)
    answer = b""
    while not is_whole(answer) and len(answer) < LONGEST:
        line.settimeout(max(0.001, deadline - time.monotonic()))
        more = line.recv(LONGEST)
        if not more:
            raise StatusUnreadable("it closed the connection")
        answer += more
    return read_status(answer)


def _refuse_unready(status: PrinterStatus) -> None:
    problems = status.problems()
    if problems:
        raise _Trouble(" and ".join(problems))
    if status.buffer_full:
        raise _Trouble("its buffer is full; wait until it is empty")
    if status.is_busy:
        raise _Trouble("jobs from elsewhere are waiting in it; wait until they are out")


def _until_out(line: socket.socket, printer: Printer) -> None:
    """Ask until nothing waits in the printer any more."""
    deadline = time.monotonic() + printer.finish_seconds
    while (status := _status(line, printer)).is_busy or status.problems():
        if status.problems():
            raise _Trouble(" and ".join(status.problems()))
        if time.monotonic() > deadline:
            raise _Trouble(
                f"{status.labels_remaining + status.formats_waiting} labels are still waiting in it"
            )
        time.sleep(BETWEEN_QUESTIONS)
