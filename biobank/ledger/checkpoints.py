"""Checkpoints (C2SP tlog-checkpoint): what the log was at one size, in three lines under a signature."""

import re
from collections.abc import Collection
from dataclasses import dataclass
from typing import Self

from biobank.core.errors import Invalid
from biobank.ledger import notes
from biobank.ledger.notes import PublicKey, SigningKey
from biobank.ledger.tree import HASH_LENGTH

_SIZE = re.compile(r"0|[1-9][0-9]{0,18}", re.ASCII)


class CheckpointRefused(Invalid):
    title = "Checkpoint refused"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """The log `origin` had `size` leaves under `root`."""

    origin: str
    size: int
    root: bytes

    @property
    def text(self) -> str:
        """The lines that are signed."""
        return f"{self.origin}\n{self.size}\n{notes.to_base64(self.root)}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Reads the lines that are signed; further lines are allowed and say nothing to us."""
        lines = text.split("\n")
        if len(lines) < 4 or lines.pop() or not all(lines):  # noqa: PLR2004 - three lines, each with its newline
            raise CheckpointRefused("A checkpoint has the lines origin, size and root, none of them empty.")
        origin, size, root = lines[:3]
        decoded = notes.from_base64(root)
        if not _SIZE.fullmatch(size) or decoded is None or len(decoded) != HASH_LENGTH:
            raise CheckpointRefused(
                f"The checkpoint of {origin} has no plain size and root: copy the whole text."
            )
        return cls(origin, int(size), decoded)


def make(checkpoint: Checkpoint, key: SigningKey) -> str:
    """The signed note of a checkpoint; the key bears the origin's name."""
    if checkpoint.origin != key.name:
        raise CheckpointRefused(
            f"The key of {key.name} does not sign for {checkpoint.origin}: "
            "name the right key file in the settings."
        )
    return notes.sign(checkpoint.text, key)


def read(note: str) -> Checkpoint:
    """What a signed note says, its signatures unverified."""
    return Checkpoint.parse(notes.split(note)[0])


def verify(note: str, key: PublicKey, witnesses: Collection[PublicKey] = ()) -> Checkpoint:
    """The log's own key and every witness named must have signed it.

    Raises NoteRefused where a signature is false or lacks, CheckpointRefused for a checkpoint of another log.
    """
    found = notes.verify(note, [key, *witnesses])
    missing = [wanted.name for wanted in (key, *witnesses) if wanted not in found.signed_by]
    if missing:
        raise notes.NoteRefused(f"The checkpoint lacks the signature of {', '.join(missing)}.")
    checkpoint = Checkpoint.parse(found.text)
    if checkpoint.origin != key.name:
        raise CheckpointRefused(f"This is a checkpoint of {checkpoint.origin}, not of {key.name}.")
    return checkpoint
