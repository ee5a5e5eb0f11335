"""What changes where a participant stands is in the journal before anybody is told that it is recorded."""

import logging
from pathlib import Path

from biobank.core.database import Work, reading
from biobank.core.errors import DatabaseUnavailable
from biobank.journal import formats
from biobank.journal.choices import belongs
from biobank.journal.formats import Entry, JournalBroken
from biobank.journal.queries import decisive_entries, journal_path, with_cited
from biobank.ledger.operations import Written
from biobank.ledger.queries import UnknownEntry, entry_of
from biobank.settings import Settings

log = logging.getLogger(__name__)
behind: set[Path] = set()
"""Journals that this process could not write to: the next one that is written fills the gap."""


class Waiting:
    """Entries of one transaction; they go into the journal once it is kept, before anybody gets an answer."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.entries: list[Entry] = []

    def __call__(self) -> None:
        """A decision is never refused for the journal's sake: what failed is told, and filled in later."""
        try:
            with reading() as work:
                kept = [
                    each
                    for entry in self.entries
                    if _is_kept(work, entry)
                    for each in with_cited(work, entry)
                ]
            if kept:
                formats.append(self.path, kept)
            if kept and self.path in behind:
                fill(self.path)
        except (OSError, DatabaseUnavailable, JournalBroken) as problem:
            behind.add(self.path)
            log.error(  # noqa: TRY400 (a traceback would say nothing more)
                "The withdrawal journal was not written (%s); the decision is in the database alone. "
                "Make room, then run: biobank journal status",
                type(problem).__name__,
            )


def note_entry(work: Work, written: Written) -> None:
    """Wired to every entry of these kinds; what a transaction that fails wrote is in neither."""
    path = journal_path(work.settings)
    if path is None or not belongs(written.event["kind"], written.event):
        return
    waiting = next((each for each in work.afterwards if isinstance(each, Waiting)), None)
    if waiting is None:
        waiting = Waiting(path)
        work.afterwards.append(waiting)
    event = written.event
    waiting.entries.append(Entry(event["subject"], event["sequence"], event["kind"], written.body.decode()))


def _is_kept(work: Work, entry: Entry) -> bool:
    try:
        return entry_of(work, entry.subject, entry.sequence).hash.hex() == entry.hash
    except UnknownEntry:
        return False


def fill(path: Path) -> int:
    """Add what a crash, or a full disk, left out of the journal. Returns how many entries."""
    with reading() as work:
        entries = list(decisive_entries(work))
    added = formats.append_missing(path, entries) if entries or path.exists() else 0
    behind.discard(path)
    return added


def fill_journal(settings: Settings) -> None:
    """At every start of the service, and once a day."""
    path = journal_path(settings)
    if path is None:
        return
    try:
        added = fill(path)
    except (OSError, JournalBroken) as problem:
        behind.add(path)
        log.error("The withdrawal journal could not be brought up to date: %s", problem)  # noqa: TRY400 (as above)
        return
    if added:
        log.warning("%s entries were missing in the withdrawal journal and were added.", added)
