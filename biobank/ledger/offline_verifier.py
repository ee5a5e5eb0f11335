"""Checks an exported ledger without the biobank's software: copy this one file anywhere and run it.

    python offline_verifier.py ledger.jsonl [--checkpoint FILE] [--certificate FILE] [--public-key KEY]

It needs Python 3.11 and, for signatures, the package `cryptography`. It names what was changed, removed,
inserted, re-ordered, back-dated, each checkpoint that the log does not keep, each state that is not as the
entries say; offline_certificate.py checks a certificate. Exit 0: nothing wrong; 1: findings; 2: wrong use.

Who owns the database can rewrite all of it and sign it anew. Only a checkpoint that was kept elsewhere (on a
certificate, in a mail, at a second site) shows that: give each that you hold with a --checkpoint of its own.
"""

# The hashing and the note format are written here once more on purpose: an auditor reads this file alone, and
# an error in the software that wrote the log must not be repeated by what checks it.

import argparse
import base64
import json
import re
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

VERSION = 1
NOTHING_FOUND, FOUND, UNUSABLE = 0, 1, 2

SHAPES: dict[str, dict[str, type]] = {
    "export": {"origin": str, "size": int, "root": str, "checkpoint": str},
    "leaf": {"index": int, "hash": str, "body": str},
    "entry": {"subject": str, "sequence": int, "kind": str, "previous": str, "recorded_at": str},
    "state": {"item": str, "sequence": int, "head": str, "holds": list},
    "certificate": {"number": str, "sha256": str},
}

# C2SP tlog-checkpoint within C2SP signed-note, and the public key that goes with it
BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
SIGNATURE = f"\u2014 ([^\\s+]+) ({BASE64})\n"
CHECKPOINT = f"(([^\n]+)\n(0|[1-9][0-9]{{0,18}})\n({BASE64})\n(?:[^\n]+\n)*)\n((?:{SIGNATURE})+)"
PUBLIC_KEY = r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})"

MISPLACED = {"late": "re-ordered: {} comes after a later one", "twice": "inserted: {} is there twice"}
Record = dict[str, Any]


class Unusable(Exception):
    """What was given cannot be checked at all."""


def parsed(text: str) -> Record:
    """The JSON object, or an empty one where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def fits(record: Record, shape: str) -> bool:
    return not [name for name, kind in SHAPES[shape].items() if not isinstance(record.get(name), kind)]


class Tree:
    """The Merkle tree of RFC 9162: takes leaf hashes and keeps the roots of the sizes asked for."""

    def __init__(self, wanted_sizes: Iterable[int]) -> None:
        self.size = 0
        self.peaks: list[bytes] = []  # of the complete subtrees, left to right
        self.wanted = set(wanted_sizes)
        self.roots = {0: self.root()}

    def append(self, digest: bytes) -> None:
        position = self.size
        while position & 1:
            digest = sha256(b"\x01" + self.peaks.pop() + digest).digest()
            position >>= 1
        self.peaks.append(digest)
        self.size += 1
        if self.size in self.wanted:
            self.roots[self.size] = self.root()

    def root(self) -> str:
        digest = self.peaks[-1] if self.peaks else sha256(b"").digest()
        for left in reversed(self.peaks[:-1]):
            digest = sha256(b"\x01" + left + digest).digest()
        return base64.b64encode(digest).decode()


@dataclass(frozen=True)
class Checkpoint:
    called: str
    text: str
    origin: str
    size: int
    root: str
    signatures: list[tuple[str, bytes]]


def read_checkpoint(called: str, note: str) -> Checkpoint:
    found = re.fullmatch(CHECKPOINT, note)
    if found is None:
        raise Unusable(f"{called} is not a checkpoint (origin, size, root, an empty line, signatures)")
    signatures = [(name, base64.b64decode(signed)) for name, signed in re.findall(SIGNATURE, found[5])]
    return Checkpoint(called, found[1], found[2], int(found[3]), found[4], signatures)


def signature_findings(checkpoints: list[Checkpoint], public_key: str) -> Iterator[str]:
    """Raises ImportError where `cryptography` is not installed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    name, identifier, encoded = read_public_key(public_key)
    key = Ed25519PublicKey.from_public_bytes(encoded)
    for checkpoint in checkpoints:
        own = [made for signer, made in checkpoint.signatures if (signer, made[:4]) == (name, identifier)]
        if not own:
            yield f"signature: {checkpoint.called} is not signed by {name}"
        try:
            for signature in own:
                key.verify(signature[4:], checkpoint.text.encode())
        except InvalidSignature:
            yield f"signature: the signature of {name} under {checkpoint.called} is false"


