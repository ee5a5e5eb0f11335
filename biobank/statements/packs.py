"""The audit pack of one participant: its files, what the log says of them, and the zip that is streamed."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, BinaryIO
from zipfile import ZIP_DEFLATED, ZipFile

import orjson
from sqlalchemy import select

from biobank.core.database import Work
from biobank.ledger import checkpoints
from biobank.ledger.models import LedgerEntry, LedgerLeaf
from biobank.ledger.notes import PublicKey
from biobank.ledger.queries import node_reader
from biobank.ledger.tree import NodeReader, inclusion_proof
from biobank.statements.choices import NAMES_ANOTHER
from biobank.statements.pack_files import files_of, lines_of
from biobank.statements.subjects import Theirs, entries_about, subjects_of
from biobank.statements.withholding import OwnCodes

NODES_KEPT = 200_000
"""Hashes of the tree that are kept in memory while a pack is written; about 30 MB."""
Line = dict[str, Any]


@dataclass(frozen=True)
class Prepared:
    """A pack before the log tells of it: what it is about, and each of its files but the entries."""

    theirs: Theirs
    files: Mapping[str, bytes]
    withheld: frozenset[tuple[str, int]]

    @property
    def sums(self) -> dict[str, str]:
        """SHA-256 of each file, hexadecimal: what the log keeps of the pack."""
        return {name: hashlib.sha256(content).hexdigest() for name, content in self.files.items()}


@dataclass(frozen=True)
class Made:
    """What the log says now: the entry about the pack, and the checkpoint that covers it."""

    subject: str
    sequence: int
    note: str
    public_key: PublicKey


def prepare(work: Work, participant: str) -> Prepared:
    """In one read transaction, so that all of it is of one moment; nothing has to wait meanwhile."""
    theirs = subjects_of(work, participant)
    own = OwnCodes(theirs.names, work.settings.participant_code_pattern)
    withheld = [
        _withheld(row, own) for row, _ in entries_about(work, theirs.subjects) if _is_withheld(row, own)
    ]
    files = files_of(work, theirs, own)
    files["withheld.jsonl"] = lines_of(withheld)
    return Prepared(theirs, files, frozenset((line["subject"], line["sequence"]) for line in withheld))


def _is_withheld(row: LedgerEntry, own: OwnCodes) -> bool:
    return own.names_another(bytes(row.body).decode())


def _withheld(row: LedgerEntry, own: OwnCodes) -> Line:
    outline = own.outline(orjson.loads(row.body))
    return {"subject": row.subject, "sequence": row.sequence, "reason": NAMES_ANOTHER, "outline": outline}


def write_pack(work: Work, prepared: Prepared, made: Made, stream: BinaryIO) -> int:
    """Write the zip; returns how many entries it holds. A few hundred subjects are in memory at a time."""
    size, node = checkpoints.read(made.note).size, _kept(node_reader(work))
    count = 0
    with ZipFile(stream, "w", ZIP_DEFLATED) as file:
        for name, content in prepared.files.items():
            file.writestr(name, content)
        file.writestr("checkpoint.txt", made.note)
        file.writestr("pack.json", orjson.dumps({"public_key": str(made.public_key)}))
        file.writestr("made.json", orjson.dumps(_made_line(work, made, size, node)))
        with file.open("entries.jsonl", "w") as entries:
            for row, index in entries_about(work, prepared.theirs.subjects):
                shown = (row.subject, row.sequence) not in prepared.withheld
                line = _line(row, index, size, node, shown=shown)
                entries.write(lines_of([line]))
                count += 1
    return count


def _kept(node: NodeReader) -> NodeReader:
    """Neighbouring proofs share most of their hashes."""
    return lru_cache(maxsize=NODES_KEPT)(node)


def _made_line(work: Work, made: Made, size: int, node: NodeReader) -> Line:
    question = (
        select(LedgerEntry, LedgerLeaf.leaf_index)
        .join(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
        .where(LedgerEntry.subject == made.subject, LedgerEntry.sequence == made.sequence)
    )
    row, index = work.session.execute(question).one()
    return _line(row, index, size, node, shown=True)


def _line(row: LedgerEntry, index: int | None, size: int, node: NodeReader, *, shown: bool) -> Line:
    """An entry with what shows that it is in the log; its body only where that may be shown."""
    assert index is not None  # noqa: S101 (the checkpoint was signed after all of them were sealed)
    line: Line = {
        "subject": row.subject,
        "sequence": row.sequence,
        "kind": row.kind,
        "index": index,
        "hash": bytes(row.hash).hex(),
        "proof": [each.hex() for each in inclusion_proof(index, size, node)],
    }
    return line | ({"body": bytes(row.body).decode()} if shown else {})
