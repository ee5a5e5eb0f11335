"""Verifying the log: one pass over it, its checkpoints, those kept outside, and what the features replay."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import select

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.ledger import checkpoints as notes_of_checkpoints
from biobank.ledger.audit import Audit
from biobank.ledger.chains import Issued
from biobank.ledger.checkpoints import Checkpoint, CheckpointRefused
from biobank.ledger.findings import Finding, Replay, Report, Wrong
from biobank.ledger.models import LedgerCheckpoint
from biobank.ledger.notes import NoteRefused, PublicKey, to_base64

TOLD = ("size", "root", "recorded_at")
stored_checkpoints = table_of(LedgerCheckpoint)
STORED_CHECKPOINTS = Statement(
    select(
        stored_checkpoints.c.id,
        stored_checkpoints.c.size,
        stored_checkpoints.c.root,
        stored_checkpoints.c.text,
        stored_checkpoints.c.issued_at,
    ).order_by(stored_checkpoints.c.size, stored_checkpoints.c.id)
)


@dataclass(frozen=True)
class Stored:
    """A checkpoint as its row has it; `issued_at` in microseconds since 1970."""

    id: int
    size: int
    root: bytes
    text: str
    issued_at: int

    @property
    def called(self) -> str:
        return f"the stored checkpoint of {self.size} leaves (number {self.id})"


def verify(
    work: Work,
    *,
    checkpoints: Sequence[str] = (),
    public_key: PublicKey | None = None,
    replays: Iterable[Replay] = (),
) -> Report:
    """Everything that is wrong with the log, in the snapshot of `work`; seal before.

    `checkpoints` are signed notes that were kept outside the database: only they show a log that was
    rewritten whole. Times: an entry before a checkpoint's size was not recorded after the checkpoint was
    issued (`clock_skew_minutes` apart), one behind it not more than an hour before (`LATEST_SEALING`).
    Raises NoteRefused and CheckpointRefused for an outside checkpoint that cannot be read.
    """
    work.flush()
    outside = [notes_of_checkpoints.read(note) for note in checkpoints]
    stored = [Stored(*row) for row in work.run(STORED_CHECKPOINTS).fetchall()]
    sizes = [*(each.size for each in outside), *(each.size for each in stored)]
    audit = Audit(work, sizes, [Issued(each.size, each.issued_at) for each in stored])
    audit.run()
    findings = [
        *audit.findings,
        *_stored_findings(stored, audit, public_key),
        *_outside_findings(list(zip(checkpoints, outside, strict=True)), audit, public_key),
        *(finding for replay in replays for finding in replay(work)),
    ]
    return Report(tuple(findings), audit.entries, audit.tree.size, audit.tree.root)


def _stored_findings(stored: list[Stored], audit: Audit, key: PublicKey | None) -> Iterator[Finding]:
    for each in stored:
        yield from _row_findings(each, key)
    yield from _size_findings([(each.called, each.size, each.root) for each in stored], audit)
    rows = {(each.size, to_base64(each.root), _text(each.issued_at)): each for each in stored}
    told = {tuple(map(entry.get, TOLD)): entry for entry in audit.checkpoint_entries}
    for row in rows.keys() - told.keys():
        yield _wrong(f"The log has no entry about {rows[row].called} as it is.")
    for entry in told.keys() - rows.keys():
        yield Finding(
            Wrong.CHECKPOINT,
            "checkpoint",
            told[entry].get("sequence"),
            f"The log tells of a checkpoint of {entry[0]} leaves, issued {entry[2]}, that is not stored so.",
        )


def _row_findings(each: Stored, key: PublicKey | None) -> Iterator[Finding]:
    try:
        said = _read(each.text, key)
    except (NoteRefused, CheckpointRefused) as refusal:
        yield _wrong(f"{_begun(each.called)} was changed: {refusal}")
        return
    if (said.size, said.root) != (each.size, each.root):
        yield _wrong(f"{_begun(each.called)} is filed under another size or root than was signed.")


def _outside_findings(
    outside: list[tuple[str, Checkpoint]], audit: Audit, key: PublicKey | None
) -> Iterator[Finding]:
    origin = audit.work.settings.ledger_origin
    ours = [(note, said) for note, said in outside if said.origin == origin]
    for _, said in outside:
        if said.origin != origin:
            yield _wrong(f"The given checkpoint of {said.size} leaves is of {said.origin}, not of {origin}.")
    for note, said in ours:
        try:
            _read(note, key)
        except (NoteRefused, CheckpointRefused) as refusal:
            yield _wrong(f"The given checkpoint of {said.size} leaves: {refusal}")
    yield from _size_findings(
        [(f"the given checkpoint of {said.size} leaves", said.size, said.root) for _, said in ours], audit
    )


def _size_findings(found: list[tuple[str, int, bytes]], audit: Audit) -> Iterator[Finding]:
    """Of checkpoints that cover too much, or other leaves, the smallest is named and the rest counted."""
    too_large = [called for called, size, _ in found if size > audit.tree.size]
    kept = max((size for _, size, root in found if audit.tree.roots.get(size) == root), default=0)
    others = [called for called, size, root in found if audit.tree.roots.get(size, root) != root]
    if too_large:
        yield Finding(
            Wrong.REMOVED,
            None,
            None,
            f"The log has only {audit.tree.size} leaves, fewer than {_and_more(too_large)}.",
        )
    if others:
        yield _wrong(f"The leaves from {kept} on are not those that {_and_more(others)} was signed for.")


def _and_more(called: list[str]) -> str:
    return called[0] if len(called) == 1 else f"{called[0]} and {len(called) - 1} more"


def _read(note: str, key: PublicKey | None) -> Checkpoint:
    return notes_of_checkpoints.verify(note, key) if key else notes_of_checkpoints.read(note)


def _wrong(sentence: str) -> Finding:
    return Finding(Wrong.CHECKPOINT, None, None, sentence)


def _begun(called: str) -> str:
    return called[0].upper() + called[1:]


def _text(microseconds: int) -> str:
    return moments.to_text(moments.from_microseconds(microseconds))
