"""Commands of the withdrawal journal: how it stands, whether it is whole, applying it to a backup."""

from typing import Any

import click

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import reading, writing
from biobank.core.errors import Conflict
from biobank.journal.formats import JournalBroken, Line, read_journal
from biobank.journal.guarding import why_read_only
from biobank.journal.models import JournalApplication
from biobank.journal.operations import accept_loss, apply_journal
from biobank.journal.orders import sentence_of, to_enter_again
from biobank.journal.queries import decisive_entries, entered_by_hand, journal_path, lacking
from biobank.web.current import current_settings
from biobank.web.terminal import acting, answer_no, json_option, show, table


class NoJournal(Conflict):
    title = "No journal"


@click.group("journal")
def group() -> None:
    """Every decision once more, outside the database."""


@group.command("status")
@json_option
@acting(Permission.SEE_LEDGER)
def status(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (the permission is what counts)
    """Compare journal and log; exit 1 when either lacks something, or a restore left something to do."""
    lines = _read()
    held = {line.entry.hash for line in lines}
    with reading() as work:
        unwritten = sum(entry.hash not in held for entry in decisive_entries(work))
        missing, why = lacking(work, lines), why_read_only(work)
        entering = entered_by_hand(work)
    document = {
        "file": str(journal_path(current_settings())),
        "lines": len(lines),
        "not_in_journal": unwritten,
        "not_in_database": [line.number for line in missing],
        "to_enter_again": [sentence_of(each) for each in entering],
        "read_only": why,
    }
    show(document, as_json=as_json, lines=_told(document))
    if unwritten or missing or entering or why:
        answer_no()


def _told(document: dict[str, Any]) -> list[str]:
    told = [f"{document['lines']} lines in {document['file']}."]
    if document["not_in_journal"]:
        told.append(
            f"{document['not_in_journal']} entries are in the log alone; the next start of the service "
            "or the next decision writes them."
        )
    if document["not_in_database"]:
        told.append(
            f"The database lacks {len(document['not_in_database'])} lines; run: biobank journal apply"
        )
    return [*told, *document["to_enter_again"], document["read_only"] or "The service may write."]


@group.command("verify")
@json_option
@acting(Permission.SEE_LEDGER)
def verify(*, by: Actor, as_json: bool) -> None:  # noqa: ARG001 (as above)
    """Check that every line is whole and follows the one before; exit 1 with the line that is not."""
    try:
        lines = _read()
    except JournalBroken as broken:
        show({"broken_at": broken.extra["line"]}, as_json=as_json, lines=[broken.detail])
        answer_no()
    newest = lines[-1].hash if lines else None
    document = {"broken_at": None, "lines": len(lines), "newest": newest}
    show(
        document, as_json=as_json, lines=[f"All {len(lines)} lines are as they were written; hash {newest}."]
    )


@group.command("apply")
@json_option
@acting(Permission.RECORD_WITHDRAWALS)
def apply(*, by: Actor, as_json: bool) -> None:
    """Take over what an older backup lacks, all or nothing; exit 1 while the service stays read-only."""
    lines = _read()
    with writing(restoring=True) as work:
        applied = [_row(each) for each in apply_journal(work, lines, by=by)]
    with reading() as work:
        why, entering = why_read_only(work), [sentence_of(each) for each in to_enter_again(work)]
    told = table(applied, ("line", "kind", "subject", "number")) if applied else ["Nothing was missing."]
    show(
        {"applied": applied, "to_enter_again": entering, "read_only": why},
        as_json=as_json,
        lines=[*told, *entering, why or "The service may write."],
    )
    if why:
        answer_no()


def _row(applied: JournalApplication) -> dict[str, Any]:
    return {name: getattr(applied, name) for name in ("line", "kind", "subject", "number")}


@group.command("accept-loss")
@json_option
@acting(Permission.CONFIRM_DESTRUCTION)
def accept(*, by: Actor, as_json: bool) -> None:
    """Record in the log that the entries since this backup are lost, since no newer backup is left.

    Scans since then are gone with them, and an auditor who holds a later checkpoint will see it.
    """
    with writing(restoring=True) as work:
        event = accept_loss(work, by=by)
    largest = max(int(each["size"]) for each in event["lost"])
    document = {"size": event["size"], "lost_size": largest}
    sentence = f"Recorded: of {largest} entries {event['size']} are left; the log goes on from here."
    show(document, as_json=as_json, lines=[sentence])


def _read() -> list[Line]:
    path = journal_path(current_settings())
    if path is None:
        raise NoJournal("There is no withdrawal journal; name a file with withdrawal_journal_file.")
    return read_journal(path)
