"""Keyed hashes: the only trace that the programme's ids of participants, staff and orders leave here."""

import hmac
from pathlib import Path

from biobank.core.secret_files import read_secret
from biobank.exchange.inputs import Author, OrderIdentifier
from biobank.settings import Settings


class Pseudonyms:
    """HMAC-SHA-256 under one key, hexadecimal; what is hashed never repeats between kinds."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def participant(self, programme_participant: str) -> str:
        """What `participants.programme_hash` holds for the programme's own id, `P900000001`."""
        return self._hash("participant", programme_participant.strip().upper().encode())

    def person(self, author: Author) -> str:
        return self._hash("person", _pair(author.system, author.value.lower()))

    def identifier(self, identifier: OrderIdentifier) -> str:
        return self._hash("order identifier", _pair(identifier.system, identifier.value))

    def content(self, canonical: bytes) -> str:
        return self._hash("order content", canonical)

    def _hash(self, kind: str, told: bytes) -> str:
        return hmac.digest(self._key, kind.encode() + b"\0" + told, "sha256").hex()


def read_pseudonyms(settings: Settings) -> Pseudonyms:
    """Raises `SecretRefused` for a key file that is missing, short or readable by others."""
    return Pseudonyms(read_secret(Path(settings.pseudonym_key_file), "pseudonym_key_file"))


def _pair(system: str, value: str) -> bytes:
    return system.encode() + b"\0" + value.encode()
