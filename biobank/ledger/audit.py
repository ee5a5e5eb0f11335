"""One pass over the whole log: each entry's bytes, index columns, chain, leaf and time, against the rest."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Any

import orjson
from sqlalchemy import select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import EPOCH, MICROSECOND
from biobank.core.statements import Statement
from biobank.ledger.chains import Chains, Filed, Interval, Issued
from biobank.ledger.findings import Finding, Wrong
from biobank.ledger.offline_verifier import first_to_last
from biobank.ledger.queries import entries, leaves, streamed, unsealed
from biobank.ledger.tree import HASH_LENGTH
from biobank.ledger.tree_audit import GrownTree

CHUNK = 10_000
WIDEST_GAP = 1_000_000
"""Leaves that may lack in a row before what follows counts as inserted."""

_columns = [entries.c[name] for name in (
    "id", "subject", "sequence", "kind", "recorded_at", "previous", "hash", "body",
)]  # fmt: skip
SEALED = Statement(
    select(leaves.c.leaf_index, *_columns)
    .select_from(leaves.outerjoin(entries, entries.c.id == leaves.c.entry_id))
    .order_by(leaves.c.leaf_index),
)
NOT_SEALED = Statement(
    select(unsealed.c.entry_id, *_columns)
    .select_from(
        entries.outerjoin(leaves, leaves.c.entry_id == entries.c.id).outerjoin(
            unsealed, unsealed.c.entry_id == entries.c.id
        )
    )
    .where(leaves.c.leaf_index.is_(None))
    .order_by(entries.c.id),
)


class Audit:
    """Reads the log once; `findings`, `tree` and `checkpoint_entries` are what came out."""

    def __init__(self, work: Work, wanted_sizes: Sequence[int], issued: Sequence[Issued]) -> None:
        self.work = work
        self.tree = GrownTree(work, wanted_sizes)
        self.findings: list[Finding] = []
        self.entries = 0
        self.checkpoint_entries: list[Mapping[str, Any]] = []
        self.chains = Chains()
        self._times = Interval(issued, work.settings.clock_skew_minutes)
        self._changed_leaves: set[int] = set()

    def run(self) -> None:
        rows = streamed(self.work, SEALED)
        while chunk := list(islice(rows, CHUNK)):
            self._sealed(chunk)
        self._not_sealed()
        self.findings += self.tree.findings()
        self.findings += self.chains.all_findings()

    def _find(self, kind: Wrong, subject: str | None, sequence: int | None, sentence: str) -> None:
        self.findings.append(Finding(kind, subject, sequence, sentence))

    def _sealed(self, chunk: list[tuple[Any, ...]]) -> None:
        digests: list[bytes] = []
        rows: dict[int, tuple[Any, ...]] = {}
        for leaf_index, entry_id, *row in chunk:
            expected = self.tree.size + len(digests)
            if not expected <= leaf_index <= expected + WIDEST_GAP:
                self._find(Wrong.INSERTED, row[0], row[1], f"Leaf {leaf_index} is no place in the tree.")
                continue
            if leaf_index > expected or entry_id is None:
                digests += self._lacking(range(expected, leaf_index + (entry_id is None)))
            if entry_id is not None:
                rows[leaf_index] = tuple(row)
                digests.append(self._entry(row, leaf_index))
        for leaf_index in self.tree.grow(digests):
            if leaf_index in rows and leaf_index not in self._changed_leaves:
                self._is_not_its_leaf(leaf_index, *rows[leaf_index][:2])
        self._changed_leaves.clear()

    def _is_not_its_leaf(self, leaf_index: int, subject: str, sequence: int) -> None:
        self._find(
            Wrong.CHANGED, subject, sequence,
            f"{subject} entry {sequence} is not what was sealed as leaf {leaf_index}.",
        )  # fmt: skip

    def _lacking(self, gap: range) -> list[bytes]:
        """Stand in for leaves that are gone with the stored nodes, so that the rest still fits."""
        self._find(Wrong.REMOVED, None, None, f"Leaf {first_to_last(gap)} of the tree has no entry.")
        stored = self.tree.stored(0, gap.start, gap.stop)
        return [stored.get(leaf_index, bytes(HASH_LENGTH)) for leaf_index in gap]

    def _not_sealed(self) -> None:
        now = moments.to_microseconds(moments.now())
        alarm = self.work.settings.unsealed_alarm_seconds * 1_000_000
        for queued, _, *row in streamed(self.work, NOT_SEALED):
            subject, sequence, _, recorded_at, *_ = row
            self._entry(row, None)
            if queued is None:
                self._find(
                    Wrong.INSERTED, subject, sequence,
                    f"{subject} entry {sequence} is neither in the tree nor waits for it.",
                )  # fmt: skip
            elif type(recorded_at) is int and now - recorded_at > alarm:
                self._find(
                    Wrong.UNSEALED, subject, sequence,
                    f"{subject} entry {sequence} waits for its place in the tree "
                    f"since {_text(recorded_at)}.",
                )  # fmt: skip

    def _entry(self, row: Sequence[Any], leaf_index: int | None) -> bytes:
        """Check one entry by itself and in its chain; returns the leaf hash of its bytes."""
        self.entries += 1
        subject, sequence, kind, recorded_at, previous, stated, body = row
        if type(body) is not bytes:  # SQLite stores in a column whatever it is given
            body = str(body).encode()
        digest = sha256(b"\x00" + body).digest()
        if digest != stated:
            self._changed(subject, sequence, leaf_index, "its bytes do not give its hash")
        filed = (subject, sequence, kind, recorded_at, previous)
        try:
            event = orjson.loads(body)
            said = _said(event)
        except (KeyError, TypeError, ValueError):
            self._changed(subject, sequence, leaf_index, "its bytes are no entry")
            if [type(column) for column in filed] != FILED_TYPES:
                return digest
            event, said = {}, filed
        if said != filed:
            self._columns_differ(filed, said)
        self.chains.follow(said, stated)
        if leaf_index is not None and not self._times.holds(leaf_index, said[3]):
            self._find(
                Wrong.BACK_DATED, subject, sequence,
                f"{subject} entry {sequence} says that it was recorded at {_text(said[3])}, which is not "
                "between the checkpoints that it lies between.",
            )  # fmt: skip
        if said[2] == "checkpoint" and event:
            self.checkpoint_entries.append(event)
        return digest

    def _changed(self, subject: str, sequence: int, leaf_index: int | None, why: str) -> None:
        if leaf_index is not None:
            self._changed_leaves.add(leaf_index)
        self._find(Wrong.CHANGED, subject, sequence, f"{subject} entry {sequence} was changed: {why}.")

    def _columns_differ(self, filed: Filed, said: Filed) -> None:
        subject, sequence = filed[:2]
        for column, stored, true in zip(COLUMNS, filed, said, strict=True):
            if stored != true:
                self._find(
                    Wrong.CHANGED, subject, sequence,
                    f"{subject} entry {sequence} is filed under another {column} than its bytes say "
                    f"({said[0]} entry {said[1]}).",
                )  # fmt: skip


COLUMNS = ("subject", "sequence", "kind", "recorded_at", "previous")
FILED_TYPES = [str, int, str, int, bytes]


def _text(microseconds: int) -> str:
    return moments.to_text(moments.from_microseconds(microseconds))


def _said(event: Mapping[str, Any]) -> Filed:
    """What the index columns must be, by the body. Raises KeyError, TypeError, ValueError for no entry."""
    recorded_at = (datetime.fromisoformat(event["recorded_at"]) - EPOCH) // MICROSECOND
    subject, sequence, kind = event["subject"], event["sequence"], event["kind"]
    if type(subject) is not str or type(sequence) is not int:
        raise TypeError(subject)
    return subject, sequence, kind, recorded_at, bytes.fromhex(event["previous"])