def read_public_key(text: str) -> tuple[str, bytes, bytes]:
    """Name, key identifier and the key's 32 bytes."""
    found = re.fullmatch(PUBLIC_KEY, text)
    if found is None:
        raise Unusable("the public key is not of the form name+identifier+base64")
    typed = base64.b64decode(found[3])
    identifier = sha256(found[1].encode() + b"\n" + typed).digest()[:4]
    if typed[:1] != b"\x01" or identifier.hex() != found[2]:
        raise Unusable("the public key is not an Ed25519 key with its own identifier: copy the whole line")
    return found[1], identifier, typed[1:]


@dataclass
class Numbering:
    """Numbers that ought to come one after the other; remembers those that were passed over."""

    expected: int
    passed_over: list[range] = field(default_factory=list)

    def place(self, number: int) -> str:
        """`next`, `ahead` (others were passed over), `late` (it had been passed over) or `twice`."""
        if number == self.expected:
            self.expected += 1
            return "next"
        if number > self.expected:
            self.passed_over.append(range(self.expected, number))
            self.expected = number + 1
            return "ahead"
        for gap in self.passed_over:
            if number in gap:
                self.passed_over.remove(gap)
                rest = (range(gap.start, number), range(number + 1, gap.stop))
                self.passed_over += [part for part in rest if part]
                return "late"
        return "twice"


@dataclass
class Subject:
    """What the entries of one subject add up to."""

    numbering: Numbering = field(default_factory=lambda: Numbering(1))
    sequence: int = 0
    head: str = ""
    recorded_at: str = ""
    is_item: bool = False
    state: str | None = None
    place: str | None = None
    holds: set[str] = field(default_factory=set)


class Log:
    """Reads the export's lines in their order and collects what is wrong, each as `name: sentence`."""

    def __init__(self, wanted_sizes: Iterable[int]) -> None:
        self.tree = Tree(wanted_sizes)
        self.findings: list[str] = []
        self.leaves = Numbering(0)
        self.subjects: dict[str, Subject] = defaultdict(Subject)
        self.certificates: set[tuple[str, str]] = set()
        self.stated: set[str] = set()

    def read(self, lines: Iterable[str]) -> None:
        readers = {"leaf": self.leaf, "state": self.state, "certificate": self.certificate}
        for number, line in enumerate(lines, start=2):
            record = parsed(line)
            kind = str(record.get("kind"))
            if kind in readers and fits(record, kind):
                readers[kind](record)
            else:
                self.findings.append(f"unreadable: line {number} of the export is incomplete or unknown")
        self.close()

    def leaf(self, record: Record) -> None:
        index, stated, body = record["index"], record["hash"], record["body"]
        digest = sha256(b"\x00" + body.encode("utf-8", "surrogatepass")).digest()
        self.tree.append(digest)
        entry = parsed(body)
        called = f"{entry.get('subject')} entry {entry.get('sequence')} (leaf {index})"
        self.number(self.leaves, index, f"leaf {index}")
        if digest.hex() != stated:
            self.findings.append(f"changed: {called} is not what was written: its bytes do not give its hash")
        if entry.get("v") == VERSION and fits(entry, "entry"):
            self.follow(self.subjects[entry["subject"]], entry, called, stated)
        else:
            self.findings.append(f"unreadable: leaf {index} is not an entry of version {VERSION}")

    def number(self, numbering: Numbering, number: int, called: str) -> str:
        placed = numbering.place(number)
        self.findings += [MISPLACED[placed].format(called)] if placed in MISPLACED else []
        return placed

    def follow(self, known: Subject, entry: Record, called: str, stated: str) -> None:
        placed = self.number(known.numbering, entry["sequence"], called)
        if placed in ("late", "twice"):
            return
        if placed == "next" and entry["previous"] != known.head:
            self.findings.append(f"changed: {called} does not continue the entry before it: one was replaced")
        if entry["recorded_at"] < known.recorded_at:
            self.findings.append(f"back-dated: {called} says it was recorded before the entry it follows")
        known.sequence, known.head, known.recorded_at = entry["sequence"], stated, entry["recorded_at"]
        self.replay(known, entry)

    def replay(self, known: Subject, entry: Record) -> None:
        known.is_item |= entry["kind"] in ("custody", "hold")
        if entry["kind"] == "custody":
            known.state = entry.get("to")
            known.place = entry.get("place", known.place)
        elif entry["kind"] == "hold":
            change = known.holds.add if entry.get("change") == "placed" else known.holds.discard
            change(str(entry.get("hold")))
        elif entry["kind"] == "certificate":
            self.certificates.add((entry["subject"], str(entry.get("sha256"))))

    def state(self, record: Record) -> None:
        item = record["item"]
        known = self.subjects.get(item, Subject())
        if item in self.stated:
            self.findings.append(f"state: {item} is stored twice")
        self.stated.add(item)
        replayed: Record = {"state": known.state, "place": known.place, "holds": sorted(known.holds)}
        replayed |= {"sequence": known.sequence, "head": known.head}
        stored = record | {"holds": sorted(map(str, record["holds"]))}
        for column, value in replayed.items():
            if stored.get(column) != value:
                self.findings.append(
                    f"state: {item} is stored with {column} {stored.get(column)}, not {value}"
                )

    def certificate(self, record: Record) -> None:
        if (record["number"], record["sha256"]) not in self.certificates:
            self.findings.append(f"certificate: {record['number']} is not the one in the log")

    def close(self) -> None:
        """What only the end of the file shows: what was passed over and never came."""
        for gap in self.leaves.passed_over:
            self.findings.append(f"removed: leaf {first_to_last(gap)} of the log")
        for subject, known in self.subjects.items():
            for gap in known.numbering.passed_over:
                self.findings.append(f"removed: {subject} entry {first_to_last(gap)}")
            if known.is_item and subject not in self.stated:
                self.findings.append(f"state: {subject} has entries and no stored state")


