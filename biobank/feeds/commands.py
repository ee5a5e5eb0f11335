"""Commands that exchange the programme's feeds as files and say what waits for an acknowledgement."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.feeds.acknowledging import acknowledge_results, overdue_results, unacknowledged
from biobank.feeds.checks import works_at_all_sites
from biobank.feeds.choices import SENTENCES, Outcome
from biobank.feeds.formats import read_withdrawals
from biobank.feeds.operations import take_delivery
from biobank.feeds.queries import Delivered, acknowledgement_rows, acknowledgements, told_row
from biobank.feeds.results import NOTHING_YET, results_after
from biobank.feeds.tables import ACKNOWLEDGEMENTS, RESULTS, result_row, rows_acknowledged, written
from biobank.ledger.sealing import seal_all
from biobank.web.terminal import acting, answer_no, json_option, show, table

FROM_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)
TO_FILE = click.Path(dir_okay=False, path_type=Path)
EVERYTHING = 10**9


@click.command("withdrawals")
@click.argument("file", type=FROM_FILE)
@json_option
@acting(Permission.EXCHANGE_FEEDS)
def import_withdrawals(file: Path, *, by: Actor, as_json: bool) -> None:
    """Import the programme's withdrawals, all rows of FILE or none.

    The file carries no answers: both are recorded as undecided, and nobody who answered is set back.
    Importing a file again changes nothing.
    """
    rows = read_withdrawals(file.read_bytes())
    with writing() as work:
        taken = take_delivery(work, rows, by=by, file=file.name)
        told = [told_row(row) for row in acknowledgement_rows(work, taken.rows)]
        document = _document(taken, told)
        lines = list(_lines(taken))
    show(document, as_json=as_json, lines=lines)


def _document(taken: Delivered, told: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {
        "delivery": taken.delivery.id,
        "already_known": taken.already,
        "rows": len(taken.rows),
        **taken.counted(),
        "acknowledgements": told,
    }


def _lines(taken: Delivered) -> Iterator[str]:
    number = taken.delivery.id
    if taken.already:
        yield f"These rows came before, as delivery {number}; nothing changed."
    counted = taken.counted()
    yield f"Delivery {number}: " + ", ".join(
        f"{counted[outcome]} {outcome.replace('_', ' ')}" for outcome in Outcome
    )
    for row in taken.to_look_at:
        yield f"Line {row.line}: " + " ".join(_said(row.outcome, row.new_participant, row.ceremony_differs))


def _said(outcome: str, new_participant: bool, ceremony_differs: bool) -> Iterator[str]:
    yield SENTENCES[Outcome(outcome)]
    if new_participant:
        yield "Nobody had this code; it is registered now, so that its tubes are recognised."
    if ceremony_differs:
        yield "It says otherwise about a ceremony than the order that runs; compliance settles it."


@click.command("acknowledgements")
@click.argument("file", type=FROM_FILE)
@json_option
@acting(Permission.EXCHANGE_FEEDS)
def import_acknowledgements(file: Path, *, by: Actor, as_json: bool) -> None:
    """Read from FILE (CSV with a column `row`) which destruction results the programme has.

    Exit code 1 when a row is none of ours.
    """
    rows = rows_acknowledged(file.read_bytes())
    with writing() as work:
        done = acknowledge_results(work, rows, by=by)
    document = {"acknowledged": done.taken, "known": done.known, "not_ours": list(done.unknown)}
    lines = [f"{done.taken} lines acknowledged, {done.known} were already."]
    lines += [f"There is no line {row} in the feed." for row in done.unknown]
    show(document, as_json=as_json, lines=lines)
    if done.unknown:
        answer_no()


@click.group("export")
def export() -> None:
    """Files for other systems."""


@export.command("destructions")
@click.argument("file", type=TO_FILE)
@click.option(
    "--after",
    type=click.IntRange(NOTHING_YET),
    default=NOTHING_YET,
    show_default=True,
    help="The position that the export before ended with; -1 for everything.",
)
@json_option
@acting(Permission.EXCHANGE_FEEDS)
def export_destructions(file: Path, *, after: int, by: Actor, as_json: bool) -> None:
    """Write destruction results to FILE (CSV), one line a specimen, and the position to go on from."""
    works_at_all_sites(by)
    seal_all()
    with reading() as work:
        found = results_after(work, after, limit=EVERYTHING)
        text = written(RESULTS, [result_row(line) for line in found.lines])
    file.write_text(text, encoding="utf-8", newline="")
    document = {"file": str(file), "lines": len(found.lines), "position": found.position}
    lines = [f"{len(found.lines)} lines in {file}; go on with --after {found.position}."]
    show(document, as_json=as_json, lines=lines)


@export.command("acknowledgements")
@click.argument("file", type=TO_FILE)
@click.option("--delivery", type=int, help="Of this delivery alone.")
@json_option
@acting(Permission.EXCHANGE_FEEDS)
def export_acknowledgements(file: Path, *, delivery: int | None, by: Actor, as_json: bool) -> None:
    """Write to FILE (CSV) how each row of the withdrawal feed is acknowledged."""
    works_at_all_sites(by)
    with reading() as work:
        question = acknowledgements(delivery)
        rows = work.session.scalars(question.order_by(question.selected_columns.id)).all()
        text = written(ACKNOWLEDGEMENTS, [told_row(row) for row in acknowledgement_rows(work, rows)])
    file.write_text(text, encoding="utf-8", newline="")
    show({"file": str(file), "rows": len(rows)}, as_json=as_json, lines=[f"{len(rows)} rows in {file}."])


@click.group("feeds")
def feeds() -> None:
    """How the exchange with the programme stands."""


@feeds.command("status")
@json_option
@acting(Permission.EXCHANGE_FEEDS)
def status(*, by: Actor, as_json: bool) -> None:
    """List destruction results that the programme has not acknowledged; exit 1 when some wait too long."""
    works_at_all_sites(by)
    seal_all()
    with reading() as work:
        late = {line.row for line in overdue_results(work)}
        rows = [{**result_row(line), "overdue": line.row in late} for line in unacknowledged(work)]
    columns = ("row", "participant", "item", "status", "certificate", "recorded_at", "overdue")
    lines = table(rows, columns) if rows else ["Everything is acknowledged."]
    show({"unacknowledged": rows}, as_json=as_json, lines=lines)
    if late:
        answer_no()
