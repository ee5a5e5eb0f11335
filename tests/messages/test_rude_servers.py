"""Mail servers that answer with junk, cut the line or never stop talking: nothing is lost, nothing goes out for ever."""

import socketserver
import threading
import time
from contextlib import contextmanager, suppress

import pytest

from biobank.messages.states import MessageState
from tests.campaigns.service import kept_port
from tests.messages.outbox import Outbox
from tests.messages.post_office import PostOffice, mail_settings, open_post_office

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
POLITE = {
    "HELO": b"250 here\r\n", "EHLO": b"250 here\r\n", "MAIL": b"250 OK\r\n", "RCPT": b"250 OK\r\n",
    "DATA": b"354 go on\r\n", "RSET": b"250 OK\r\n", "QUIT": b"221 bye\r\n", ".": b"250 taken\r\n", "": b"220 here\r\n",
}  # fmt: skip


class Rude(socketserver.StreamRequestHandler):
    """Answers as a real one, but for `server.instead`; None hangs up, and a function is given the line."""

    def handle(self):
        with suppress(OSError):
            if self.says(""):
                while line := self.rfile.readline():
                    word = line[:4].decode("latin-1").strip().upper()
                    if not self.says(word) or (word == "DATA" and not self.takes()):
                        return

    def takes(self):
        while (line := self.rfile.readline()) != b".\r\n":
            if not line:
                return False
        self.server.taken += 1
        return self.says(".")

    def says(self, word):
        answer = self.server.instead.get(word, POLITE.get(word, b"500 what\r\n"))
        if callable(answer):
            answer(self.wfile)
            return False
        self.wfile.write(answer or b"")
        return answer == POLITE.get(word)


@contextmanager
def rude(**instead):
    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Rude) as server:
        server.daemon_threads, server.taken, server.instead = True, 0, instead.get("at", {})
        threading.Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield server
        finally:
            server.shutdown()


def for_ever(out):
    until = time.monotonic() + 20
    while time.monotonic() < until:
        out.write(b"250-and another thing\r\n")
        out.flush()
        time.sleep(0.05)


@pytest.fixture
def outbox(settled, monkeypatch):
    with kept_port() as nobodys:
        yield Outbox(settled, None, nobodys, monkeypatch)


def to(outbox, server, **more):
    outbox.use(mail_settings(outbox.settings, server.server_address[1], **more))


JUNK = {
    "greeting": {"": b"\xff\xfe\x00 moo\r\n"},
    "greeting that says no": {"": b"554 go away\r\n"},
    "hello": {"EHLO": b"\x00\x01\x02\r\n", "HELO": b"moo\r\n"},
    "sender": {"MAIL": b"moo\r\n"},
    "recipient": {"RCPT": b"moo moo\r\n"},
    "data": {"DATA": b"moo\r\n"},
    "letter": {".": b"\x80\x81 not a number\r\n"},
    "half a number": {".": b"25"},
    "too long": {".": b"250 " + b"x" * 20000 + b"\r\n"},
    "nothing": {".": None},
}


EVERY_DAY = {"greeting", "letter", "nothing"}


@pytest.mark.parametrize(
    "what", [pytest.param(each, marks=() if each in EVERY_DAY else pytest.mark.campaign) for each in JUNK]
)
def test_junk_is_trouble_that_ends_and_is_seen(outbox, what):
    number = outbox.queue()
    with rude(at=JUNK[what]) as server:
        to(outbox, server, message_attempts=2, smtp_timeout_seconds=2)
        assert outbox.send() == ["again"]
        assert outbox.message(number).state == MessageState.QUEUED
        assert outbox.send() == []  # not at once again
        outbox.later(hours=1)
        assert outbox.send() == ["again"]
        outbox.later(days=30)
        assert outbox.send() == []
        assert server.taken <= 2
    assert outbox.message(number).state == MessageState.FAILED
    assert outbox.message(number).trouble
    assert outbox.findings() == []


@pytest.mark.parametrize("answer", [b"250", b"250 taken", b"250 taken\r\n"])
def test_a_line_that_is_cut_after_the_yes_is_a_yes(outbox, answer):
    number = outbox.queue()
    with rude(at={".": answer, "QUIT": None, "RSET": None}) as server:
        to(outbox, server)
        assert outbox.send() == ["sent"]
        outbox.later(days=30)
        assert outbox.send() == []
        assert server.taken == 1
    assert outbox.tried(number) == [("sent", None, 250)]


@pytest.mark.campaign
@pytest.mark.parametrize("where", ["", "EHLO", "RCPT", "."])
def test_a_server_that_never_stops_talking_is_hung_up_on(outbox, where):
    number = outbox.queue()
    with rude(at={where: for_ever}) as server:
        to(outbox, server, smtp_timeout_seconds=1)
        begun = time.monotonic()
        assert outbox.send() == ["again"]
        assert time.monotonic() - begun < 12
    assert outbox.message(number).state == MessageState.QUEUED
    office = PostOffice()
    with open_post_office(office) as port:
        outbox.use(mail_settings(outbox.settings, port))
        outbox.later(days=1)
        assert outbox.send() == ["sent"]
    assert len(office.arrived) == 1
