"""Outside this machine everything comes by TLS: what the service refuses to do without it."""

import http.client
import re
import threading
from contextlib import contextmanager

import pytest
from click.testing import CliRunner

from biobank.app import create_app
from biobank.commands import main
from biobank.core.hosts import is_loopback
from biobank.service.commands import listening
from biobank.service.databases import lines_are_encrypted
from biobank.settings import SettingRefused, load_settings
from tests.campaigns.service import kept_port

OUTSIDE = "203.0.113.7"
PUBLIC = "https://custody.example.org"


@pytest.mark.parametrize(
    ("settings_told", "said"),
    [
        ({"serve_host": "0.0.0.0"}, "serve_host is '0.0.0.0'.*without encryption; set trusted_proxy"),
        ({"serve_host": "::"}, "serve_host is '::'.*without encryption"),
        ({"serve_host": "192.0.2.9", "public_url": PUBLIC}, "without encryption"),
        ({"trusted_proxy": "*", "public_url": PUBLIC}, "trusted_proxy is '\\*'; write the IP address"),
        ({"trusted_proxy": "192.0.2.9"}, "public_url is ''; write the address .* https://"),
    ],
)
@pytest.mark.parametrize("command", [["serve"], ["config", "check"]])
def test_p15_the_service_does_not_start_where_others_could_listen_in(
    settings, monkeypatch, settings_told, said, command
):
    """Everything will be stored securely: nothing is served outside the loopback without TLS."""
    changed = settings.with_changes(**settings_told)
    monkeypatch.setattr("biobank.service.commands.load_settings", lambda *_: changed)
    monkeypatch.setattr("biobank.service.commands.create_server", lambda *_, **__: 1 / 0)
    done = CliRunner().invoke(main, command, obj=lambda: create_app(changed))
    assert done.exit_code == 2
    assert re.search(said, done.stderr)
    assert "Traceback" not in done.output


# A server that is closed while it waits for the next request ends its thread with this.
pytestmark = pytest.mark.filterwarnings("ignore::pytest.PytestUnhandledThreadExceptionWarning")


@contextmanager
def waitress(app, settings):
    server = listening(app, settings)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield server.effective_port
    finally:
        server.close()
        thread.join(timeout=5)


def asked(port, method="GET", path="/sign-in", form=None, **headers):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form else {}
    connection.request(method, path, form, {**headers, **kind})
    answer = connection.getresponse()
    return answer.status, answer.read().decode(), answer.headers


@pytest.fixture
def free(settings):
    with kept_port() as port:
        yield settings.with_changes(serve_port=port)


BY_TLS = {"X-Forwarded-For": OUTSIDE, "X-Forwarded-Proto": "https"}


def test_behind_the_proxy_that_is_named_what_came_in_plain_is_refused(free):
    """The real server: the proxy's word counts, and the cookie goes over TLS alone."""
    settings = free.with_changes(trusted_proxy="127.0.0.1", public_url=PUBLIC)
    with waitress(create_app(settings), settings) as port:
        status, page, headers = asked(port, **BY_TLS)
        assert status == 200
        assert headers["Strict-Transport-Security"]
        _, _, headers = asked(port, "POST", "/language", "language=es", **BY_TLS)
        assert all("Secure" in cookie for cookie in headers.get_all("Set-Cookie"))
        for plain in ({"X-Forwarded-For": OUTSIDE}, {**BY_TLS, "X-Forwarded-Proto": "http"}):
            status, page, headers = asked(port, "POST", "/language", "language=es", **plain)
            assert (status, headers.get_all("Set-Cookie")) == (403, None)
            assert "came without encryption and was not read" in page


def test_nobody_else_is_believed_to_be_the_proxy(free):
    for told in ({}, {"trusted_proxy": "192.0.2.9", "public_url": PUBLIC}):
        settings = free.with_changes(**told)
        with waitress(create_app(settings), settings) as port:
            status, _, headers = asked(port, **BY_TLS)
            assert (status, headers["Strict-Transport-Security"]) == (200, None)


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_any_other_server_is_held_to_it_too(app, scheme):
    """gunicorn answers where it was told to; a request from another machine is read when it came by TLS."""
    client = app.test_client()
    there = {"base_url": f"{scheme}://custody.example.org", "environ_overrides": {"REMOTE_ADDR": OUTSIDE}}
    answer = client.get("/api/v1/ledger/checkpoint", **there)
    assert (answer.status_code == 403) is (scheme == "http")
    if scheme == "http":
        assert "came without encryption" in answer.json["detail"]


@pytest.mark.parametrize(
    ("url", "refused"),
    [("postgresql://biobank@db.internal/biobank", "db.internal"),
     ("postgresql://biobank@db.internal/biobank?sslmode=prefer", "db.internal"),
     ("postgresql://biobank@/biobank?host=/run/postgresql,db.internal", "db.internal"),
     ("postgresql://biobank@db.internal/biobank?sslmode=verify-full", None),
     ("postgresql://biobank@127.0.0.1/biobank", None), ("postgresql://biobank@/biobank", None),
     ("postgresql://biobank@/biobank?host=/run/postgresql", None)],
)  # fmt: skip
def test_a_database_on_another_machine_is_spoken_to_by_tls(tmp_path, url, refused):
    vault = f"sqlite:///{tmp_path}/identity.db"
    settings = load_settings({}).with_changes(database_url=url, identity_database_url=vault)
    if refused is None:
        lines_are_encrypted(settings)
        return
    with pytest.raises(SettingRefused, match=f"database_url names {refused}.*sslmode=verify-full"):
        lines_are_encrypted(settings)


@pytest.mark.parametrize(
    ("host", "here"),
    [("127.0.0.1", True), ("127.9.9.9", True), ("::1", True), ("::ffff:127.0.0.1", True), ("localhost", True),
     ("0.0.0.0", False), ("::", False), ("::ffff:192.0.2.1", False), ("db", False), ("", False)],
)  # fmt: skip
def test_what_this_machine_is(host, here):
    assert is_loopback(host) is here
