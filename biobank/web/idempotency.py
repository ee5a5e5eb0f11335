"""The same request sent twice is done once: `Idempotency-Key`, remembered in the entry's own transaction.

The key is reserved before the work is done, so that of two requests at once the second waits for the first
and then gets its answer. Only successes are remembered: a refusal rolls the reservation back with the rest.
"""

import hashlib
import hmac
import json
from collections.abc import Callable
from typing import NoReturn

from flask import Request, Response
from sqlalchemy import bindparam, select, text, update
from werkzeug.datastructures import FileStorage

from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import now, to_microseconds
from biobank.core.statements import Statement
from biobank.web.current import service_secret
from biobank.web.feedback import tell_again, told_now
from biobank.web.models import IdempotencyKey

LONGEST = 200
OF_THE_FRAME = frozenset({"csrf_token", "idempotency_key", "kept_form", "kept_for", "from"})
"""Fields of a form that say nothing about what is to be done."""
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
    .values({name: bindparam(name) for name in ("status", "content_type", "location", "body", "told")}),
)
FIND = Statement(
    select(
        keys.c.request_sha256,
        keys.c.status,
        keys.c.content_type,
        keys.c.location,
        keys.c.body,
        keys.c.told,
    ).where(
        keys.c.person == bindparam("person"),
        keys.c.key == bindparam("key"),
    ),
)


class KeyRefused(Invalid):
    title = "Idempotency-Key refused"


class FormSentBefore(Conflict):
    """A page that was sent, gone back to, changed and sent once more."""

    title = "Sent before"

    def __init__(self, led_to: str) -> None:
        super().__init__(
            "This form was sent before, with something else in it, and that is what is recorded; look at it, "
            "and load the page again if there is more to do.",
            back_url=led_to,
        )


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
        return _replayed(work, person, key, digest, request)
    response = answer()
    remember(work, person, key, response)
    return response


def reserved(work: Work, person: str, key: str, digest: str) -> bool:
    """Whether the key is new; waits for whoever is using it at this moment."""
    at = to_microseconds(now())
    done = work.run(RESERVE, person=person, key=key, request_sha256=digest, body=b"", created_at=at)
    return done.rowcount != 0


def is_same_request(work: Work, person: str, key: str, digest: str) -> bool:
    """Whether a key that is not new was reserved for this very request."""
    found = work.run(FIND, person=person, key=key).fetchone()
    return found is not None and found[0] == digest


def keyed_hash(content: str) -> str:
    """64 hexadecimal digits, of which nobody without the service's key guesses what they are of."""
    return hmac.new(service_secret(), content.encode("utf-8", "surrogatepass"), hashlib.sha256).hexdigest()


def fingerprint(request: Request) -> str:
    """Keyed hash of method, path with query, and body, which may hold a password that could be guessed."""
    told = hmac.new(service_secret(), f"{request.method} {request.full_path}\n".encode(), hashlib.sha256)
    told.update(_fields(request) if request.form or request.files else request.get_data())
    return told.hexdigest()


def _fields(request: Request) -> bytes:
    """What was typed and chosen: sent again after a sign-in, a form differs in the frame's fields alone."""
    typed = [each for each in request.form.items(multi=True) if each[0] not in OF_THE_FRAME]
    files = [(name, file.filename, _digest(file)) for name, file in request.files.items(multi=True)]
    return json.dumps([typed, files]).encode()


def _digest(file: FileStorage) -> str:
    digest = hashlib.sha256(file.stream.read()).hexdigest()
    file.stream.seek(0)
    return digest


def _replayed(work: Work, person: str, key: str, digest: str, request: Request) -> Response:
    found = work.run(FIND, person=person, key=key).fetchone()
    if found is None or found[0] != digest:
        _refuse_reuse(request, found[3] if found else "")
    _, status, content_type, location, body, told = found
    response = Response(bytes(body), status=status, content_type=content_type)
    if location:
        response.headers["Location"] = location
    response.headers["Idempotency-Replayed"] = "true"
    if told:
        tell_again(told)
    return response


def _refuse_reuse(request: Request, led_to: str) -> NoReturn:
    if request.form.get("idempotency_key"):
        raise FormSentBefore(led_to)
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
        told=told_now(),
    )
