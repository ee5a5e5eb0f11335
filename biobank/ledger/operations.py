"""Appending to the ledger, in the transaction of whatever it records, and signing what it has become."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, insert, select, tuple_

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.ledger import checkpoints, queries
from biobank.ledger.canonical import canonical_bytes
from biobank.ledger.checkpoints import Checkpoint
from biobank.ledger.models import LedgerCheckpoint, LedgerUnsealed
from biobank.ledger.notes import SigningKey, to_base64
from biobank.ledger.queries import entries
from biobank.ledger.sealing import seal_whole
from biobank.ledger.tree import leaf_hash

ADD_ENTRY = Statement(
    insert(entries)
    .values({name: bindparam(name) for name in entries.c.keys() if name != "id"})  # noqa: SIM118 (columns, no dict)
    .returning(entries.c.id),
)
ADD_ENTRIES = Statement(
    insert(entries).values({name: bindparam(name) for name in entries.c.keys() if name != "id"}).inline()  # noqa: SIM118 (columns, no dict)
)
"""The same for many at once, which gives no numbers back."""
ADD_UNSEALED = Statement(insert(table_of(LedgerUnsealed)).values(entry_id=bindparam("entry_id")))
NEWEST_ENTRY = Statement(
    select(entries.c.sequence, entries.c.hash, entries.c.recorded_at)
    .where(entries.c.subject == bindparam("subject"))
    .order_by(entries.c.sequence.desc())
    .limit(1),
)


@dataclass(frozen=True)
class Appended:
    """An entry as it was written; `event` is the body before it became bytes."""

    entry_id: int
    sequence: int
    hash: bytes
    event: Mapping[str, Any]


@dataclass(frozen=True)
class Written:
    """The bytes of an entry and their leaf hash, before they are stored."""

    sequence: int
    previous: bytes
    hash: bytes
    body: bytes
    recorded_at: datetime
    event: Mapping[str, Any]


def write_entry(
    *,
    subject: str,
    sequence: int,
    previous: bytes,
    kind: str,
    recorded_at: datetime,
    content: Mapping[str, Any],
) -> Written:
    """Put an entry into its exact bytes; `content` is JSON of strings, whole numbers, lists and objects."""
    event = {
        **content,
        "v": 1,
        "kind": kind,
        "subject": subject,
        "sequence": sequence,
        "previous": previous.hex(),
        "recorded_at": moments.to_text(recorded_at),
    }
    body = canonical_bytes(event)
    return Written(sequence, previous, leaf_hash(body), body, recorded_at, event)


def store_entry(work: Work, written: Written) -> Appended:
    """Store the bytes and queue them for sealing; two statements on the scan path's cursor."""
    row = work.run(ADD_ENTRY, **_columns(written)).fetchone()
    assert row is not None  # noqa: S101 (RETURNING gives the row that was inserted)
    work.run(ADD_UNSEALED, entry_id=row[0])
    return Appended(row[0], written.sequence, written.hash, written.event)


def store_entries(work: Work, many: Sequence[Written]) -> None:
    """Store many at once, each of another subject, and queue them for sealing."""
    work.run_many(ADD_ENTRIES, [_columns(written) for written in many])
    named = [(written.event["subject"], written.sequence) for written in many]
    numbers = select(entries.c.id).where(tuple_(entries.c.subject, entries.c.sequence).in_(named))
    unsealed = table_of(LedgerUnsealed)
    work.connection.execute(insert(unsealed).from_select(["entry_id"], numbers.order_by(entries.c.id)))


def _columns(written: Written) -> dict[str, Any]:
    return {
        "subject": written.event["subject"],
        "sequence": written.sequence,
        "kind": written.event["kind"],
        "recorded_at": moments.to_microseconds(written.recorded_at),
        "previous": written.previous,
        "hash": written.hash,
        "body": written.body,
    }


Follow = Callable[[Work, Written], None]
_followed: dict[str, Follow] = {}


def follow_entries(kinds: Iterable[str], follow: Follow) -> None:
    """Let `follow` be told of every entry of these kinds as it is appended; wired once for the service."""
    _followed.update(dict.fromkeys(kinds, follow))


def append_to(
    work: Work,
    *,
    subject: str,
    kind: str,
    content: Mapping[str, Any],
    recorded_at: datetime | None = None,
) -> Appended:
    """Append to a subject that keeps no head of its own: a participant, an order, a signature.

    The subject's newest entry is looked up; two at once meet at `UNIQUE (subject, sequence)`, so callers
    lock what the subject stands for first.
    """
    work.flush()
    newest = work.run(NEWEST_ENTRY, subject=subject).fetchone()
    sequence, previous, before = newest or (0, b"", 0)
    written = write_entry(
        subject=subject,
        sequence=sequence + 1,
        previous=bytes(previous),
        kind=kind,
        recorded_at=max(recorded_at or moments.now(), moments.from_microseconds(before)),
        content=content,
    )
    stored = store_entry(work, written)
    if kind in _followed:
        _followed[kind](work, written)
    return stored


CHECKPOINTS = "checkpoint"
"""The subject of the entries about checkpoints."""


def issue_checkpoint(work: Work, key: SigningKey) -> str:
    """Seal all that waits and sign the tree's size and root; returns the signed note.

    The entry about a checkpoint is covered by the next one. Hand the note out after the commit only: signed
    and rolled back, it would speak against the log.
    """
    seal_whole(work)
    size = queries.tree_size(work)
    checkpoint = Checkpoint(key.name, size, queries.root(work, size))
    text = checkpoints.make(checkpoint, key)
    content = {"size": size, "root": to_base64(checkpoint.root), "key": str(key.public)}
    entry = append_to(work, subject=CHECKPOINTS, kind="checkpoint", content=content)
    issued_at = moments.read_moment(entry.event["recorded_at"]).at
    work.session.add(LedgerCheckpoint(size=size, root=checkpoint.root, text=text, issued_at=issued_at))
    work.flush()
    return text
