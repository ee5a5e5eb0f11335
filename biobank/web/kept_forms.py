"""What somebody had typed when their sign-in was over: kept for them, offered again, sent once.

Only a form that this service drew for one of its sessions is kept: its token says for which.
"""

import hashlib
import hmac
import json
import os
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from flask import Flask, Request, Response, request
from sqlalchemy import delete, select

from biobank.access.identifiers import holds_badge
from biobank.access.station_sessions import opened_since
from biobank.core.database import Work, writing
from biobank.core.moments import now
from biobank.core.tokens import sha256_of
from biobank.web.current import current_settings, service_secret
from biobank.web.idempotency import OF_THE_FRAME
from biobank.web.models import KeptForm
from biobank.web.sessions import COOKIE, csrf_token_of, current_visit

KEPT_FOR = timedelta(hours=1)
LARGEST = 200_000
"""Characters of all fields together; what is longer came from a file."""
NONCE_BYTES = 12
SECRET = re.compile(
    "password|pin$|secret|token|badge|^(given_name|family_name|birth_date|email|phone|postal_address|"
    "programme_participant)$",
    re.IGNORECASE,
)
"""Names of fields that are never kept, identities among them; they are asked for again."""

Fields = list[tuple[str, str]]


@dataclass(frozen=True)
class Typed:
    """A kept form, opened for its person."""

    number: int
    path: str
    key: str
    kept_at: datetime
    fields: Fields
    asked_again: list[str]
    """Names of the fields that were not kept."""
    had_files: bool


def keep_form(asked: Request, path: str | None = None) -> str | None:
    """Keep a form of this service that came after its sign-in was over; the person whose form it is.

    In a transaction of its own; `path` is where it goes to, if not here. None for what is no such form.
    """
    key, token = asked.form.get("idempotency_key"), asked.form.get("csrf_token")
    if asked.method != "POST" or not key or not token:
        return None
    if sum(len(name) + len(text) for name, text in asked.form.items(multi=True)) > LARGEST:
        return None
    with writing() as work:
        person = whose_form(work, token)
        if person is not None:
            _store(work, person, key[:200], path or asked.full_path.rstrip("?"), asked)
    return person


def whose_form(work: Work, token: str) -> str | None:
    """The person for whose session a form was drawn; each session's forms carry a token of their own.

    Of all sessions of the last hours, so that it is also known after a sign-out in another tab.
    """
    since = now() - timedelta(hours=current_settings().session_absolute_hours)
    sessions = opened_since(work, since)
    mine = sha256_of(request.cookies.get(COOKIE, ""))
    sessions.sort(key=lambda session: session[0] != mine)
    given = token.encode()
    return next(
        (who for sha256, who in sessions if hmac.compare_digest(csrf_token_of(sha256).encode(), given)), None
    )


def _store(work: Work, person: str, key: str, path: str, asked: Request) -> None:
    at = now()
    work.session.execute(
        delete(KeptForm).where(
            (KeptForm.kept_until <= at) | ((KeptForm.person == person) & (KeptForm.key == key))
        )
    )
    work.session.add(
        KeptForm(
            person=person,
            key=key,
            path=path,
            sealed=_sealed(person, path, asked),
            kept_at=at,
            kept_until=at + KEPT_FOR,
        )
    )


def _sealed(person: str, path: str, asked: Request) -> bytes:
    told = [(name, text) for name, text in asked.form.items(multi=True) if name not in OF_THE_FRAME]
    kept = [(name, text) for name, text in told if not SECRET.search(name) and not holds_badge(text)]
    content = {
        "fields": kept,
        "asked_again": [name for name, _ in told if SECRET.search(name)],
        "had_files": any(file.filename for file in asked.files.values()),
    }
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(_key()).encrypt(nonce, json.dumps(content).encode(), f"{person}\n{path}".encode())


def _key() -> bytes:
    return hmac.new(service_secret(), b"kept forms", hashlib.sha256).digest()


def _opened(row: KeptForm) -> Typed | None:
    """None for what another secret key sealed: it cannot be read any more."""
    nonce, sealed = row.sealed[:NONCE_BYTES], row.sealed[NONCE_BYTES:]
    try:
        plain = AESGCM(_key()).decrypt(nonce, sealed, f"{row.person}\n{row.path}".encode())
    except InvalidTag:
        return None
    content = json.loads(plain)
    fields = [(str(name), str(text)) for name, text in content["fields"]]
    return Typed(row.id, row.path, row.key, row.kept_at, fields, content["asked_again"], content["had_files"])


def has_kept_form(work: Work, person: str) -> bool:
    found = select(KeptForm.id).where(KeptForm.person == person, KeptForm.kept_until > now())
    return work.session.scalar(found.limit(1)) is not None


def kept_forms(work: Work, person: str) -> Sequence[Typed]:
    """Those of the last hour, newest first."""
    rows = work.session.scalars(
        select(KeptForm)
        .where(KeptForm.person == person, KeptForm.kept_until > now())
        .order_by(KeptForm.id.desc())
    )
    return [typed for typed in map(_opened, rows) if typed is not None]


def forget_form(work: Work, person: str, number: int) -> None:
    """Thrown away by its person, or sent; what is gone stays gone."""
    work.session.execute(delete(KeptForm).where(KeptForm.person == person, KeptForm.id == number))


def install_kept_forms(app: Flask) -> None:
    app.after_request(_forgotten_when_sent)


def _forgotten_when_sent(response: Response) -> Response:
    """Once it was answered, refused or not, its person has it before them again."""
    visit = current_visit()
    if request.method == "POST" and visit is not None and response.status_code < 500:  # noqa: PLR2004 (ours failed)
        number = request.form.get("kept_form", "")
        if number.isascii() and number.isdigit():
            with writing() as work:
                forget_form(work, visit.by.person, int(number[:18]))
    return response
