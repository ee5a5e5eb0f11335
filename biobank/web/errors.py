"""What was raised becomes an answer: kind to status as data, problem+json under /api, a page elsewhere."""

import sqlite3
from collections.abc import Mapping
from contextlib import suppress
from http import HTTPStatus
from typing import Any

import orjson
from flask import Flask, Response, current_app, render_template, request, url_for
from sqlalchemy import exc
from werkzeug.exceptions import HTTPException, RequestEntityTooLarge

from biobank.access.checks import PasswordNeeded, SecondProofNeeded, SignInNeeded, TooManyAttempts
from biobank.access.permissions import Permission
from biobank.core.errors import (
    Conflict,
    DatabaseUnavailable,
    DomainError,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Outdated,
)
from biobank.custody.step_words import step_word
from biobank.items.identifiers import SHAPE
from biobank.participants.queries import ParticipantUnknown
from biobank.web.addresses import asked_page, is_sent_by_page, own_path, sent_to
from biobank.web.feedback import why
from biobank.web.kept_forms import keep_form
from biobank.web.sessions import FormExpired, current_visit
from biobank.web.signing_in import says_station

STATUS: dict[type[Exception], int] = {
    SignInNeeded: 401,
    TooManyAttempts: 429,
    NotFound: 404,
    Forbidden: 403,
    Conflict: 409,
    Invalid: 422,
    Malformed: 400,
    Outdated: 412,
    DatabaseUnavailable: 503,
    sqlite3.IntegrityError: 409,
    exc.IntegrityError: 409,
    exc.DataError: 422,
    OverflowError: 422,
}
"""The nearest kind counts: a `StepRefused(Conflict)` is a 409."""
with suppress(ImportError):  # psycopg comes with the extra `postgres`
    import psycopg

    STATUS |= {psycopg.IntegrityError: 409, psycopg.DataError: 422}

SENTENCES: Mapping[int, str] = {
    400: "The request could not be read; send well-formed JSON, or load the page again.",
    404: "There is nothing at this address; check it, or scan the item.",
    409: "Somebody else wrote this at the same moment; look again, then repeat what is still to do.",
    405: "This address does not take that method.",
    413: "This is more than the service takes at once; send less.",
    415: "This kind of content is not taken here; send application/json.",
    422: "What came in does not fit its field; check it for length and for characters that nobody types.",
    500: "Something failed on our side and nothing was recorded; try again, then call the administrator.",
}
NOT_YOUR_FORM = (
    "This page was opened by somebody else, who is not signed in here now; nothing was recorded, and what "
    "was typed is kept for them. Load the page again to do it yourself."
)
UNEXPECTED = 500
FIRST_ERROR = 400


def install_error_handlers(app: Flask) -> None:
    for kind in (DomainError, DatabaseUnavailable, HTTPException, Exception):
        app.register_error_handler(kind, answer_to)


def answer_to(problem: Exception) -> Response:
    """The one handler for everything that a request can raise."""
    if isinstance(problem, HTTPException):
        return _to_http(problem)
    if isinstance(problem, DomainError):
        return _to_refusal(problem)
    if isinstance(problem, DatabaseUnavailable):
        return _later(problem)
    status = status_of(problem)
    # Endpoint and method, not address or body: what people send is not for the log.
    current_app.logger.error("unexpected in %s %s", request.method, request.endpoint, exc_info=problem)
    return _told(status, _title(status), SENTENCES[status], {})


def _later(problem: DatabaseUnavailable) -> Response:
    response = _told(status_of(problem), "Database unavailable", str(problem), {})
    response.headers["Retry-After"] = "5"
    return response


def status_of(problem: Exception) -> int:
    return next((STATUS[kind] for kind in type(problem).__mro__ if kind in STATUS), UNEXPECTED)


def _title(status: int) -> str:
    return HTTPStatus(status).phrase


def problem_of(refusal: DomainError) -> dict[str, object]:
    """What a refusal says as problem+json (RFC 9457); codes and sentences only."""
    return {
        "error": type(refusal).__name__,
        **refusal.extra,
        "type": "about:blank",
        "title": refusal.title,
        "detail": refusal.detail,
        "status": status_of(refusal),
    }


def _to_refusal(problem: DomainError) -> Response:
    if isinstance(problem, SignInNeeded) and not _for_programs():
        return _to_sign_in()
    if isinstance(problem, SecondProofNeeded) and not _for_programs():
        return sent_to("/account")
    if isinstance(problem, FormExpired) and not _for_programs():
        return _of_another_sign_in(problem)
    status = status_of(problem)
    extra = {"error": type(problem).__name__, **problem.extra}
    response = _told(status if status != UNEXPECTED else FIRST_ERROR, problem.title, problem.detail, extra)
    if isinstance(problem, SignInNeeded):
        response.headers["WWW-Authenticate"] = "Bearer"
    if "retry_after_seconds" in problem.extra:
        response.headers["Retry-After"] = str(problem.extra["retry_after_seconds"])
    return response