def first_to_last(gap: range) -> str:
    return f"{gap.start}" if len(gap) == 1 else f"{gap.start} to {gap.stop - 1}"


def header_findings(header: Record, own: Checkpoint, log: Log) -> Iterator[str]:
    size, announced = log.tree.size, header["size"]
    if size != announced:
        what = "removed" if size < announced else "inserted"
        yield f"{what}: the export announces {announced} leaves and holds {size}"
    if log.tree.root() != header["root"]:
        yield f"root: the {size} leaves do not give the root that the export announces"
    if (own.origin, own.size, own.root) != (header["origin"], announced, header["root"]):
        yield f"checkpoint: {own.called} is for another origin, size or root than the export announces"


def checkpoint_findings(checkpoints: list[Checkpoint], origin: str, log: Log) -> Iterator[str]:
    of_size: dict[int, Checkpoint] = {}
    for checkpoint in checkpoints:
        called, size = checkpoint.called, checkpoint.size
        if checkpoint.origin != origin:
            yield f"checkpoint: {called} is for {checkpoint.origin}, not for {origin}"
        elif size > log.tree.size:
            yield f"removed: {called} covers {size} leaves, the log has only {log.tree.size}"
        elif log.tree.roots[size] != checkpoint.root:
            yield f"checkpoint: the first {size} leaves are not those that {called} was signed for"
        if of_size.setdefault(size, checkpoint).root != checkpoint.root:
            yield f"checkpoint: {of_size[size].called} and {called} contradict each other at {size} leaves"


def verify(given: argparse.Namespace) -> tuple[list[str], list[str]]:
    """The findings, and what else is to be said."""
    outside = [read_checkpoint(str(file), file.read_text("utf-8")) for file in given.checkpoint]
    with given.export.open(encoding="utf-8", errors="surrogateescape") as lines:
        header = parsed(lines.readline())
        if header.get("kind") != "export" or header.get("v") != VERSION or not fits(header, "export"):
            raise Unusable(f"the first line is not the head of a ledger export of version {VERSION}")
        own = read_checkpoint("the export's own checkpoint", header["checkpoint"])
        log = Log(checkpoint.size for checkpoint in [own, *outside])
        log.read(lines)
    findings = [*log.findings, *header_findings(header, own, log)]
    findings += checkpoint_findings([own, *outside], header["origin"], log)
    findings += [
        f"certificate: {file} is not in the log: it was changed or comes from elsewhere"
        for file in given.certificate
        if sha256(file.read_bytes()).hexdigest() not in {digest for _, digest in log.certificates}
    ]
    remarks = [f"{log.tree.size} leaves, {len(log.subjects)} subjects, root {log.tree.root()}"]
    if not outside:
        remarks.append("no --checkpoint kept elsewhere was given: a log rewritten whole would not be noticed")
    unchecked = "no --public-key was given"
    if given.public_key:
        try:
            findings += signature_findings([own, *outside], given.public_key)
            unchecked = ""
        except ImportError:
            unchecked = "the package cryptography is not installed"
    remarks.append(f"signatures were NOT checked: {unchecked}" if unchecked else "signatures were checked")
    return findings, remarks


def main() -> int:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # typeshed knows it as TextIO
    parser = argparse.ArgumentParser(description="Checks an exported ledger without the biobank's software.")
    parser.add_argument("export", type=Path, help="the exported ledger (JSON Lines)")
    parser.add_argument("--checkpoint", type=Path, action="append", default=[], help="one kept elsewhere")
    parser.add_argument("--certificate", type=Path, action="append", default=[], help="is it in the log?")
    parser.add_argument("--public-key", help="the log's key, as printed on each certificate")
    try:
        findings, remarks = verify(parser.parse_args())
    except (Unusable, OSError, UnicodeError) as error:
        print(f"cannot be checked: {error}")
        return UNUSABLE
    print(*findings, *remarks, sep="\n")
    print(f"findings: {len(findings)}" if findings else "nothing was found to be wrong")
    return FOUND if findings else NOTHING_FOUND


if __name__ == "__main__":
    sys.exit(main())
