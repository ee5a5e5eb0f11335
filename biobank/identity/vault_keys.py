"""The vault's keys: those in its key file, and the data keys that they wrap."""

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

SETTING = "vault_key_file"
KEY_BYTES = 32
NONCE_BYTES = 12
LINE = re.compile(rb"[0-9a-f]{64}")
MOST_LINES = 2
"""While the file's key is exchanged, the new one stands over the one before."""


class VaultKeyRefused(SecretRefused):
    """The file is there and is not the key of this vault."""


@dataclass(frozen=True)
class FileKey:
    """A key of the key file; it wraps data keys and nothing else."""

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


def new_file_key() -> FileKey:
    return FileKey(secrets.token_bytes(KEY_BYTES))


def read_key_file(path: Path) -> tuple[FileKey, ...]:
    """The file's keys, the one that wraps first. Raises `SecretRefused`, `VaultKeyRefused`."""
    lines = read_secret(path, SETTING).split()
    if len(lines) > MOST_LINES or not all(LINE.fullmatch(line) for line in lines):
        raise VaultKeyRefused(
            f"The file {path} that {SETTING} names holds no key of a vault (64 hexadecimal digits a line); "
            "restore it from a copy."
        )
    return tuple(FileKey(bytes.fromhex(line.decode())) for line in lines)


def write_key_file(path: Path, keys: Sequence[FileKey]) -> None:
    """Put in its place whole, for its owner alone: after a power cut there is the old file or the new one."""
    descriptor, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")  # mode 600
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{each.key.hex()}\n" for each in keys)
        file.flush()
        os.fsync(file.fileno())
    Path(beside).replace(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def wrapped(data_key: DataKey, by: FileKey) -> bytes:
    nonce = os.urandom(NONCE_BYTES)
    return nonce + AESGCM(by.key).encrypt(nonce, data_key.key, _bound_to(data_key.number, by))


def unwrapped(sealed: bytes, number: int, by: FileKey) -> DataKey:
    """Raises `VaultKeyRefused`."""
    nonce, rest = sealed[:NONCE_BYTES], sealed[NONCE_BYTES:]
    try:
        return DataKey(number, AESGCM(by.key).decrypt(nonce, rest, _bound_to(number, by)))
    except (InvalidTag, ValueError) as problem:
        raise VaultKeyRefused(
            f"Data key {number} of the identity vault was changed in its database; restore it from a backup."
        ) from problem


def _bound_to(number: int, by: FileKey) -> bytes:
    return f"vault_keys/{number}/{by.fingerprint}".encode()


def key_named(keys: Sequence[FileKey], fingerprint: str, path: Path) -> FileKey:
    """Raises `VaultKeyRefused` for a key file that is not the one this vault was written with."""
    for each in keys:
        if hmac.compare_digest(each.fingerprint, fingerprint):
            return each
    raise VaultKeyRefused(
        f"The key in {path} that {SETTING} names does not open this identity vault, whose keys were wrapped "
        f"by key {fingerprint}; restore that key file."
    )
