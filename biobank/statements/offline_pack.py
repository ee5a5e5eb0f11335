"""Checks the audit pack of one participant without the biobank's software: run it where it was unpacked.

    python check_pack.py [--public-key KEY] [--pack FOLDER_OR_ZIP]

It needs Python 3.11 and, for the signature, the package `cryptography`. It checks that the checkpoint is
signed, that every entry is in the log that the checkpoint was signed for, that the life of each kit, tube and
aliquot is complete from its first entry to the state that the pack states, that everything made of each is
there, and that the files are those of which the log itself tells.
Exit 0: nothing wrong; 1: findings; 2: wrong use.

Give the log's public key as it is printed on each certificate: without it the key of the pack is taken.
"""

# Written apart from the software that made the pack, on purpose: no error of it is repeated here.

import argparse
import base64
import json
import re
import sys
import zipfile
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path
from typing import Any

NOTHING_FOUND, FOUND, UNUSABLE = 0, 1, 2
NOT_LISTED = {"entries.jsonl", "made.json", "pack.json", "checkpoint.txt"}
"""Files that the log cannot list: they hold the log's own entries and what was signed after the list."""
MOST_SHOWN = 40
DAMAGED = (TypeError, AttributeError, KeyError, ValueError)
"""What reading a file raises that is not as any program wrote it."""

HASH, CODE = re.compile("[0-9a-f]{64}"), re.compile("[A-Z][0-9]{12}")
BASE64 = "(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?"
NOTE = re.compile(f"(([^\n]+)\n(0|[1-9][0-9]{{0,18}})\n({BASE64})\n)\n\u2014 ([^\\s+]+) ({BASE64})\n")
PUBLIC_KEY = re.compile(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/]{44})")
Record = dict[str, Any]
Folder = Path | zipfile.Path


class Unusable(Exception):
    """What was given cannot be checked at all."""


def parsed(text: str | bytes) -> Record:
    """The JSON object, or an empty one where the text is none."""
    try:
        found = json.loads(text)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def read(folder: Folder, name: str) -> bytes:
    try:
        return (folder / name).read_bytes()
    except (OSError, KeyError, zipfile.BadZipFile) as problem:
        raise Unusable(f"{name} is not in the pack, or damaged in its zip file") from problem


def names_in(folder: Folder, before: str = "") -> Iterator[str]:
    inside: list[Folder] = list(folder.iterdir())
    for found in sorted(inside, key=lambda each: each.name):
        if found.is_dir():
            yield from () if found.name == "__pycache__" else names_in(found, f"{before}{found.name}/")
        else:
            yield f"{before}{found.name}"


def plain_base64(text: str) -> bytes:
    """Raises Unusable for a text that another one could stand for."""
    decoded = base64.b64decode(text)
    if base64.b64encode(decoded).decode() != text:
        raise Unusable("a text in base64 is not as it is written by any program: it was changed")
    return decoded


@dataclass(frozen=True)
class Checkpoint:
    text: str
    origin: str
    size: int
    root: bytes
    signer: str
    signature: bytes


def read_checkpoint(note: str) -> Checkpoint:
    found = NOTE.fullmatch(note)
    if found is None:
        raise Unusable("checkpoint.txt is not a checkpoint with one signature: it was changed")
    root, signature = plain_base64(found[4]), plain_base64(found[6])
    return Checkpoint(found[1], found[2], int(found[3]), root, found[5], signature)


