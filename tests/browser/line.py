"""The line between a browser and the service, which can be cut at any moment, also after the question and before its answer."""

import socket
import threading
from contextlib import contextmanager, suppress
from enum import StrEnum

CHUNK = 65536


class Mode(StrEnum):
    OPEN = "open"
    CUT = "cut"
    DEAF = "deaf"
    """What is asked arrives and is done; of the answer to what changes something nothing comes back."""


class Line:
    """A relay on the loopback; `mode` counts from now on, also for connections that stand."""

    def __init__(self, port):
        self.port, self.mode, self.lost = port, Mode.OPEN, 0
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.address = f"http://127.0.0.1:{self.listener.getsockname()[1]}"
        self.open = set()
        threading.Thread(target=self._accept, daemon=True).start()

    def cut(self):
        self.mode = Mode.CUT
        for each in list(self.open):
            _close(each)

    def _accept(self):
        with suppress(OSError):
            while True:
                near, _ = self.listener.accept()
                threading.Thread(target=self._relay, args=(near,), daemon=True).start()

    def _relay(self, near):
        try:
            far = (
                None
                if self.mode is Mode.CUT
                else socket.create_connection(("127.0.0.1", self.port), timeout=5)
            )
        except OSError:
            far = None
        if far is None:
            near.close()
            return
        self.open |= {near, far}
        asked = {"post": False}
        threading.Thread(target=self._pump, args=(near, far, asked, True), daemon=True).start()
        self._pump(far, near, asked, False)

    def _pump(self, source, sink, asked, forth):
        with suppress(OSError):
            source.settimeout(None)
            while chunk := source.recv(CHUNK):
                if forth and chunk[:5] in (b"POST ", b"GET /"):
                    asked["post"] = chunk.startswith(b"POST ")
                if not forth and self.mode is Mode.DEAF and asked["post"]:
                    self.lost += 1
                    break
                sink.sendall(chunk)
        for each in (source, sink):
            self.open.discard(each)
            _close(each)


def _close(connection):
    with suppress(OSError):
        connection.shutdown(socket.SHUT_RDWR)
    with suppress(OSError):
        connection.close()


@contextmanager
def line_to(port):
    line = Line(port)
    try:
        yield line
    finally:
        _close(line.listener)
        line.cut()
