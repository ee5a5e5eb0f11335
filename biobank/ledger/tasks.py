"""Background work of the ledger: sealing twice a second, and one checkpoint file a day."""

import logging
import os
from collections.abc import Callable, Sequence
from datetime import UTC, date, datetime
from pathlib import Path
from threading import Event, Thread

from flask import Flask

from biobank.core.database import SETTINGS, writing
from biobank.ledger.keys import load_key_file
from biobank.ledger.operations import issue_checkpoint
from biobank.ledger.sealing import seal_all
from biobank.settings import Settings

log = logging.getLogger(__name__)


class Sealer(Thread):
    """Seals every `seal_interval_milliseconds` until it is stopped; a failure is logged and tried again."""

    def __init__(self, app: Flask, each_day: Sequence[Callable[[Settings], object]] = ()) -> None:
        """`each_day` is what else has to be done once a day beside the ledger."""
        super().__init__(name="ledger sealer", daemon=True)
        self.each_day = each_day
        self.app = app
        self.settings: Settings = app.extensions[SETTINGS]
        self._stopping = Event()
        self._day_begun: date | None = None

    def run(self) -> None:
        while not self._stopping.wait(self.settings.seal_interval_milliseconds / 1000):
            self._try_a_round()

    def stop(self) -> None:
        """Return after the round that is under way."""
        self._stopping.set()
        if self.is_alive():
            self.join()

    def _try_a_round(self) -> None:
        try:
            with self.app.app_context():
                seal_all()
                self._begin_the_day()
        except Exception:  # whatever it was, the next round must come
            log.exception("Entries could not be sealed; they wait for the next round.")

    def _begin_the_day(self) -> None:
        today = datetime.now(UTC).date()
        if self._day_begun != today:
            self._day_begun = today  # before it is tried: a missing key is told once a day
            write_daily_checkpoint(self.settings, today)
            for task in self.each_day:
                task(self.settings)


def write_daily_checkpoint(settings: Settings, on: date) -> Path | None:
    """Issue a checkpoint and write it to the checkpoint folder, unless the day's file is there already.

    None where no folder is set. Copy the folder elsewhere: inside it proves nothing against its owner.
    """
    if not settings.checkpoint_folder:
        return None
    path = Path(settings.checkpoint_folder) / f"checkpoint-{on.isoformat()}.txt"
    if not path.exists():
        with writing() as work:
            note = issue_checkpoint(work, load_key_file(Path(settings.ledger_key_file)))
        write_checkpoint_file(path, note)
    return path


def write_checkpoint_file(path: Path, note: str) -> None:
    """The whole note or no file, even if the power fails in between."""
    path.parent.mkdir(parents=True, exist_ok=True)
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    with beside.open("w", encoding="utf-8") as file:
        file.write(note)
        file.flush()
        os.fsync(file.fileno())
    beside.replace(path)
