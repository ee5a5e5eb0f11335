"""Commands that print labels of what is there already, and look after printers and jobs."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.counting import counted
from biobank.core.database import reading, writing
from biobank.custody.steps import Source
from biobank.items.identifiers import printed
from biobank.kits.choices import VoidReason
from biobank.printing import operations, previews, queries
from biobank.printing.choices import CopyReason, JobState, Medium, SeenAtPrinter
from biobank.printing.files import write_job, write_labels, write_whole
from biobank.printing.inputs import MOST_COPIES, NewPrint
from biobank.printing.models import PrintJob
from biobank.printing.sending import begin_sending, finish_sending
from biobank.printing.voiding import void, void_job
from biobank.web.terminal import acting, answer_no, json_option, show, table

Command = Callable[..., Any]

BY_COMMAND = Source("command")
NEWEST = 20
JOB_COLUMNS = ("job", "state", "medium", "printer", "stock", "labels", "printed_at", "printed_by")
PRINTER_COLUMNS = ("printer", "title", "kind", "stock", "dpi", "site", "yours")
file_to_write = click.Path(dir_okay=False, path_type=Path)
reason_option = click.option(
    "--reason",
    type=click.Choice([reason.value for reason in CopyReason]),
    help="Why there has to be another.",
)
remark_option = click.option("--remark", default="", help="One line, nothing about a person.")


@click.group("labels")
def group() -> None:
    """Labels, print jobs and printers."""


def choosing_options(command: Command) -> Command:
    """How labels are made, alike for a file and for a printer."""
    options = (
        click.option(
            "--kit", "kits", multiple=True, help="A whole kit: its box and its tubes in draw order."
        ),
        click.option(
            "--from", "listed", type=click.File("r", encoding="utf-8"), help="A file with one code a line."
        ),
        click.option("--printer", help="A printer of config/printers.toml, else the rules choose."),
        click.option("--template", help="A template for each, else the rules and the stock choose."),
        click.option("--copies", default=1, show_default=True, type=click.IntRange(1, MOST_COPIES)),
        reason_option,
        remark_option,
    )
    for option in reversed(options):
        command = option(command)
    return command


def _asked(items: tuple[str, ...], told: dict[str, Any]) -> NewPrint:
    """What was said by arguments, and what stands in the file after it."""
    listed = told.pop("listed")
    lines = tuple(listed.read().splitlines()) if listed else ()
    reason = told.pop("reason")
    return NewPrint((*items, *lines), reason=CopyReason(reason) if reason else None, **told)


@group.command("print")
@click.argument("items", nargs=-1, metavar="ITEM...")
@click.option(
    "--out",
    type=file_to_write,
    default=Path("labels.pdf"),
    show_default=True,
    help="PDF or ZPL file to write.",
)
@click.option("--stock", help="Sheet of config/stocks.toml in the printer's tray.")
@click.option("--start", default=1, show_default=True, help="First label of a part-used sheet.")
@click.option("--requisition", type=file_to_write, help="PDF to write the requisition of a whole kit to.")
@choosing_options
@json_option
@acting(Permission.PRINT_LABELS)
def print_labels(
    items: tuple[str, ...], *, out: Path, requisition: Path | None, by: Actor, as_json: bool, **told: Any
) -> None:
    """Write the labels of each ITEM to a file: a kit's box, a tube, a box, a freezer, a parcel, a bag."""
    with writing() as work:
        job = write_labels(work, _asked(items, told), out, by=by, requisition=requisition)
        document = {"labels": job.labels, "file": str(out), "job": job.id, "sha256": job.sha256}
        sentence = f"Wrote {counted(job.labels, 'label')} to {out}."
    show(document, as_json=as_json, lines=[sentence])


@group.command("send")
@click.argument("items", nargs=-1, metavar="ITEM...")
@click.option("--job", type=int, help="A job that was made and did not come out yet.")
@choosing_options
@json_option
@acting(Permission.PRINT_LABELS)
def send(items: tuple[str, ...], *, job: int | None, by: Actor, as_json: bool, **told: Any) -> None:
    """Send the labels of each ITEM, or of a job, to a network printer; exit code 1 unless they were sent."""
    if job is not None and (items or any(said for name, said in told.items() if name != "copies")):
        raise click.UsageError("A job is sent as it was made; give --job alone, or items without it.")
    with writing() as work:
        asked = replace(_asked(items, told), medium=Medium.ZPL)
        number = job if job is not None else operations.prepare(work, asked, by=by).job.id
        intent = begin_sending(work, number, by=by)
    state = finish_sending(intent, by=by)
    with reading() as work:
        remark = queries.said_last(work, work.session.get_one(PrintJob, number)).remark
    sentence = f"Job {number} is {state.value}." + (f" {remark}" if remark else "")
    show({"job": number, "state": state.value, "remark": remark}, as_json=as_json, lines=[sentence])
    if state is not JobState.SENT:
        answer_no()


@group.command("jobs")
@click.option("--count", default=NEWEST, show_default=True, type=click.IntRange(1, 500))
@json_option
@acting(Permission.PRINT_LABELS)
def jobs(*, count: int, by: Actor, as_json: bool) -> None:
    """Show the newest print jobs of your sites and your own."""
    with reading() as work:
        question = queries.jobs_seen_by(by).order_by(PrintJob.id.desc()).limit(count)
        found = list(work.session.scalars(question))
        rows = [_row(job, queries.state_of(work, job)) for job in found]
    show({"jobs": rows}, as_json=as_json, lines=table(rows, JOB_COLUMNS))


