"""Writing down each look into the vault, in the vault and in the ledger, before anybody gets an answer.

Two databases have no common commit. The ledger's entry is written first, in the caller's transaction.
Then the vault keeps its record, with what is entered or changed, in a transaction of its own; then the
caller's is kept. What fails before the vault's leaves nothing on either side. What fails after it takes
nothing back: the entry is in the ledger before `writing()` returns, or `finish_accesses` adds it (after a
power cut, or where the ledger is away), and who entered or changed something is told that it stands
(`KeptAllTheSame`).
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import FAILURES, Work, reading, writing
from biobank.core.errors import DatabaseUnavailable
from biobank.identity import checks
from biobank.identity.choices import AccessKind, IdentityField
from biobank.identity.inputs import Asked
from biobank.identity.models import VaultAccess
from biobank.identity.vault import Vault, vault_writing
from biobank.ledger.operations import append_to
from biobank.ledger.queries import entries
from biobank.participants.operations import lock
from biobank.participants.queries import subject_of

ENTRY = "identity_access"
"""The kind of the ledger's entries."""


@dataclass(frozen=True)
class Access:
    """A look that was written down: what it lets be answered, and where the ledger says so."""

    access: str
    participant: str | None
    fields: frozenset[IdentityField]
    subject: str
    sequence: int
    hash: bytes
    content: dict[str, Any]


def record_access(
    work: Work,
    by: Actor,
    kind: AccessKind,
    participant: str | None,
    fields: frozenset[IdentityField],
    asked: Asked,
    *,
    answer: bool | None = None,
    along: Callable[[Vault], None] | None = None,
) -> Access:
    """`participant` is a code, None for a search that found nobody; `along` is kept with the vault's record.

    Raises `AccessReasonNeeded`, `AccessNotRecorded`; with `along` at the transaction's end `KeptAllTheSame`.
    """
    given = checks.reason_given(kind, asked)
    code = lock(work, participant).code if participant else None
    record = VaultAccess(
        access=secrets.token_hex(16),
        participant=code,
        kind=kind.value,
        fields=",".join(sorted(fields)),
        reason=str(given.reason),
        document=given.document,
        answer=None if answer is None else "yes" if answer else "no",
        by=by.person,
        roles=",".join(sorted(by.roles)),
        station=by.station,
        at=moments.now(),
    )
    content = content_of(record)
    subject = subject_of_access(record.access if code is None else None, code)
    try:
        entry = append_to(work, subject=subject, kind=ENTRY, content=content)
    except FAILURES as problem:
        raise checks.AccessNotRecorded from problem
    _keep_in_vault(record, along)
    access = Access(content["access"], code, fields, subject, entry.sequence, entry.hash, content)
    work.afterwards.append(lambda: _in_the_ledger(access, changes=along is not None))
    return access


def subject_of_access(access: str | None, participant: str | None) -> str:
    """Under the participant; a search that found nobody stands by itself."""
    return subject_of(participant) if participant else f"identity_search:{access}"


def content_of(record: VaultAccess) -> dict[str, Any]:
    """What the ledger keeps of a look, which is all of it: codes only."""
    told = {"document": record.document, "answer": record.answer, "station": record.station}
    return {name: value for name, value in told.items() if value is not None} | {
        "access": record.access,
        "participant": record.participant,
        "access_kind": record.kind,
        "fields": record.fields.split(","),
        "reason": record.reason,
        "roles": record.roles,
        "at": moments.to_text(record.at),
        "recorded_by": record.by,
    }


def _keep_in_vault(record: VaultAccess, along: Callable[[Vault], None] | None) -> None:
    try:
        with vault_writing() as vault:
            vault.session.add(record)
            vault.work.flush()
            vault.session.expunge(record)
            if along is not None:
                along(vault)
    except (SQLAlchemyError, DatabaseUnavailable) as problem:
        raise checks.AccessNotRecorded from problem


def is_in_the_ledger(access: Access) -> bool:
    """Asked in a transaction of its own: what is not kept yet is not there."""
    question = select(entries.c.hash).where(
        entries.c.subject == access.subject, entries.c.sequence == access.sequence
    )
    with reading() as work:
        found = work.connection.execute(question).scalar()
    return found is not None and bytes(found) == access.hash


def _in_the_ledger(access: Access, *, changes: bool) -> None:
    """After the transaction it was part of; what was rolled back with it is written once more.

    Raises `AccessNotRecorded`: then there is no answer, whatever it was going to be. Raises `KeptAllTheSame`
    where the vault was changed and the answer was lost with its transaction.
    """
    try:
        if is_in_the_ledger(access):
            return
        with writing() as work:
            finish(work, access.subject, access.content)
    except (SQLAlchemyError, DatabaseUnavailable) as problem:
        raise checks.KeptAllTheSame if changes else checks.AccessNotRecorded from problem
    if changes:
        raise checks.KeptAllTheSame


def finish(work: Work, subject: str, content: dict[str, Any]) -> None:
    """Write the entry of a look whose own transaction was not kept."""
    if content["participant"]:
        lock(work, content["participant"])
    append_to(work, subject=subject, kind=ENTRY, content={**content, "finished": "afterwards"})
