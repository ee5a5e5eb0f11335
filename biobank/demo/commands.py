"""The command that walks one kit through its whole life, and writes down what came of it."""

import json
import shutil
from itertools import chain
from pathlib import Path

import click

from biobank.app import create_app
from biobank.core.database import Work, db, reading
from biobank.core.errors import Conflict
from biobank.custody.queries import item_now
from biobank.custody.replay import states_for_export
from biobank.custody.stories import story_of
from biobank.demo.logger_files import LOGGERS, write_logger_files
from biobank.demo.programme import begin
from biobank.demo.story import tell
from biobank.demo.telling import PARTICIPANT, Story
from biobank.destruction.replay import certificates_for_export
from biobank.items.queries import specimens_of
from biobank.ledger import checkpoints
from biobank.ledger.exporting import export
from biobank.settings import Settings, load_settings
from biobank.shipments.queries import shipment_named
from biobank.web.terminal import unattended

MADE = ("access.json", "biobank.db", "identity.db", "labels.pdf", "labels.zpl", "custody.json",
        "certificate.pdf", "checkpoint.txt", "ledger.jsonl", "journey.txt",
        "withdrawals.jsonl", "keys", LOGGERS)  # fmt: skip


class NotOurFolder(Conflict):
    """A folder with other things in it."""

    title = "Folder not empty"


@click.command("demo")
@click.option(
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("demo-output"),
    show_default=True,
    help="Folder to write to; an earlier demonstration in it is replaced.",
)
@unattended("it makes a programme of its own, with invented people")
def demo(out: Path) -> None:
    """Tell the story of one kit, from a clinic's order to the certificate of its destruction."""
    clear(out)
    settings = settings_in(out)
    app = create_app(settings)
    with app.app_context():
        story = Story(settings, out, begin(settings), click.echo)
        tell(story)
        write_down(story)
        for engine in db.engines.values():
            engine.dispose()
    click.echo(f"\nWhat was made lies in {out}: {', '.join(MADE)}.")


def clear(folder: Path) -> None:
    """Remove an earlier demonstration. Raises `NotOurFolder` when others use it or nothing can lie there."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as problem:
        raise NotOurFolder(
            f"{folder} cannot be made ({problem.strerror}); name another folder with --out."
        ) from problem
    databases = [name for name in MADE if name.endswith(".db")]
    known = {*MADE, *(f"{name}-{log}" for name in databases for log in ("wal", "shm"))}
    others = sorted(path.name for path in folder.iterdir() if path.name not in known)
    if others:
        raise NotOurFolder(f"{folder} holds other things ({others[0]}); name an empty folder with --out.")
    for path in folder.iterdir():
        shutil.rmtree(path) if path.is_dir() else path.unlink()


def settings_in(folder: Path) -> Settings:
    """The defaults, with everything inside the folder and no days between decision and destruction."""
    return load_settings({}).with_changes(
        database_url=f"sqlite:///{folder.resolve() / 'biobank.db'}",
        secret_key_file=str(folder / "keys" / "secret.key"),
        ledger_key_file=str(folder / "keys" / "ledger.key"),
        pseudonym_key_file=str(folder / "keys" / "pseudonym.key"),
        vault_key_file=str(folder / "keys" / "vault.key"),
        answers_key_file=str(folder / "keys" / "answers.key"),
        certificate_keys_folder=str(folder / "keys" / "certificates"),
        checkpoint_folder="",
        programme="Demonstration programme",
        hold_window_days=0,
        demo=True,
    )


def write_down(story: Story) -> None:
    with reading() as work:
        custody = custody_of(work, story)
        write_logger_files(story.folder / LOGGERS, shipment_named(work, story.parcel))
        note = (story.folder / "checkpoint.txt").read_text(encoding="utf-8")
        with (story.folder / "ledger.jsonl").open("wb") as file:
            size = checkpoints.read(note).size
            records = chain(states_for_export(work, size), certificates_for_export(work, size))
            export(work, file, note, records)
    text = json.dumps(custody, indent=1, ensure_ascii=False)
    (story.folder / "custody.json").write_text(text + "\n", encoding="utf-8")
    (story.folder / "journey.txt").write_text("\n".join(story.lines) + "\n", encoding="utf-8")


def custody_of(work: Work, story: Story) -> dict[str, object]:
    """The kit, its tubes and all that was made of them, each with every event of its life."""
    items = [story.kit, *(item.identifier for item in specimens_of(work, PARTICIPANT))]
    return {
        "kit": item_now(work, story.kit).identifier,
        "participant": PARTICIPANT,
        "items": [story_of(work, item) for item in items],
    }
