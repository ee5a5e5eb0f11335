"""The journal as a file: JSON lines, each with the hash of the one before, locked and synced."""

import fcntl
import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from io import RawIOBase
from pathlib import Path
from typing import Any

import orjson

from biobank.core.errors import Conflict
from biobank.ledger.canonical import canonical_bytes, sha256_of
from biobank.ledger.tree import leaf_hash

NEWLINE = b"\n"
TAIL = 256 * 1024
"""Bytes from the end among which the last lines are looked for."""
LATEST = 64
"""Lines from the end that are compared where reading all of them would take too long."""
FIELDS = ("v", "line", "previous", "kind", "subject", "sequence", "body")
VERSIONS: Mapping[int, tuple[str, ...]] = {1: FIELDS, 2: (*FIELDS, "about")}
"""Keys of a line beside its hash, by its version; the second says of which order an entry is."""


class JournalBroken(Conflict):
    """A line that is not what was written, or does not follow the one before."""

    title = "Journal damaged"

    def __init__(self, line: int, what: str) -> None:
        super().__init__(
            f"Line {line} of the withdrawal journal {what}. "
            "Keep the file as it is, and compare it with its copies.",
            line=line,
        )


@dataclass(frozen=True)
class Entry:
    """An entry of the log, as the journal holds it: the exact bytes, as text."""

    subject: str
    sequence: int
    kind: str
    body: str
    about: Mapping[str, Any] | None = None
    """Of an order: what an older backup finds it by, since it is opened anew under another number there."""

    @property
    def hash(self) -> str:
        """Its leaf hash, hexadecimal: the same as in the log."""
        return leaf_hash(self.body.encode()).hex()

    @property
    def event(self) -> dict[str, Any]:
        told: dict[str, Any] = orjson.loads(self.body)
        return told


@dataclass(frozen=True)
class Line:
    """An entry at its place in the journal."""

    number: int
    hash: str
    entry: Entry


def read_journal(path: Path) -> list[Line]:
    """Every whole line, the chain checked; a last line that was not written whole is not there yet.

    Raises `JournalBroken` with the first line that does not fit; none where there is no file.
    """
    if not path.exists():
        return []
    whole, _, _ = path.read_bytes().rpartition(NEWLINE)
    lines: list[Line] = []
    for number, written in enumerate(whole.split(NEWLINE) if whole else [], 1):
        lines.append(_read(written, number, lines[-1].hash if lines else ""))
    return lines


def latest_lines(path: Path) -> list[Line]:
    """The last lines, each whole in itself. Raises `JournalBroken`."""
    if not path.exists():
        return []
    with path.open("rb", buffering=0) as file:
        return _tail(file)


def _tail(file: RawIOBase) -> list[Line]:
    end = file.seek(0, os.SEEK_END)
    file.seek(max(0, end - TAIL))
    whole, _, _ = file.readall().rpartition(NEWLINE)
    parts = whole.split(NEWLINE) if whole else []
    if end > TAIL:
        parts = parts[1:]
    return [_read(written, None, None) for written in parts[-LATEST:]]


def _read(written: bytes, number: int | None, previous: str | None) -> Line:
    told = _parsed(written, number)
    at = int(told["line"])
    content = {name: told[name] for name in VERSIONS[told["v"]]}
    if number is not None and at != number:
        raise JournalBroken(number, f"says that it is line {at}: one is missing or was moved")
    if sha256_of(content) != told["hash"]:
        raise JournalBroken(at, "was changed: it does not have its hash")
    if previous is not None and told["previous"] != previous:
        raise JournalBroken(at, "does not follow the line before it")
    entry = Entry(told["subject"], told["sequence"], told["kind"], told["body"], told.get("about"))
    return Line(at, told["hash"], entry)


def _parsed(written: bytes, number: int | None) -> Mapping[str, Any]:
    try:
        told = orjson.loads(written)
        if isinstance(told, dict) and _has_its_keys(told) and type(told["line"]) is int:
            return told
    except orjson.JSONDecodeError:
        pass
    raise JournalBroken(number or 0, "cannot be read")


def _has_its_keys(told: Mapping[str, Any]) -> bool:
    version = told.get("v")
    return type(version) is int and {*VERSIONS.get(version, ()), "hash"} == told.keys()


def append(path: Path, entries: Sequence[Entry]) -> int:
    """Add entries that are not among the last lines, and sync them to the disk; returns how many were added.

    Raises OSError, and `JournalBroken` where the end of the file is damaged.
    """
    with _locked(path) as file:
        latest = _tail(file)
        known = {line.entry.hash for line in latest}
        return _add(
            file, latest[-1] if latest else None, [each for each in entries if each.hash not in known]
        )


def append_missing(path: Path, entries: Iterable[Entry]) -> int:
    """The same, held against the whole file: what the log has and the journal lacks."""
    with _locked(path) as file:
        lines = read_journal(path)
        known = {line.entry.hash for line in lines}
        return _add(file, lines[-1] if lines else None, [each for each in entries if each.hash not in known])


@contextmanager
def _locked(path: Path) -> Iterator[RawIOBase]:
    """The file for one writer at a time, without half a line at its end: nobody was told of that."""
    path.parent.mkdir(parents=True, exist_ok=True)
    is_new = not path.exists()
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    with os.fdopen(descriptor, "r+b", buffering=0) as file:  # a buffer would be written again after a failure
        fcntl.flock(file, fcntl.LOCK_EX)
        if is_new:
            _sync_folder(path.parent)
        _cut_half_a_line(file)
        yield file


def _cut_half_a_line(file: RawIOBase) -> None:
    end = file.seek(0, os.SEEK_END)
    start = max(0, end - TAIL)
    file.seek(start)
    tail = file.readall()
    if tail and not tail.endswith(NEWLINE):
        file.truncate(start + tail.rfind(NEWLINE) + 1)


def _add(file: RawIOBase, last: Line | None, entries: Sequence[Entry]) -> int:
    written, previous = b"", last.hash if last else ""
    for number, entry in enumerate(entries, last.number + 1 if last else 1):
        line = _line(number, previous, entry)
        previous = line["hash"]
        written += canonical_bytes(line) + NEWLINE
    if written:
        _keep(file, written)
    return len(entries)


def _line(number: int, previous: str, entry: Entry) -> dict[str, Any]:
    content = {
        "v": 1,
        "line": number,
        "previous": previous,
        "kind": entry.kind,
        "subject": entry.subject,
        "sequence": entry.sequence,
        "body": entry.body,
    }
    if entry.about is not None:
        content |= {"v": 2, "about": entry.about}
    return {**content, "hash": sha256_of(content)}


def _keep(file: RawIOBase, written: bytes) -> None:
    """All of it or, when the disk is full, nothing."""
    end, left = file.seek(0, os.SEEK_END), memoryview(written)
    try:
        while left:
            left = left[file.write(left) or 0 :]
        os.fsync(file.fileno())
    except OSError:
        file.truncate(end)
        raise


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