def _to_sign_in() -> Response:
    """A page that needs somebody: first the badge or the password, then on where they were.

    What they had typed is kept over it: here, or by a page that stays and sends it again.
    """
    endpoint = "badges.badge" if says_station() else "access.sign_in"
    if is_sent_by_page():
        address = url_for(endpoint, next=asked_page(), kept="yes")
        return Response(status=401, headers={"Location": address})
    kept = None if request.method == "GET" else "yes" if keep_form(request) else "no"
    return sent_to(url_for(endpoint, next=asked_page(), kept=kept))


def _of_another_sign_in(expired: FormExpired) -> Response:
    """A form of another tab: its person's own is offered to them again, anybody else's is kept for them."""
    visit, whose = current_visit(), keep_form(request)
    if visit is not None and whose == visit.by.person:
        return sent_to("/kept-form")
    if whose is not None:
        return _told(409, expired.title, NOT_YOUR_FORM, {})
    return _told(status_of(expired), expired.title, expired.detail, {})


def _to_http(problem: HTTPException) -> Response:
    """Of werkzeug and of webargs, which puts what its schema found into `data`."""
    status = problem.code or UNEXPECTED
    if problem.response is not None or status < FIRST_ERROR:
        return current_app.make_response(problem.get_response())
    errors = _found_by_schema(problem)
    detail = _first_sentence(errors) or SENTENCES.get(status) or str(problem.description)
    response = _told(status, _title(status), detail, {"errors": errors} if errors else {})
    for name, value in problem.get_headers():
        if name in ("Allow", "Retry-After"):
            response.headers[name] = value
    return response


def _found_by_schema(problem: HTTPException) -> Any:
    """Messages by field, without the place where webargs looked, which says nothing to a person."""
    data = getattr(problem, "data", None)
    messages = data.get("messages") if isinstance(data, Mapping) else None
    if isinstance(messages, Mapping) and len(messages) == 1:
        return next(iter(messages.values()))
    return messages


def _first_sentence(errors: Any, path: str = "") -> str | None:
    if isinstance(errors, Mapping):
        for name, below in errors.items():
            return _first_sentence(below, f"{path}.{name}" if path else str(name))
    if isinstance(errors, list) and errors:
        return f"{path}: {errors[0]}" if path else str(errors[0])
    return None


def _for_programs() -> bool:
    """Scripts of our pages that send JSON are programs too; a redirect would lead them into a page."""
    return request.path.startswith("/api") or request.is_json


def _told(status: int, title: str, detail: str, extra: Mapping[str, object]) -> Response:
    if not _for_programs():
        page = render_template("errors/problem.html", title=title, sentence=detail, **_ways_on(extra))
        return Response(page, status, mimetype="text/html")
    document = {**extra, "type": "about:blank", "title": title, "detail": detail, "status": status}
    return Response(orjson.dumps(document, default=_plain), status, content_type="application/problem+json")


def _ways_on(extra: Mapping[str, object]) -> dict[str, object]:
    """What a page offers after a refusal: where they came from, and what may be done all the same."""
    item, actions = str(extra.get("item", "")), extra.get("allowed_actions", ())
    known = SHAPE.fullmatch(item) is not None
    steps = [str(action) for action in actions] if known and isinstance(actions, list | tuple) else []
    allowed = [
        {"label": step_word(step), "url": f"/items/{item}/steps/{step}"}
        for step in steps
        if step not in WITHOUT_FORM
    ]
    if extra.get("error") == PasswordNeeded.__name__:
        allowed = [
            {"label": "Sign in with your password", "url": url_for("access.sign_in", next=asked_page())}
        ]
    if extra.get("error") == ParticipantUnknown.__name__ and _may_begin_a_visit():
        allowed = [{"label": "Begin a visit with this code", "url": "/visits"}]
    back_url = extra.get("back_url") or _came_from(item if known and "sites" not in extra else "")
    return {"allowed": allowed, "back_url": back_url, "why": why()}


def _may_begin_a_visit() -> bool:
    """Who is at a clinic: there a code that nobody knows is somebody who is new."""
    visit = current_visit()
    return visit is not None and visit.by.may(Permission.RUN_VISITS)


def _came_from(item: str) -> str:
    """The page whose scan box was used, else the item's, else the start."""
    with suppress(RequestEntityTooLarge):  # whose form cannot be read
        return own_path(request.form.get("from", ""), f"/items/{item}" if item else "/")
    return "/"


WITHOUT_FORM = frozenset({"put_in_waste", "destroy", "displace"})
"""Steps that are taken on other pages than their item's."""


def _plain(value: object) -> object:
    """Sets of allowed steps and the like, in a stable order."""
    if isinstance(value, set | frozenset | tuple):
        return sorted(value) if isinstance(value, set | frozenset) else list(value)
    return str(value)