def _row(job: PrintJob, state: JobState) -> dict[str, Any]:
    names = ("medium", "printer", "stock", "labels", "printed_by", "sha256", "reprint_of")
    facts = {name: getattr(job, name) for name in names}
    return {"job": job.id, "state": state.value, **facts, "printed_at": f"{job.printed_at:%Y-%m-%d %H:%M}"}


@group.command("reprint")
@click.argument("job", type=int)
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in CopyReason]))
@remark_option
@click.option("--out", type=file_to_write, help="File to write; the ending is that of the job's labels.")
@json_option
@acting(Permission.PRINT_LABELS)
def reprint(job: int, *, reason: str, remark: str, out: Path | None, by: Actor, as_json: bool) -> None:
    """Make JOB once more as it was, as a new job: same templates, same text, same bytes."""
    with writing() as work:
        again = operations.reprint(work, job, by=by, reason=CopyReason(reason), remark=remark)
        file = out or Path(again.documents[0].name)
        write_job(work, again, file, by=by)
        document = {"job": again.job.id, "labels": again.job.labels, "file": str(file)}
        sentence = f"Wrote {counted(again.job.labels, 'label')} to {file}."
    show(document, as_json=as_json, lines=[sentence])


@group.command("void")
@click.argument("items", nargs=-1, metavar="ITEM...")
@click.option("--job", type=int, help="Every code of this print job.")
@click.option("--reason", required=True, type=click.Choice([reason.value for reason in VoidReason]))
@remark_option
@json_option
@acting(Permission.PRINT_LABELS)
def void_labels(
    items: tuple[str, ...], *, job: int | None, reason: str, remark: str, by: Actor, as_json: bool
) -> None:
    """Give up codes whose labels were spoiled or lost before use, all of them or none."""
    told: dict[str, Any] = {"reason": VoidReason(reason), "remark": remark, "source": BY_COMMAND}
    with writing() as work:
        found = void_job(work, job, by=by, **told) if job is not None else []
        if items or job is None:
            found += void(work, items, by=by, **told)
        codes = [item.identifier for item in found]
    show({"voided": codes}, as_json=as_json, lines=(f"{printed(code)} is voided." for code in codes))


@group.command("settle")
@click.argument("job", type=int)
@click.argument("outcome", type=click.Choice([outcome.value for outcome in SeenAtPrinter]))
@remark_option
@json_option
@acting(Permission.PRINT_LABELS)
def settle(job: int, outcome: str, *, remark: str, by: Actor, as_json: bool) -> None:
    """Say of an unclear JOB, having looked at the printer, whether its labels came out."""
    with writing() as work:
        operations.settle(work, job, SeenAtPrinter(outcome), by=by, remark=remark)
    sentence = f"Job {job} is {outcome.replace('_', ' ')}."
    show({"job": job, "state": outcome}, as_json=as_json, lines=[sentence])


@group.command("printers")
@click.option("--mine", metavar="PRINTER", help="Take this one from now on; `none` leaves it to the rules.")
@json_option
@acting(Permission.PRINT_LABELS)
def printers(*, mine: str | None, by: Actor, as_json: bool) -> None:
    """Show the printers that you may use, and the rules by which labels find theirs."""
    if mine is not None:
        with writing() as work:
            operations.choose_printer(work, None if mine == "none" else mine, by=by)
    with reading() as work:
        own = queries.own_printer(work, by)
        rows = [
            {
                "printer": each.name,
                "title": each.title,
                "kind": each.kind.value,
                "stock": each.stock.name,
                "dpi": each.dpi,
                "site": each.site,
                "yours": "yes" if each == own else None,
            }
            for each in queries.printers_of(work, by)
        ]
        rules = [vars(rule) for rule in queries.rules_of(work, by)]
    show({"printers": rows, "rules": rules}, as_json=as_json, lines=_printers(rows, rules))


@group.command("preview")
@click.argument("item")
@click.option(
    "--out", type=file_to_write, default=Path("label.png"), show_default=True, help="PNG or SVG file."
)
@json_option
@acting(Permission.PRINT_LABELS)
def preview(item: str, *, out: Path, by: Actor, as_json: bool) -> None:
    """Write a picture of ITEM's label as it would be printed now; nothing is logged."""
    ending = out.suffix.removeprefix(".")
    if ending not in previews.DRAWN_AS:
        raise click.UsageError(f"{out.name} has to end in .png or .svg.")
    with reading() as work:
        picture = previews.picture(work, item, ending, by=by)
    write_whole(out, picture.content)
    show({"file": str(out)}, as_json=as_json, lines=[f"Wrote {out}."])


@group.command("calibration")
@click.argument("printer")
@click.option("--out", type=file_to_write, default=Path("calibration.pdf"), show_default=True)
@json_option
@acting(Permission.PRINT_LABELS)
def calibration(printer: str, *, out: Path, by: Actor, as_json: bool) -> None:
    """Write the page that an office PRINTER is measured with."""
    with reading() as work:
        page = previews.calibration_page(work, printer, by=by)
    write_whole(out, page.content)
    sentence = f"Wrote {out}; print it in its own size, measure, and enter the correction."
    show({"printer": printer, "file": str(out)}, as_json=as_json, lines=[sentence])


def _printers(rows: list[dict[str, Any]], rules: list[dict[str, Any]]) -> Iterator[str]:
    yield from table(rows, PRINTER_COLUMNS)
    yield ""
    yield from table(rules, ("site", "kind", "specification", "template", "printer"))
