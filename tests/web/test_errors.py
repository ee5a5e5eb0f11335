"""One clear sentence for everything that can go wrong, as problem+json or as a page."""

import logging

import pytest

from biobank.core.database import reading
from biobank.web.errors import answer_to
from biobank.web.static_files import address_of


def test_a_refusal_says_kind_sentence_and_what_is_allowed(client, bearer):
    answer = client.post("/api/v1/refused", headers=bearer())
    assert answer.status_code == 409
    assert answer.content_type == "application/problem+json"
    assert answer.json == {
        "type": "about:blank",
        "title": "Not now",
        "status": 409,
        "detail": "This tube is stored; store it again elsewhere.",
        "error": "StepRefused",
        "allowed_actions": ["check_out", "move"],
    }


def test_half_written_json_is_400(client, bearer, sites):
    headers = {**bearer(), "Content-Type": "application/json"}
    answer = client.post("/api/v1/sites", data='{"code": "ne', headers=headers)
    assert (answer.status_code, answer.content_type) == (400, "application/problem+json")
    assert "well-formed JSON" in answer.json["detail"]
    assert sites() == set()


@pytest.mark.parametrize(
    ("path", "method", "status"), [("/api/v1/nothing", "get", 404), ("/api/v1/sites", "put", 405)]
)
def test_what_no_route_takes_is_a_problem_too(client, path, method, status):
    answer = getattr(client, method)(path)
    assert (answer.status_code, answer.json["status"]) == (status, status)
    assert ("POST" in answer.headers.get("Allow", "")) is (status == 405)


def test_outside_the_api_it_is_a_page(client):
    answer = client.get("/nothing")
    assert answer.status_code == 404
    assert b"There is nothing at this address" in answer.data
    assert answer.mimetype == "text/html"


@pytest.mark.parametrize("path", ["/api/v1/broken", "/broken"])
def test_the_unexpected_is_a_plain_sentence_and_its_reason_stays_in_the_log(client, caplog, path):
    with caplog.at_level(logging.ERROR):
        answer = client.get(path, query_string={"canary": "Testa-Participant"})
    assert answer.status_code == 500
    assert b"nothing was recorded" in answer.data
    assert b"secret-of-the-house" not in answer.data
    assert "secret-of-the-house" in caplog.text
    assert "Testa-Participant" not in caplog.text


def test_a_database_that_is_away_is_503_with_a_time_to_come_back(app, client, bearer):
    headers = bearer()
    from biobank.core.errors import DatabaseUnavailable

    with app.test_request_context("/api/v1/whoami", headers=headers):
        answer = answer_to(DatabaseUnavailable("The database did not take this."))
    assert (answer.status_code, answer.headers["Retry-After"]) == (503, "5")
    assert answer.json["detail"] == "The database did not take this."


def test_what_another_writer_was_faster_with_is_a_conflict_and_no_fault(client, bearer):
    answer = client.post("/api/v1/unchecked", json={"code": "clinic-1"}, headers=bearer())
    assert answer.status_code == 409
    assert "at the same moment" in answer.json["detail"]


def test_what_a_schema_finds_is_named_by_field(app):
    from webargs.flaskparser import abort
    from werkzeug.exceptions import HTTPException

    with app.test_request_context("/api/v1/custody/events"):
        try:
            abort(422, messages={"json": {"scans": {"0": {"item": ["Missing data for required field."]}}}})
        except HTTPException as problem:
            answer = answer_to(problem)
    assert answer.json["detail"] == "scans.0.item: Missing data for required field."
    assert answer.json["errors"] == {"scans": {"0": {"item": ["Missing data for required field."]}}}


@pytest.mark.parametrize("name", ["x\\u0000y", "x" * 5000])
def test_what_does_not_fit_its_field_never_fails_on_our_side(app, client, bearer, name):
    headers = {**bearer(), "Content-Type": "application/json"}
    answer = client.post("/api/v1/unchecked", data=f'{{"name": "{name}"}}', headers=headers)
    # SQLite takes every text; PostgreSQL knows lengths and has no NUL.
    taken = app.config["SQLALCHEMY_DATABASE_URI"].get_backend_name() == "sqlite"
    assert answer.status_code == (201 if taken else 422)


def test_half_a_surrogate_is_no_json(client, bearer, sites):
    headers = {**bearer(), "Content-Type": "application/json"}
    assert client.post("/api/v1/sites", data='{"code": "\\ud800"}', headers=headers).status_code in (400, 422)
    assert sites() == set()


def test_too_much_at_once_is_refused(client, bearer):
    answer = client.post("/api/v1/sites", data=b"x" * (17 * 1024 * 1024), headers=bearer())
    assert answer.status_code == 413


def test_security_headers_are_on_every_answer(client):
    for path in ("/healthz", "/nothing", "/api/v1/nothing", "/sign-in", address_of("mark.svg")):
        headers = client.get(path).headers
        assert headers["Content-Security-Policy"].startswith("default-src 'none'; script-src 'self'")
        assert "unsafe" not in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert (headers.get("Cache-Control") == "no-store") is not path.startswith("/static")


def test_health_readiness_version_and_metrics(app, client):
    assert client.get("/healthz").json == {"status": "ok"}
    with app.app_context(), reading() as work:
        from sqlalchemy import text

        schema = work.connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
    assert client.get("/readyz").json == {"status": "ok", "schema": schema}
    assert client.get("/version").json["version"]
    lines = client.get("/metrics").text.splitlines()
    assert 'biobank_requests_total{method="GET",status="200"} 3' in lines