def signature_findings(checkpoint: Checkpoint, public_key: str) -> Iterator[str]:
    """Raises ImportError where `cryptography` is not installed."""
    from cryptography.exceptions import InvalidSignature
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

    found = PUBLIC_KEY.fullmatch(public_key.strip())
    typed = plain_base64(found[3]) if found else b""
    identifier = sha256(found[1].encode() + b"\n" + typed).digest()[:4] if found else b""
    if found is None or typed[:1] != b"\x01" or identifier.hex() != found[2]:
        raise Unusable("the public key is not an Ed25519 key with its own identifier: copy the whole line")
    if (checkpoint.signer, checkpoint.signature[:4], checkpoint.origin) != (found[1], identifier, found[1]):
        yield f"checkpoint: {checkpoint.signer} signed it, not with the key of {found[1]} that you trust"
        return
    try:
        key = Ed25519PublicKey.from_public_bytes(typed[1:])
        key.verify(checkpoint.signature[4:], checkpoint.text.encode())
    except InvalidSignature:
        yield "checkpoint: its signature is false; it was changed, or is another log's"


def leads_to_root(digest: bytes, index: int, proof: list[bytes], checkpoint: Checkpoint) -> bool:
    """The inclusion proof of RFC 9162, 2.1.3.2."""
    position, last = index, checkpoint.size - 1
    for sibling in proof:
        if position & 1 or position == last:
            digest = sha256(b"\x01" + sibling + digest).digest()
            while not position & 1 and position > 0:
                position, last = position >> 1, last >> 1
        else:
            digest = sha256(b"\x01" + digest + sibling).digest()
        position, last = position >> 1, last >> 1
    return 0 <= index < checkpoint.size and last == 0 and digest == checkpoint.root


@dataclass
class Life:
    """What the entries of one subject add up to, while they are read in their order."""

    sequence: int = 0
    head: str = ""
    state: str | None = None
    place: str | None = None
    position: str | None = None
    holds: set[str] = field(default_factory=set)


