"""The ledger's key file: made once, outside the database, readable by its owner alone."""

import os
import stat
from pathlib import Path

from biobank.core.errors import Conflict
from biobank.ledger.notes import KeyRefused, SigningKey

OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


class KeyFileExists(Conflict):
    title = "Key file exists"


def create_key_file(path: Path, name: str) -> SigningKey:
    """A new key under `name` (the ledger's origin); an existing file is never written over."""
    key = SigningKey.generate(name)
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError as error:
        raise KeyFileExists(
            f"There is a key file at {path} already: checkpoints must stay verifiable, so it is kept."
        ) from error
    except OSError as error:
        raise KeyRefused(f"No key file can be written at {path}: {error.strerror}.") from error
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(key.secret_text() + "\n")
        file.flush()
        os.fsync(file.fileno())
    return key


def load_key_file(path: Path) -> SigningKey:
    """Raises KeyRefused with one sentence when it is missing, not a file, open to others, or not a key."""
    try:
        with path.open(encoding="ascii") as file:
            # Asked of the opened file: between a check of the path and the reading it could be another one.
            mode = os.fstat(file.fileno()).st_mode
            text = file.read(1000)
    except OSError as error:
        raise KeyRefused(f"The ledger's key file {path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise KeyRefused(f"The ledger's key file {path} holds no key: restore it from a copy.") from error
    if mode & OTHERS_MAY:
        raise KeyRefused(
            f"The ledger's key file {path} is open to others (mode {stat.S_IMODE(mode):04o}): "
            f"run chmod 600 {path}, and make a new key if somebody may have read it."
        )
    try:
        return SigningKey.parse(text.removesuffix("\n"))
    except KeyRefused as error:
        raise KeyRefused(f"The ledger's key file {path} holds no key: restore it from a copy.") from error
