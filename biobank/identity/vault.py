"""Transactions of the vault, and its keys as one of them sees them.

A transaction of the samples may be open around one of the vault, never the other way round.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from biobank.core.data_keys import KeyFile
from biobank.core.database import Work, db, reading, writing
from biobank.core.key_ring import KeyRing, keys_open
from biobank.core.schema import IDENTITY
from biobank.identity.models import VaultKey
from biobank.settings import Settings


def vault_key_file(settings: Settings) -> KeyFile:
    path = Path(settings.vault_key_file)
    return KeyFile(path, "vault_key_file", VaultKey.__tablename__, "identity vault")


class Vault(KeyRing):
    """One open transaction of the vault. Raises `SecretRefused` for a key file that cannot be read."""

    def __init__(self, work: Work) -> None:
        super().__init__(work, vault_key_file(work.settings), VaultKey)


@contextmanager
def vault_reading() -> Iterator[Vault]:
    """One state of the vault. Raises `DatabaseUnavailable`."""
    with reading(db.engines[IDENTITY]) as work:
        yield Vault(work)


@contextmanager
def vault_writing() -> Iterator[Vault]:
    """One transaction of the vault, all or nothing, kept when the block ends."""
    with writing(db.engines[IDENTITY]) as work:
        yield Vault(work)


def vault_opens() -> None:
    """At the start: the key file belongs to the vault that is there; one that is not there yet, or away, is
    found by who needs it. Raises `SecretRefused`, `WrongKey`.
    """

    def live_keys() -> None:
        with vault_reading() as vault:
            vault.live_keys()

    keys_open(db.engines[IDENTITY], VaultKey.__tablename__, live_keys)
