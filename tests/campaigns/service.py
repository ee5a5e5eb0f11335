"""The real service as its own process, and stations that scan into it and never forget what was acknowledged."""

import http.client
import json
import os
import random
import signal
import socket
import subprocess
import sys
import time
import uuid
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from threading import Event, Thread

from biobank.core import moments

PROGRAM = Path(sys.executable).with_name("biobank")
READY_WITHIN = WORKS_WITHIN = 180
"""Seconds; a machine that does much beside takes long to start it."""
AGAIN = (409, 503)
"""Answers that say: nothing was recorded, send it again. 409 to a scan that was overtaken three times."""


@contextmanager
def kept_port():
    """A port of the loopback that nobody else is given as long as the block lasts: also while nothing listens there.

    Who is told the number can listen on it, once and again: servers ask for an address that may be used again.
    """
    with socket.socket() as keeper:
        keeper.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        keeper.bind(("127.0.0.1", 0))
        yield keeper.getsockname()[1]


def environment(settings):
    told = {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in vars(settings).items()
    }
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BIOBANK_")}
    return kept | {f"BIOBANK_{name.upper()}": value for name, value in told.items()}


def until(condition, what):
    """Waits for it, and fails when it does not come."""
    end = time.monotonic() + WORKS_WITHIN
    while not condition():
        assert time.monotonic() < end, f"for {WORKS_WITHIN} s {what}"
        time.sleep(0.02)


class Service:
    """`biobank serve` with its sealer; started, killed and started again on one port."""

    def __init__(self, settings, log):
        self.held = ExitStack()
        self.settings = settings.with_changes(serve_port=self.held.enter_context(kept_port()))
        self.log = self.held.enter_context(log.open("ab"))
        self.process = None

    @property
    def port(self):
        return self.settings.serve_port

    def start(self):
        self.process = subprocess.Popen(
            [PROGRAM, "serve"], env=environment(self.settings), stdout=self.log, stderr=self.log
        )
        self.wait_until(200)

    def wait_until(self, status):
        """Until `/readyz` answers with `status`."""
        until, heard = time.monotonic() + READY_WITHIN, None
        while time.monotonic() < until:
            assert self.process.poll() is None, f"the service ended by itself; {self.said()}"
            try:
                heard = ask(self.port, "GET", "/readyz")
            except OSError as problem:
                heard = problem
            else:
                if heard[0] == status:
                    return
            time.sleep(0.05)
        raise AssertionError(f"/readyz said {heard} and not {status} for {READY_WITHIN} s; {self.said()}")

    def said(self):
        """The end of its log."""
        return f"{self.log.name}: {Path(self.log.name).read_text()[-2000:]}"

    def kill(self):
        """SIGKILL: no handler runs, nothing is flushed."""
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def close(self):
        if self.process and self.process.poll() is None:
            self.kill()
        self.held.close()


def ask(port, method, path, body=None, headers=None, connection=None):
    line = connection or http.client.HTTPConnection("127.0.0.1", port, timeout=30)
    try:
        line.request(method, path, json.dumps(body) if body is not None else None, headers or {})
        answer = line.getresponse()
        return answer.status, answer.read()
    except http.client.HTTPException as problem:
        raise OSError(str(problem)) from problem
    finally:
        if connection is None:
            line.close()


@dataclass
class Request:
    """What a station sends until it is acknowledged: always the same key and the same bytes."""

    path: str
    body: dict
    marks: list
    key: str = field(default_factory=lambda: uuid.uuid4().hex)


class Station(Thread):
    """One client: scans its own tubes and shared ones, alone and in batches, until it is stopped or cut off."""

    def __init__(self, port, token, own, shared, seed):
        super().__init__(daemon=True)
        self.port, self.own, self.shared = port, own, shared
        self.random = random.Random(seed)
        self.headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
        self.stopping = Event()
        self.acknowledged, self.unknown, self.refused, self.problems = [], [], 0, []

    def run(self):
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            while not self.stopping.is_set():
                self.send(self.next_request(), line)
        except OSError:
            pass  # the plug was pulled; the request that was open is in `unknown`
        finally:
            line.close()

    def next_request(self):
        if self.random.random() < 0.1:
            scans = [self.scan(tube) for tube in self.random.sample(self.own, 5)]
            return Request("/api/v1/custody/batches", {"scans": scans}, [mark_of(scan) for scan in scans])
        tube = self.random.choice(self.shared if self.random.random() < 0.2 else self.own)
        scan = self.scan(tube)
        return Request("/api/v1/custody/events", scan, [mark_of(scan)])

    def scan(self, tube):
        """A fact that may be told any number of times, from a queue: told late it is taken all the same."""
        at = None if tube in self.shared else moments.to_text(moments.now())
        action = self.random.choice(["freeze", "thaw"])
        return {
            "item": tube,
            "action": action,
            "occurred_at": at,
            "source": {"kind": "offline", "reference": self.name},
            "details": {"mark": uuid.uuid4().hex},
        }

    def send(self, request, line=None):
        """Raises OSError when the line broke: then nobody knows whether it was taken."""
        self.unknown.append(request)
        headers = {**self.headers, "Idempotency-Key": request.key}
        status, answer = ask(self.port, "POST", request.path, request.body, headers, line)
        if status in AGAIN:
            self.refused += 1
            time.sleep(0.02)
            return
        self.unknown.remove(request)
        if status in (200, 201) and all(taken(answer)):
            self.acknowledged += request.marks
        else:
            self.problems.append((status, answer[:300]))

    def send_unknown(self):
        """After the restart: each open request again, with its key, until it is acknowledged."""
        for _ in range(50):
            for request in list(self.unknown):
                self.unknown.remove(request)
                self.send(request)
            if not self.unknown:
                return


def mark_of(scan):
    return scan["details"]["mark"]


def taken(answer):
    told = json.loads(answer)
    return [result["status"] == 201 for result in told["results"]] if "results" in told else ["event" in told]
