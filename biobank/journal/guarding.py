"""An older backup is read-only until it has what was decided since and fits its checkpoints."""

from dataclasses import dataclass
from pathlib import Path

from flask import Flask

from biobank.core.database import GUARD, Work, reading
from biobank.core.errors import DatabaseUnavailable
from biobank.journal.choices import Cause
from biobank.journal.formats import JournalBroken, latest_lines
from biobank.journal.orders import SUBJECT
from biobank.journal.queries import journal_path, lacking
from biobank.ledger import checkpoints
from biobank.ledger.checkpoints import Checkpoint, CheckpointRefused
from biobank.ledger.keys import load_key_file
from biobank.ledger.notes import KeyRefused, NoteRefused, PublicKey, to_base64
from biobank.ledger.queries import entries_of, root, tree_size
from biobank.settings import Settings

LOOKED_AT = 60
"""Files of checkpoints, the newest by their names."""


class ReadOnly(DatabaseUnavailable):
    """An older backup was put in place and is not up to date yet."""


def install_guard(app: Flask) -> None:
    app.extensions[GUARD] = Guard()


class Guard:
    """Asked before the first write of a process, and before each until it may be written."""

    def __init__(self) -> None:
        self.may_write = False

    def __call__(self) -> None:
        """Raises `ReadOnly` with what to do."""
        shut = self.shut()
        if shut is not None:
            raise ReadOnly(shut.sentence)

    def shut(self) -> "Shut | None":
        """Why nothing may be written; once it may, that is not asked again."""
        if self.may_write:
            return None
        with reading() as work:  # a demonstration is made anew where it stands
            found = None if work.settings.demo else read_only(work)
        self.may_write = found is None
        return found


@dataclass(frozen=True)
class Shut:
    """Why this database is read-only, and one sentence with what to do."""

    cause: Cause
    sentence: str


def guard_of(app: Flask) -> Guard | None:
    """None where nothing guards, as in a command that makes a database."""
    found = app.extensions.get(GUARD)
    return found if isinstance(found, Guard) else None


def why_read_only(work: Work) -> str | None:
    """One sentence with what to do, or None where this database is as new as what is kept outside of it."""
    found = read_only(work)
    return found.sentence if found else None


def read_only(work: Work) -> Shut | None:
    """None where this database is as new as what is kept outside of it."""
    return _behind_the_journal(work) or _behind_its_checkpoint(work)


def _behind_the_journal(work: Work) -> Shut | None:
    path = journal_path(work.settings)
    if path is None:
        return None
    try:
        missing = lacking(work, latest_lines(path))
    except (JournalBroken, OSError) as problem:
        sentence = f"The service is read-only: the withdrawal journal cannot be read ({problem})"
        return Shut(Cause.JOURNAL_UNREADABLE, sentence)
    if not missing:
        return None
    return Shut(
        Cause.OLDER_THAN_JOURNAL,
        f"The service is read-only: this database lacks line {missing[0].number} of the withdrawal journal, "
        "so it is an older backup. Run: biobank journal apply",
    )


def _behind_its_checkpoint(work: Work) -> Shut | None:
    """Why the log does not go on from the checkpoints that are kept outside, if it does not."""
    lost = checkpoints_that_do_not_fit(work)
    if not lost:
        return None
    return Shut(
        Cause.OLDER_THAN_CHECKPOINT,
        f"The service is read-only: a checkpoint outside the database covers {lost[0].size} entries and this "
        f"log has {tree_size(work)}, or others. Restore a newer one; if there is none, run: biobank journal "
        "accept-loss",
    )


def checkpoints_that_do_not_fit(work: Work) -> list[Checkpoint]:
    """Of the largest in the checkpoint folder those that this log is no continuation of, the largest first.

    Without those whose entries were accepted as lost.
    """
    size, accepted = tree_size(work), accepted_losses(work)
    return [
        kept
        for kept in _outside(work.settings)
        if (kept.size, to_base64(kept.root)) not in accepted
        and (kept.size > size or root(work, kept.size) != kept.root)
    ]


def _outside(settings: Settings) -> list[Checkpoint]:
    """The largest checkpoints in the checkpoint folder that our own key signed, the largest first."""
    folder = Path(settings.checkpoint_folder)
    if not settings.checkpoint_folder or not folder.is_dir():
        return []
    try:
        key = load_key_file(Path(settings.ledger_key_file)).public
    except KeyRefused:
        return []
    newest = sorted(folder.glob("checkpoint-*.txt"), reverse=True)[:LOOKED_AT]
    found = [said for file in newest if (said := _signed(file, key)) is not None]
    return sorted(found, key=lambda said: said.size, reverse=True)


def _signed(file: Path, key: PublicKey) -> Checkpoint | None:
    try:
        return checkpoints.verify(file.read_text("utf-8"), key)
    except (OSError, UnicodeDecodeError, NoteRefused, CheckpointRefused):
        return None


def accepted_losses(work: Work) -> set[tuple[int, str]]:
    """Size and root of checkpoints whose entries are lost for good, as somebody accepted in the log."""
    events = [entry.event for entry in entries_of(work, SUBJECT)]
    return {(each["size"], each["root"]) for event in events for each in event.get("lost", ())}
