"""Signing in with a browser, its cookie, its forms and its end."""

import re
from datetime import timedelta

import pytest

from biobank.access.models import BrowserSession
from biobank.core.database import reading, writing
from biobank.core.moments import now

PASSWORD = "plainly invented words"


def sign_in(client, password=PASSWORD, name="clinic.ana", **more):
    return client.post("/sign-in", data={"name": name, "password": password, "next": "/page"}, **more)


def csrf(client):
    return re.search(r'name="csrf_token" value="([0-9a-f]{64})"', client.get("/framed").text)[1]


def row(app, change=None):
    with app.app_context(), writing() as work:
        session = work.session.query(BrowserSession).order_by(BrowserSession.id.desc()).first()
        if change:
            change(session)
        return session.last_seen_at, session.station


def test_a_page_sends_to_the_sign_in_and_back(client):
    answer = client.get("/page?box=7")
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in?next=/page?box%3D7")
    form = client.get(answer.headers["Location"])
    assert 'name="next" value="/page?box=7"' in form.text
    answer = sign_in(client)
    assert (answer.status_code, answer.headers["Location"]) == (303, "/page")
    assert client.get("/page").text == "Testa clinic.ana"


def test_the_cookie_is_for_the_browser_and_this_site_alone(client):
    cookie = sign_in(client).headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Secure" not in cookie
    secure = sign_in(client, base_url="https://localhost").headers["Set-Cookie"]
    assert "Secure" in secure


def test_a_wrong_password_stays_on_the_form_with_one_sentence(client):
    answer = sign_in(client, "something else")
    assert answer.status_code == 403
    assert "do not belong together" in answer.text
    assert 'value="clinic.ana"' in answer.text
    assert "something else" not in answer.text
    assert "Set-Cookie" not in answer.headers


def test_failures_count_although_each_is_refused(client):
    for _ in range(5):
        assert sign_in(client, "something else").status_code == 403
    answer = sign_in(client)
    assert answer.status_code == 429
    assert "wait" in answer.text


@pytest.mark.parametrize(
    "elsewhere", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:x", "x\n"]
)
def test_next_never_leads_elsewhere(client, elsewhere):
    answer = client.post("/sign-in", data={"name": "clinic.ana", "password": PASSWORD, "next": elsewhere})
    assert answer.headers["Location"] == "/"


@pytest.mark.parametrize("headers", [{"Origin": "https://evil.example"}, {"Sec-Fetch-Site": "cross-site"}])
def test_another_site_signs_nobody_in(client, headers):
    assert sign_in(client, headers=headers).status_code == 403
    assert sign_in(client, headers={"Origin": "http://localhost"}).status_code == 303


def test_a_form_needs_the_token_of_its_session(client, sites):
    sign_in(client)
    for data in (
        {"code": "new"},
        {"code": "new", "csrf_token": "0" * 64},
        {"code": "new", "csrf_token": "ü"},
    ):
        assert client.post("/page", data=data).status_code == 403
    assert sites() == set()
    assert client.post("/page", data={"code": "new", "csrf_token": csrf(client)}).status_code == 303
    assert sites() == {"new"}


def test_a_script_sends_it_as_a_header(client):
    sign_in(client)
    headers = {"X-CSRF-Token": csrf(client)}
    assert client.post("/api/v1/sites", json={"code": "new"}, headers=headers).status_code == 201


def test_the_form_token_of_one_session_is_not_the_next_ones(client, app):
    sign_in(client)
    before = csrf(client)
    sign_in(client)
    assert csrf(client) != before
    assert client.post("/page", data={"code": "new", "csrf_token": before}).status_code == 403


def test_a_form_sent_twice_with_its_key_is_one_step(client, sites):
    sign_in(client)
    data = {"code": "new", "csrf_token": csrf(client), "idempotency_key": "form-1"}
    first, second = client.post("/page", data=data), client.post("/page", data=data)
    assert (first.status_code, first.headers["Location"]) == (303, "/page?new")
    assert (second.status_code, second.headers["Location"]) == (303, "/page?new")


def test_token_and_cookie_together_are_refused(client, bearer):
    sign_in(client)
    answer = client.get("/api/v1/whoami", headers=bearer())
    assert (answer.status_code, answer.json["error"]) == (422, "BothCredentials")


def test_signing_out_ends_the_session_and_takes_the_cookie(client):
    sign_in(client)
    kept = client.get_cookie("biobank_session").value
    answer = client.post("/sign-out", data={"csrf_token": csrf(client)})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    assert client.get_cookie("biobank_session") is None
    client.set_cookie("biobank_session", kept)
    assert client.get("/page").status_code == 303


def test_signing_in_again_ends_what_the_cookie_was(client):
    sign_in(client)
    before = client.get_cookie("biobank_session").value
    sign_in(client)
    client.set_cookie("biobank_session", before)
    assert client.get("/page").status_code == 303


def test_use_keeps_a_session_alive_by_one_write_a_minute(client, app):
    sign_in(client)
    first, _ = row(app)
    client.get("/page")
    assert row(app)[0] == first
    earlier = now() - timedelta(minutes=14)
    row(app, lambda session: setattr(session, "last_seen_at", earlier))
    client.get("/page")
    assert row(app)[0] > first


def test_a_refused_request_is_use_too(client, app):
    sign_in(client)
    row(app, lambda session: setattr(session, "last_seen_at", now() - timedelta(minutes=14)))
    assert client.post("/page", data={"code": "not a code", "csrf_token": csrf(client)}).status_code == 422
    assert row(app)[0] > now() - timedelta(minutes=1)


def test_an_idle_session_ends(client, app):
    sign_in(client)
    row(app, lambda session: setattr(session, "last_seen_at", now() - timedelta(minutes=15)))
    assert client.get("/page").status_code == 303
    assert client.get("/api/v1/whoami").status_code == 401


@pytest.fixture
def station_token(app):
    from biobank.sites.operations import register_station

    with app.app_context(), writing() as work:
        return register_station(work, by="setup", site="clinic-1", name="bench-2")[1]


def test_a_browser_becomes_a_station_and_sessions_carry_it(client, app, station_token):
    assert "Register this station" in client.get("/station").text
    assert client.post("/station", data={"token": "biobank_wrong"}).status_code == 404
    answer = client.post("/station", data={"token": station_token})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/sign-in")
    sign_in(client)
    assert row(app)[1] == "clinic-1/bench-2"
    assert client.get("/api/v1/whoami").json["station"] == "clinic-1/bench-2"


def test_a_station_cookie_that_is_none_locks_nobody_out(client, app):
    client.set_cookie("biobank_station", "biobank_stale")
    assert sign_in(client).status_code == 303
    assert row(app)[1] is None


def test_nothing_secret_lies_in_the_database(client, app):
    sign_in(client)
    cookie = client.get_cookie("biobank_session").value
    with app.app_context(), reading() as work:
        found = work.session.query(BrowserSession).one()
        assert cookie not in str(vars(found))


def test_demo_people_are_shown_in_the_demo_alone(app, client, settings):
    from biobank.core.database import SETTINGS

    app.extensions["biobank.demo_people"] = [
        {"name": "demo.ana", "password": "demo words", "role": "clinic staff"}
    ]
    assert "demo words" in client.get("/sign-in").text
    app.extensions[SETTINGS] = settings.with_changes(demo=False)
    assert "demo words" not in client.get("/sign-in").text


def test_the_frame_says_who_is_signed_in_and_where(client):
    sign_in(client)
    page = client.get("/framed").text
    assert "Testa clinic.ana" in page
    assert "clinic staff" in page
    assert "Clinic One" in page
    assert "America/Chicago" in page
