"""Background work of the outbox: a look every few seconds at what is due."""

import logging
from threading import Event, Thread

from flask import Flask

from biobank.access.actors import SERVICE
from biobank.core.database import SETTINGS
from biobank.messages.sending import send_due
from biobank.settings import Settings

log = logging.getLogger(__name__)


class Sender(Thread):
    """Sends every `message_interval_seconds` until it is stopped, beside as many others as there are."""

    def __init__(self, app: Flask) -> None:
        super().__init__(name="outbox", daemon=True)
        self.app = app
        self.settings: Settings = app.extensions[SETTINGS]
        self._stopping = Event()

    def run(self) -> None:
        while not self._stopping.wait(max(1, self.settings.message_interval_seconds)):
            self._look()

    def stop(self) -> None:
        """Return soon; a message that is on its way is handed over first."""
        self._stopping.set()
        if self.is_alive():
            self.join(self.settings.smtp_timeout_seconds)

    def _look(self) -> None:
        try:
            with self.app.app_context():
                send_due(self.settings, SERVICE)
        except Exception as problem:  # noqa: BLE001 (whatever it was, the next look must come)
            kind = type(problem).__name__
            log.error("The outbox could not be worked on: %s; it is tried again.", kind)  # noqa: TRY400 (a traceback could hold an address)
