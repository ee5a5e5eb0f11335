"""Signed notes (C2SP signed-note): text under one or more Ed25519 signatures, and the keys that make them."""

import base64
import binascii
import re
from collections.abc import Collection
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from biobank.core.errors import Invalid

ED25519 = b"\x01"
KEY_LENGTH = 32
LARGEST_NOTE = 1_000_000  # characters; room for far more than the 16 signatures that must be accepted

_SIGNATURE_LINE = re.compile(r"\u2014 (?P<name>[^\s+]+) (?P<signature>[A-Za-z0-9+/=]+)")
_FORBIDDEN = re.compile(
    r"[\x00-\x09\x0b-\x1f\ud800-\udfff]"
)  # control characters, and what UTF-8 cannot hold


class NoteRefused(Invalid):
    title = "Signed note refused"


class KeyRefused(Invalid):
    title = "Key refused"


@dataclass(frozen=True, slots=True)
class PublicKey:
    """What verifies: a key's name and its 32 bytes; `str()` gives the C2SP form `name+id+base64`."""

    name: str
    encoded: bytes

    @property
    def identifier(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + ED25519 + self.encoded).digest()[:4]

    def __str__(self) -> str:
        return f"{self.name}+{self.identifier.hex()}+{to_base64(ED25519 + self.encoded)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        name, identifier, encoded = _key_parts(text)
        key = cls(name, encoded)
        if key.identifier.hex() != identifier:
            raise KeyRefused(
                f"The public key of {name} does not fit its own identifier {identifier}: copy it again."
            )
        return key

    def has_signed(self, text: str, signature: bytes) -> bool:
        try:
            Ed25519PublicKey.from_public_bytes(self.encoded).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True


@dataclass(frozen=True, slots=True)
class SigningKey:
    """What signs; its text form (`PRIVATE+KEY+name+id+base64`) belongs into a key file only."""

    name: str
    private: Ed25519PrivateKey

    @classmethod
    def generate(cls, name: str) -> Self:
        if not re.fullmatch(r"[^\s+\x00-\x1f\ud800-\udfff]+", name):
            raise KeyRefused("A key's name is one word without a plus sign, for example biobank.example/log.")
        return cls(name, Ed25519PrivateKey.generate())

    @property
    def public(self) -> PublicKey:
        return PublicKey(self.name, self.private.public_key().public_bytes_raw())

    def secret_text(self) -> str:
        encoded = to_base64(ED25519 + self.private.private_bytes_raw())
        return f"PRIVATE+KEY+{self.name}+{self.public.identifier.hex()}+{encoded}"

    @classmethod
    def parse(cls, secret_text: str) -> Self:
        if not secret_text.startswith("PRIVATE+KEY+"):
            raise KeyRefused(
                "This is not a private key of a signed note: it does not begin with PRIVATE+KEY+."
            )
        name, identifier, encoded = _key_parts(secret_text.removeprefix("PRIVATE+KEY+"))
        key = cls(name, Ed25519PrivateKey.from_private_bytes(encoded))
        if key.public.identifier.hex() != identifier:
            raise KeyRefused(
                f"The private key of {name} does not fit its own identifier: restore it from a copy."
            )
        return key


@dataclass(frozen=True, slots=True)
class Note:
    """A verified note: its text with the final newline, and the trusted keys that signed it."""

    text: str
    signed_by: tuple[PublicKey, ...]


def sign(text: str, key: SigningKey) -> str:
    """The note; `text` ends with a newline. Further keys sign it with `cosign`."""
    if not text.endswith("\n") or _FORBIDDEN.search(text):
        raise NoteRefused("A note ends with a newline and holds no control characters.")
    return text + "\n" + _signature_line(text, key)


def cosign(note: str, key: SigningKey) -> str:
    """The same note with one signature more; the one who signs has verified it before."""
    text, _ = split(note)
    return note + _signature_line(text, key)


def verify(note: str, trusted: Collection[PublicKey]) -> Note:
    """Signatures of unknown keys are ignored; a false one of a trusted key, or none at all, is refused."""
    text, signatures = split(note)
    known = {(key.name, key.identifier): key for key in trusted}
    signed_by = []
    for name, signed in signatures:
        key = known.get((name, signed[:4]))
        if key is None:
            continue
        if not key.has_signed(text, signed[4:]):
            raise NoteRefused(
                f"The signature of {name} is not true for this text: the text or it was changed."
            )
        signed_by.append(key)
    if not signed_by:
        raise NoteRefused("No trusted key has signed this note: check the public key that you were given.")
    return Note(text, tuple(signed_by))


def split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """The text and, unverified, each signature's name and bytes (four of key identifier come first)."""
    text, blank, lines = note.rpartition("\n\n")
    if not blank or not lines.endswith("\n") or len(note) > LARGEST_NOTE or _FORBIDDEN.search(note):
        raise NoteRefused("This is not a signed note: text, an empty line and signature lines.")
    return text + "\n", [_signature(line) for line in lines[:-1].split("\n")]


def to_base64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def from_base64(text: str) -> bytes | None:
    """Strict: None for anything that `to_base64` would not have written."""
    try:
        data = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None
    return data if to_base64(data) == text else None


def _signature_line(text: str, key: SigningKey) -> str:
    signature = key.public.identifier + key.private.sign(text.encode())
    return f"\u2014 {key.name} {to_base64(signature)}\n"


def _signature(line: str) -> tuple[str, bytes]:
    found = _SIGNATURE_LINE.fullmatch(line)
    signed = from_base64(found["signature"]) if found else None
    if found is None or signed is None or len(signed) <= 4:  # noqa: PLR2004 - four bytes of key identifier come first
        raise NoteRefused("A signature line of this note cannot be read: a dash, the key's name, base64.")
    return found["name"], signed


def _key_parts(text: str) -> tuple[str, str, bytes]:
    found = re.fullmatch(r"([^\s+]+)\+([0-9a-f]{8})\+([A-Za-z0-9+/=]+)", text)
    decoded = from_base64(found[3]) if found else None
    if found is None or decoded is None or decoded[:1] != ED25519 or len(decoded) != KEY_LENGTH + 1:
        raise KeyRefused(
            "This is not an Ed25519 key in the form name+identifier+base64: copy the whole line."
        )
    return found[1], found[2], decoded[1:]
