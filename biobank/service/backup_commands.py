"""The commands that back up an SQLite database and put a backup in its place."""

from pathlib import Path

import click

from biobank.core.database import db, reading
from biobank.core.schema import newest_revision, revision_of
from biobank.journal.guarding import why_read_only
from biobank.journal.orders import sentence_of
from biobank.journal.queries import entered_by_hand
from biobank.ledger.notes import to_base64
from biobank.ledger.queries import root, tree_size
from biobank.service.backups import back_up, put_in_place, sqlite_path
from biobank.service.databases import engines
from biobank.web.terminal import answer_no, application, json_option, show, unattended

NEW_FILE = click.Path(dir_okay=False, path_type=Path)
BACKUP = click.Path(exists=True, dir_okay=False, path_type=Path)
VAULT = "The identity vault is backed up apart, by other people and to another place."


@click.command("backup")
@click.argument("file", type=NEW_FILE)
@click.option("--identity", is_flag=True, help="The identity vault instead of the samples' database.")
@json_option
@unattended("it runs by the clock, and whoever may read the database file may copy it")
def backup(file: Path, *, identity: bool, as_json: bool) -> None:
    """Copy the database to FILE as it is at one moment, while the service goes on (SQLite)."""
    with application().app_context():
        samples, vault = engines().values()
        back_up(sqlite_path(vault.url if identity else samples.url), file)
        document = {"file": str(file), **({} if identity else _log())}
    lines = [f"Wrote {file}. Keep it where the database is not, with the journal and the checkpoints apart."]
    show(document, as_json=as_json, lines=lines if identity else [*lines, VAULT])


def _log() -> dict[str, object]:
    with reading() as work:
        size = tree_size(work)
        return {"size": size, "root": to_base64(root(work, size))}


@click.command("restore")
@click.argument("file", type=BACKUP)
@click.option("--identity", is_flag=True, help="The identity vault instead of the samples' database.")
@json_option
@unattended("the database that would know them may be gone")
def restore(file: Path, *, identity: bool, as_json: bool) -> None:
    """Put the backup FILE in place of the database, which is kept beside it (SQLite; stop the service first).

    It is read-only until the withdrawal journal is applied; exit code 1 while it would be.
    """
    with application().app_context():
        samples, vault = engines().values()
        place = sqlite_path(vault.url if identity else samples.url)
        for engine in engines().values():
            engine.dispose()
        aside = put_in_place(file, place)
        why, entering = (None, []) if identity else _what_next()
    document = {"database": str(place), "before": str(aside) if aside else None, "next": why}
    lines = [f"{file} is in place as {place}."]
    lines += [f"What was there is kept as {aside}."] if aside else []
    lines += [why] if why else []
    lines += ["After that, by hand:", *entering] if entering else []
    show(document | {"to_enter_again": entering}, as_json=as_json, lines=lines)
    if why:
        answer_no()


def _what_next() -> tuple[str | None, list[str]]:
    """Why it is read-only, and what of the journal nobody but a person can make again."""
    if revision_of(db.engine) != newest_revision():
        sentence = "It is of an earlier version: run biobank database upgrade, then biobank journal status."
        return sentence, []
    with reading() as work:
        return why_read_only(work), [sentence_of(told) for told in entered_by_hand(work)]