class Pack:
    """Reads the pack's files and collects what is wrong, each as `kind: sentence`."""

    def __init__(self, folder: Folder) -> None:
        self.folder = folder
        self.findings: list[str] = []
        self.checkpoint = read_checkpoint(read(folder, "checkpoint.txt").decode("utf-8", "replace"))
        listed = self.lines("subjects.jsonl", "subject", "what", "head")
        self.listed = {line["subject"]: line for line in listed}
        hidden = self.lines("withheld.jsonl", "subject", "sequence", "outline")
        self.withheld = {(line["subject"], line["sequence"]): line["outline"] for line in hidden}
        self.lives: dict[str, Life] = defaultdict(Life)
        self.births: dict[tuple[str, int], set[int]] = defaultdict(set)
        self.made: dict[tuple[str, int], int] = {}
        self.certificates: dict[str, Record] = {}
        self.named: dict[str, str] = {}

    def lines(self, name: str, *needed: str) -> Iterator[Record]:
        for number, line in enumerate(read(self.folder, name).splitlines(), 1):
            record = parsed(line)
            if all(field in record for field in needed):
                yield record
            else:
                self.find(f"unreadable: line {number} of {name} is incomplete")

    def find(self, finding: str) -> None:
        self.findings.append(finding)

    def called(self, subject: str) -> str:
        what = str(self.listed.get(subject, {}).get("what", "")).replace("_", " ")
        return f"{what} {subject}" if what and CODE.fullmatch(subject) else subject

    def check(self) -> None:
        self.check_files()
        for line in self.lines("entries.jsonl", "subject", "sequence", "kind", "index", "hash", "proof"):
            self.take(line)
        for subject, listed in self.listed.items():
            self.end_of(subject, listed)
        self.check_families()
        self.check_certificates()
        self.check_labels()

    def check_files(self) -> None:
        """The log's own entry about this pack names each file by its SHA-256."""
        made = parsed(read(self.folder, "made.json"))
        event = self.proven(made) if made.get("body") else {}
        stated = event.get("files", {})
        if event.get("kind") != "audit_pack" or not isinstance(stated, dict) or not stated:
            self.find("changed: made.json is not the log's entry about a pack; nothing shows its list")
            return
        there = set(names_in(self.folder)) - NOT_LISTED
        self.findings += [f"added: {name} is not a file of this pack" for name in sorted(there - set(stated))]
        self.findings += [f"removed: {name} is not in the pack" for name in sorted(set(stated) - there)]
        for name in sorted(there & set(stated)):
            if sha256(read(self.folder, name)).hexdigest() != stated[name]:
                self.find(f"changed: {name} is not the file that the log tells of")

    def proven(self, line: Record) -> Record:
        """The body of a line, once its bytes give its hash and the hash leads to the checkpoint."""
        called = f"{self.called(str(line.get('subject')))} entry {line.get('sequence')}"
        hashes = [line.get("hash"), *(line.get("proof") or ())]
        if not all(isinstance(each, str) and HASH.fullmatch(each) for each in hashes):
            self.find(f"unreadable: a hash of {called} is none")
            return {}
        digest, *proof = (bytes.fromhex(each) for each in hashes)
        body = line.get("body")
        if (
            body is not None
            and sha256(b"\x00" + str(body).encode("utf-8", "surrogatepass")).digest() != digest
        ):
            self.find(f"changed: {called} is not what was written: its bytes do not give its hash")
        index = line.get("index")
        if not isinstance(index, int) or not leads_to_root(digest, index, proof, self.checkpoint):
            self.find(f"proof: {called} is not shown to be in the log of {self.checkpoint.size} entries")
        event = parsed(body) if body is not None else {}
        stated = {name: line.get(name) for name in ("subject", "sequence", "kind")}
        if body is not None and {name: event.get(name) for name in stated} != stated:
            self.find(f"changed: {called} is another entry than its line says")
        return event

    def take(self, line: Record) -> None:
        subject, sequence, digest = line["subject"], line["sequence"], line["hash"]
        called, known = f"{self.called(subject)} entry {sequence}", self.lives[subject]
        event = self.proven(line)
        if subject not in self.listed:
            self.find(f"added: {called} is in the pack and {subject} is not on its list")
            return
        if sequence != known.sequence + 1:
            missing = f"entry {known.sequence + 1}"
            self.find(f"removed: {missing} of {self.called(subject)} is not before {called}")
        elif "body" in line and event.get("previous") != known.head:
            self.find(f"changed: {called} does not continue the entry before it")
        known.sequence, known.head = sequence, digest
        hidden = self.withheld.get((subject, sequence))
        if "body" not in line and hidden is None:
            self.find(f"removed: {called} is neither shown nor withheld with a reason")
        self.replay(subject, sequence, str(line["kind"]), event if "body" in line else hidden or {})

    def replay(self, subject: str, sequence: int, kind: str, event: Record) -> None:
        known, details = self.lives[subject], event.get("details") or event
        if kind == "custody":
            known.state = event.get("to", known.state)
            known.place = event.get("place", known.place)
            known.position = event.get("position", known.position)
            children = details.get("children")
            if children:
                self.made[subject, sequence] = children if isinstance(children, int) else len(children)
            self.named |= {pool: subject for pool in [details.get("pool")] if pool}
            for parent in event.get("parents", ()):
                self.births[parent, details.get("parent_sequence", 0)].add(details.get("child", 0))
        elif kind == "hold":
            change = known.holds.add if event.get("change") == "placed" else known.holds.discard
            change(str(event.get("hold")))
        elif kind == "certificate":
            self.certificates[subject] = event
        named: Any = {"order": event.get("added"), "linked_away": [event.get("item")]}.get(kind)
        self.named |= dict.fromkeys(named or (), subject)

    def end_of(self, subject: str, listed: Record) -> None:
        known, called = self.lives[subject], self.called(subject)
        if known.sequence == 0:
            self.find(f"removed: none of the {listed['last']} entries of {called} is in the pack")
        elif (known.sequence, known.head) != (listed["last"], listed["head"]):
            told = f"{called} ends with entry {known.sequence} here"
            self.find(f"removed: {told}, and the list says entry {listed['last']} {listed['head'][:12]}")
        elif "state" in listed:
            replayed: Record = {"state": known.state, "place": known.place, "position": known.position}
            for column, value in (replayed | {"holds": sorted(known.holds)}).items():
                if listed.get(column) != value:
                    told = f"{called} is stated with {column} {listed.get(column)}"
                    self.find(f"state: {told}, and its entries say {value}")

    def check_families(self) -> None:
        """Whatever was made of a specimen is in the pack: its own entry says how many."""
        for (subject, sequence), count in self.made.items():
            for number in sorted(set(range(1, count + 1)) - self.births[subject, sequence]):
                told = f"piece {number} of {count} that entry {sequence} of {self.called(subject)} made"
                self.find(f"removed: {told} is not in the pack")
        for parent in {parent for parent, _ in self.births}:
            if parent not in self.listed:
                self.find(f"removed: {parent}, of which something in the pack was made, is not in it")
        for item in set(self.named) - set(self.listed):
            self.find(f"removed: {item} is named by {self.named[item]} and not in the pack")

    def check_certificates(self) -> None:
        there = {name for name in names_in(self.folder) if name.startswith("certificates/")}
        for number, event in self.certificates.items():
            name = f"certificates/{number}.pdf"
            if name not in there:
                self.find(f"removed: certificate {number} is not in the pack")
            elif sha256(read(self.folder, name)).hexdigest() != event.get("sha256"):
                self.find(f"changed: certificate {number} is not the file that was issued")

    def check_labels(self) -> None:
        copies: dict[str, set[int]] = defaultdict(set)
        for line in self.lines("labels.jsonl", "item", "copy"):
            copies[line["item"]].add(line["copy"])
        for item, known in copies.items():
            if item not in self.listed:
                self.find(f"added: a label of {item} is in the pack, which is not on its list")
            for copy in sorted(set(range(1, max(known))) - known):
                self.find(f"removed: label {copy} of {self.called(item)} is not in the pack")


