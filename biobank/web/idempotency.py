"""The same request sent twice is done once: `Idempotency-Key`, remembered in the entry's own transaction.

The key is reserved before the work is done, so that of two requests at once the second waits for the first
and then gets its answer. Only successes are remembered: a refusal rolls the reservation back with the rest.
"""

import hashlib
import hmac
from collections.abc import Callable
from typing import NoReturn

from flask import Request, Response, current_app
from sqlalchemy import bindparam, select, text, update

from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.core.moments import now, to_microseconds
from biobank.core.statements import Statement
from biobank.web.models import IdempotencyKey

LONGEST = 200
keys = IdempotencyKey.__table__

RESERVE = Statement(
    text(
        "INSERT INTO idempotency_keys "
        "(person, key, request_sha256, status, content_type, location, body, created_at) "
        "VALUES (:person, :key, :request_sha256, 0, '', '', :body, :created_at) ON CONFLICT DO NOTHING",
    ),
)
REMEMBER = Statement(
    update(IdempotencyKey)
    .where(keys.c.person == bindparam("of_person"), keys.c.key == bindparam("of_key"))
    .values({name: bindparam(name) for name in ("status", "content_type", "location", "body")}),
)
FIND = Statement(
    select(keys.c.request_sha256, keys.c.status, keys.c.content_type, keys.c.location, keys.c.body).where(
        keys.c.person == bindparam("person"),
        keys.c.key == bindparam("key"),
    ),
)


class KeyRefused(Invalid):
    title = "Idempotency-Key refused"


def key_of(request: Request) -> str | None:
    """The header, or of a page's form the field `idempotency_key`."""
    key = request.headers.get("Idempotency-Key") or request.form.get("idempotency_key")
    if key and (len(key) > LONGEST or not key.isprintable()):
        raise KeyRefused(f"An Idempotency-Key has at most {LONGEST} printable characters.")
    return key or None


def answered_once(work: Work, person: str, request: Request, answer: Callable[[], Response]) -> Response:
    """The remembered answer when this request was answered before, else `answer()`, remembered.

    Raises `KeyRefused` when the key was used for another request.
    """
    key = key_of(request)
    if key is None:
        return answer()
    digest = fingerprint(request)
    if not reserved(work, person, key, digest):
        return _replayed(work, person, key, digest)
    response = answer()
    remember(work, person, key, response)
    return response


def reserved(work: Work, person: str, key: str, digest: str) -> bool:
    """Whether the key is new; waits for whoever is using it at this moment."""
    at = to_microseconds(now())
    done = work.run(RESERVE, person=person, key=key, request_sha256=digest, body=b"", created_at=at)
    return done.rowcount != 0


def fingerprint(request: Request) -> str:
    """Keyed hash of method, path with query, and body, which may hold a password that could be guessed."""
    key = current_app.secret_key
    assert isinstance(key, bytes)  # noqa: S101 (set once by create_app)
    told = hmac.new(key, f"{request.method} {request.full_path}\n".encode(), hashlib.sha256)
    told.update(request.get_data())
    return told.hexdigest()


def _replayed(work: Work, person: str, key: str, digest: str) -> Response:
    found = work.run(FIND, person=person, key=key).fetchone()
    if found is None or found[0] != digest:
        _refuse_reuse()
    _, status, content_type, location, body = found
    response = Response(bytes(body), status=status, content_type=content_type)
    if location:
        response.headers["Location"] = location
    response.headers["Idempotency-Replayed"] = "true"
    return response


def _refuse_reuse() -> NoReturn:
    raise KeyRefused("This Idempotency-Key was used for another request; make a new one for each request.")


def remember(work: Work, person: str, key: str, response: Response) -> None:
    """The answer to a reserved key, in the transaction that reserved it."""
    work.run(
        REMEMBER,
        of_person=person,
        of_key=key,
        status=response.status_code,
        content_type=response.content_type or "",
        location=response.headers.get("Location", ""),
        body=response.get_data(),
    )
