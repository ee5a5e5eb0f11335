"""Secrets lie in files that only the service can read; anything else is refused with one sentence."""

import os
import secrets
import stat
from pathlib import Path

from biobank.core.errors import Invalid

SHORTEST = 32
OTHERS_MAY = stat.S_IRWXG | stat.S_IRWXO


class SecretRefused(Invalid):
    title = "Secret refused"


def read_secret(path: Path, setting: str) -> bytes:
    """The content of the file that `setting` names. Raises `SecretRefused`."""
    content = read_private_file(path, setting, "`biobank keys create` makes those that are missing.")
    if len(content) < SHORTEST:
        raise SecretRefused(
            f"The file {path} that {setting} names holds fewer than {SHORTEST} bytes; make it anew."
        )
    return content


def read_private_file(path: Path, setting: str, advice: str = "put it there, with mode 600.") -> bytes:
    """What stands in a file that the service alone can read, however short. Raises `SecretRefused`."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(4096).strip()
    except OSError as problem:
        raise SecretRefused(
            f"The file {path} that {setting} names cannot be read ({problem.strerror}); {advice}",
        ) from problem
    if mode & OTHERS_MAY:
        raise SecretRefused(
            f"The file {path} that {setting} names is readable by others; run chmod 600 {path}."
        )
    return content


def create_secret(path: Path) -> None:
    """A new file with 256 random bits for its owner alone; an existing one is never written over."""
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.write(secrets.token_hex(32) + "\n")
