"""Keys that encrypt fields: those in a key file, and the data keys that they wrap."""

import hashlib
import hmac
import os
import re
import secrets
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from biobank.core.secret_files import SecretRefused, read_secret

KEY_BYTES = 32
NONCE_BYTES = 12
LINE = re.compile(rb"[0-9a-f]{64}")
MOST_LINES = 2
"""While the file's key is exchanged, the new one stands over the one before."""


class WrongKey(SecretRefused):
    """The file is there and is not the key of this database."""


@dataclass(frozen=True)
class FileKey:
    """A key of a key file; it wraps data keys and nothing else."""

    key: bytes = field(repr=False)

    @property
    def fingerprint(self) -> str:
        return hashlib.sha256(b"vault key\0" + self.key).hexdigest()[:16]


@dataclass(frozen=True)
class DataKey:
    """Seals fields and makes blind indexes, each with a key derived from it."""

    number: int
    key: bytes = field(repr=False)

    def derived(self, purpose: str) -> bytes:
        return hmac.digest(self.key, purpose.encode(), "sha256")


@dataclass(frozen=True)
class KeyFile:
    """Where the keys lie that wrap the data keys of one table."""

    path: Path
    setting: str
    table: str
    """Of the data keys, each of which is bound to it."""
    opens: str
    """What people call that which cannot be read without it."""

    def read(self) -> tuple[FileKey, ...]:
        """The file's keys, the one that wraps first. Raises `SecretRefused`, `WrongKey`."""
        lines = read_secret(self.path, self.setting).split()
        if len(lines) > MOST_LINES or not all(LINE.fullmatch(line) for line in lines):
            raise WrongKey(
                f"The file {self.path} that {self.setting} names holds no key of the {self.opens} "
                "(64 hexadecimal digits a line); restore it from a copy."
            )
        return tuple(FileKey(bytes.fromhex(line.decode())) for line in lines)

    def write(self, keys: Sequence[FileKey]) -> None:
        """Put in its place whole, for its owner alone: after a power cut there is the old file or the new."""
        folder, name = self.path.parent, self.path.name
        descriptor, beside = tempfile.mkstemp(dir=folder, prefix=f".{name}.")  # mode 600
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.writelines(f"{each.key.hex()}\n" for each in keys)
            file.flush()
            os.fsync(file.fileno())
        Path(beside).replace(self.path)
        opened = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(opened)
        finally:
            os.close(opened)

    def named(self, keys: Sequence[FileKey], fingerprint: str) -> FileKey:
        """Raises `WrongKey` for a key file that is not the one this database was written with."""
        for each in keys:
            if hmac.compare_digest(each.fingerprint, fingerprint):
                return each
        raise WrongKey(
            f"The key in {self.path} that {self.setting} names does not open the {self.opens} of this "
            f"database, whose keys were wrapped by key {fingerprint}; restore that key file."
        )

    def wrapped(self, data_key: DataKey, by: FileKey) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        return nonce + AESGCM(by.key).encrypt(nonce, data_key.key, self._bound_to(data_key.number, by))

    def unwrapped(self, sealed: bytes, number: int, by: FileKey) -> DataKey:
        """Raises `WrongKey`."""
        nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
        try:
            return DataKey(number, AESGCM(by.key).decrypt(nonce, rest, self._bound_to(number, by)))
        except (InvalidTag, ValueError) as problem:
            raise WrongKey(
                f"Data key {number} of the {self.opens} was changed in its database; restore a backup."
            ) from problem

    def _bound_to(self, number: int, by: FileKey) -> bytes:
        return f"{self.table}/{number}/{by.fingerprint}".encode()


def new_key() -> bytes:
    return secrets.token_bytes(KEY_BYTES)
