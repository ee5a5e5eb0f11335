"""A label printer on a port of this machine that answers, and misbehaves, as it is told."""

import contextlib
import socket
import threading
from dataclasses import dataclass, field

FIRST = ("030", "paper_out", "paused", "0254", "waiting", "full", "0", "partial", "000", "ram", "cold", "hot")
SECOND = ("001", "0", "open", "ribbon", "0", "2", "4", "0", "remaining", "1", "000")


def status(**told):
    """Three lines as a printer writes them; what is not told is well."""
    lines = (FIRST, SECOND, ("1234", "0"))
    texts = [",".join(each if each.isdigit() else _value(each, told) for each in line) for line in lines]
    return "".join(f"\x02{text}\x03\r\n" for text in texts).encode()


def _value(name, told):
    value = int(told.get(name, 0))
    return {"waiting": f"{value:03}", "remaining": f"{value:08}"}.get(name, str(value))


@dataclass
class LabelPrinter:
    """`answers` are given to one `~HS` after the other, the last for ever: bytes, or what is done instead.

    "silent" answers nothing, "close" closes, "bytewise" answers byte by byte.
    """

    answers: list = field(default_factory=lambda: [status()])
    close_after: int | None = None
    """Closes once it has read so many bytes of labels."""
    received: bytes = b""
    connections: int = 0

    def __enter__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.asked, self.stopped = threading.Event(), threading.Event()
        self.thread = threading.Thread(target=self._serve, daemon=True)
        self.thread.start()
        return self

    def hang_up(self):
        """It says no more, whoever waits for it."""
        self.stopped.set()

    def __exit__(self, *_):
        self.hang_up()
        socket.create_connection(("127.0.0.1", self.port)).close()
        self.thread.join(5)
        self.listener.close()

    @property
    def labels(self):
        """What it would have printed."""
        return self.received.count(b"^XZ")

    def _serve(self):
        while True:
            line, _ = self.listener.accept()
            with line:
                if self.stopped.is_set():
                    return
                self.connections += 1
                line.settimeout(0.05)
                with contextlib.suppress(OSError):
                    self._talk(line)

    def _talk(self, line):
        while not self.stopped.is_set():
            try:
                read = line.recv(65536)
            except TimeoutError:
                continue
            if not read:
                return
            asked = read.count(b"~HS")
            if asked:
                self.asked.set()
            self.received += read.replace(b"~HS", b"")
            if self.close_after is not None and len(self.received) >= self.close_after:
                return
            for _ in range(asked):
                if not self._answer(line):
                    return

    def _answer(self, line):
        answer = self.answers.pop(0) if len(self.answers) > 1 else self.answers[0]
        if answer == "close":
            return False
        if answer == "bytewise":
            for byte in status():
                line.sendall(bytes([byte]))
        elif answer != "silent":
            line.sendall(answer)
        return True