def verify(given: argparse.Namespace) -> tuple[list[str], list[str]]:
    """The findings, and what else is to be said."""
    folder: Folder = given.pack if given.pack.is_dir() else zipfile.Path(given.pack)
    pack = Pack(folder)
    own_key = str(parsed(read(folder, "pack.json")).get("public_key"))
    remarks = []
    try:
        pack.findings += signature_findings(pack.checkpoint, given.public_key or own_key)
    except ImportError:
        remarks.append("the signature was NOT checked: the package cryptography is not installed")
    pack.check()
    if given.public_key and given.public_key != own_key:
        pack.findings.append("changed: pack.json names another public key than the one that you trust")
    if not given.public_key:
        remarks.append(f"compare this public key with the one on a certificate: {own_key}")
    entries = sum(life.sequence for life in pack.lives.values())
    remarks.append(f"{entries} entries of {len(pack.listed)} subjects, {len(pack.withheld)} of them withheld")
    return pack.findings, remarks


def main() -> int:
    sys.stdout.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]  # typeshed knows it as TextIO
    parser = argparse.ArgumentParser(description="Checks the audit pack of one participant.")
    parser.add_argument("--public-key", help="the log's key, as printed on each certificate")
    parser.add_argument(
        "--pack", type=Path, default=Path(__file__).parent, help="its folder, or the zip file"
    )
    try:
        findings, remarks = verify(parser.parse_args())
    except (Unusable, OSError, zipfile.BadZipFile, *DAMAGED) as error:
        print(f"cannot be checked: {error}")
        return UNUSABLE
    print(*findings[:MOST_SHOWN], sep="\n", end="\n" if findings else "")
    if len(findings) > MOST_SHOWN:
        print(f"... and {len(findings) - MOST_SHOWN} more")
    print(*remarks, sep="\n")
    print(f"findings: {len(findings)}" if findings else "nothing was found to be wrong")
    return FOUND if findings else NOTHING_FOUND


if __name__ == "__main__":
    sys.exit(main())
