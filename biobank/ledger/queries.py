"""Questions about the log: a subject's entries, proofs of them, its size, its checkpoints, what waits."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from typing import Any

import orjson
from sqlalchemy import bindparam, func, literal, select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, NotFound
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.ledger import tree
from biobank.ledger.models import LedgerCheckpoint, LedgerEntry, LedgerLeaf, LedgerNode, LedgerUnsealed
from biobank.ledger.notes import to_base64

entries = table_of(LedgerEntry)
leaves = table_of(LedgerLeaf)
nodes = table_of(LedgerNode)
unsealed = table_of(LedgerUnsealed)

TREE_SIZE = Statement(select(func.coalesce(func.max(leaves.c.leaf_index) + literal(1), literal(0))))
FIND_NODE = Statement(
    select(nodes.c.hash).where(
        nodes.c.level == bindparam("level"), nodes.c.position == bindparam("position")
    ),
)
WAITING = Statement(
    select(func.count(), func.min(entries.c.recorded_at)).select_from(
        unsealed.join(entries, entries.c.id == unsealed.c.entry_id)
    ),
)


_stream_numbers = count(1)
ROWS_AT_ONCE = 5_000


class TreeDamaged(Conflict):
    """A node that must be there is not: somebody has worked on the tree."""

    title = "The ledger is damaged"


class UnknownEntry(NotFound):
    title = "Unknown ledger entry"


class NotSealedYet(Conflict):
    title = "Not sealed yet"


@dataclass(frozen=True)
class Entry:
    """An entry as it is stored; `event` is its body, read. `leaf_index` is None until it is sealed."""

    id: int
    subject: str
    sequence: int
    kind: str
    recorded_at: datetime
    hash: bytes
    event: Mapping[str, Any]
    leaf_index: int | None


@dataclass(frozen=True)
class Waiting:
    """Entries without a place in the tree: how many, and since when the oldest waits."""

    count: int
    oldest: datetime | None


_entry = select(LedgerEntry, LedgerLeaf.leaf_index).outerjoin(
    LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id
)


def entries_of(work: Work, subject: str) -> list[Entry]:
    """All entries of a subject in their order."""
    question = _entry.where(LedgerEntry.subject == subject).order_by(LedgerEntry.sequence)
    return [_read(found, leaf_index) for found, leaf_index in work.session.execute(question)]


def entry_of(work: Work, subject: str, sequence: int) -> Entry:
    """Raises `UnknownEntry`."""
    question = _entry.where(LedgerEntry.subject == subject, LedgerEntry.sequence == sequence)
    row = work.session.execute(question).one_or_none()
    if row is None:
        raise UnknownEntry(f"The ledger has no entry {sequence} of {subject}; look at its history again.")
    return _read(row[0], row[1])


def entry_body(entry: LedgerEntry) -> dict[str, Any]:
    body: dict[str, Any] = orjson.loads(entry.body)
    return body


def _read(found: LedgerEntry, leaf_index: int | None) -> Entry:
    return Entry(
        found.id,
        found.subject,
        found.sequence,
        found.kind,
        found.recorded_at,
        found.hash,
        entry_body(found),
        leaf_index,
    )


def tree_size(work: Work) -> int:
    row = work.run(TREE_SIZE).fetchone()
    return int(row[0]) if row else 0


def node_reader(work: Work) -> tree.NodeReader:
    """Reads stored nodes; raises `TreeDamaged` for one that is not there."""

    def node(level: int, position: int) -> bytes:
        row = work.run(FIND_NODE, level=level, position=position).fetchone()
        if row is None:
            raise TreeDamaged(
                f"Node {position} of level {level} of the ledger's tree is not there: "
                "run `biobank ledger verify` and keep a copy of the database as it is."
            )
        return bytes(row[0])

    return node


def frontier_hashes(work: Work, size: int) -> list[bytes]:
    """The hashes from which a tree of `size` leaves goes on growing."""
    node = node_reader(work)
    return [node(level, position) for level, position in tree.frontier(size)]


def root(work: Work, size: int) -> bytes:
    return tree.root(size, node_reader(work))


def inclusion_proof(work: Work, subject: str, sequence: int) -> dict[str, Any]:
    """What shows that an entry is in the log: verify it with the leaf hash of the entry's own bytes.

    Against the newest checkpoint if it covers the entry, else against the tree as it stands (`checkpoint`
    is None then). Hashes are in base64, as in checkpoints. Raises `UnknownEntry`, `NotSealedYet`.
    """
    entry = entry_of(work, subject, sequence)
    if entry.leaf_index is None:
        raise NotSealedYet(
            f"Entry {sequence} of {subject} gets its place in the tree within a second: ask again."
        )
    checkpoint = newest_checkpoint(work)
    covered = checkpoint if checkpoint and checkpoint.size > entry.leaf_index else None
    size = covered.size if covered else tree_size(work)
    node = node_reader(work)
    return {
        "leaf_index": entry.leaf_index,
        "leaf_hash": to_base64(entry.hash),
        "size": size,
        "root": to_base64(tree.root(size, node)),
        "hashes": [to_base64(each) for each in tree.inclusion_proof(entry.leaf_index, size, node)],
        "checkpoint": covered.text if covered else None,
    }


def consistency(work: Work, from_size: int) -> dict[str, Any]:
    """What shows that the newest checkpoint's log begins with the first `from_size` leaves.

    Raises `UnknownEntry` where there is no checkpoint yet, `tree.ProofRefused` for a size it does not cover.
    """
    checkpoint = newest_checkpoint(work)
    if checkpoint is None:
        raise UnknownEntry("No checkpoint was issued yet: issue one with `biobank ledger checkpoint`.")
    hashes = tree.consistency_proof(from_size, checkpoint.size, node_reader(work))
    return {
        "first": from_size,
        "second": checkpoint.size,
        "hashes": [to_base64(each) for each in hashes],
        "checkpoint": checkpoint.text,
    }


def newest_checkpoint(work: Work) -> LedgerCheckpoint | None:
    question = select(LedgerCheckpoint).order_by(LedgerCheckpoint.id.desc()).limit(1)
    return work.session.scalars(question).first()


def waiting(work: Work) -> Waiting:
    """What has no place in the tree yet; for the alarm and the metrics."""
    work.flush()
    row = work.run(WAITING).fetchone()
    count, oldest = row or (0, None)
    return Waiting(count, None if oldest is None else moments.from_microseconds(oldest))


def streamed(work: Work, statement: Statement, **parameters: object) -> Iterator[tuple[Any, ...]]:
    """The rows of a long answer, a few thousand in memory at a time; several may be read side by side."""
    name = {} if work.is_sqlite else {"name": f"stream_{next(_stream_numbers)}"}
    cursor = work.connection.connection.cursor(**name)
    try:
        cursor.execute(statement.text[work.dialect], {**statement.constants[work.dialect], **parameters})
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows
    finally:
        cursor.close()
