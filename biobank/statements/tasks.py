"""Making a statement or a pack from the first look to the last byte, in transactions of its own.

Nobody waits at a bench meanwhile: what takes long is read, and only the entry about it is written.
"""

from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from biobank.access.actors import Actor
from biobank.core.database import reading, writing
from biobank.participants.queries import participant_seen_by
from biobank.statements.choices import Purpose
from biobank.statements.documents import statement_pdf
from biobank.statements.operations import record_pack, record_statement
from biobank.statements.packs import prepare, write_pack
from biobank.statements.statement import Statement, statement_of
from biobank.statements.wording import words_in


@dataclass(frozen=True)
class Packed:
    """A pack that was written: whose, how many entries of how many subjects, how many of them withheld."""

    participant: str
    entries: int
    subjects: int
    withheld: int
    public_key: str


def make_statement(by: Actor, code: str, purpose: Purpose, language: str | None) -> Statement:
    """Written down first, and then made. Raises `ParticipantUnknown`, and what `record_statement` raises."""
    with writing() as work:
        participant = participant_seen_by(work, by, code).code
        language = record_statement(work, by, participant, purpose, language)
    with reading() as work:
        return statement_of(work, participant, language, purpose)


def drawn(statement: Statement) -> bytes:
    """The same as a PDF."""
    with reading() as work:
        words = words_in(Path(work.settings.statement_file), statement.language)
    return statement_pdf(statement, words)


def make_pack(by: Actor, code: str, purpose: Purpose, stream: BinaryIO) -> Packed:
    """Read, written down and signed for, and then written to `stream`.

    Raises `ParticipantUnknown`, `KeyRefused`.
    """
    with reading() as work:
        participant = participant_seen_by(work, by, code).code
        prepared = prepare(work, participant)
    with writing() as work:
        made = record_pack(work, by, prepared, purpose)
    with reading() as work:
        entries = write_pack(work, prepared, made, stream)
    subjects, withheld = len(prepared.theirs.subjects), len(prepared.withheld)
    return Packed(participant, entries, subjects, withheld, str(made.public_key))


def pack_file(by: Actor, code: str, purpose: Purpose) -> BinaryIO:
    """A pack in a file without a name, which is gone when it is closed; at its beginning."""
    file = TemporaryFile("w+b")  # noqa: SIM115 (who sends it closes it)
    make_pack(by, code, purpose, file)
    file.seek(0)
    return file
