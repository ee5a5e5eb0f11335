"""Transactions of the vault, and its keys as one of them sees them.

A transaction of the samples may be open around one of the vault, never the other way round.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import func, inspect, select, text
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from biobank.core import moments
from biobank.core.database import Work, db, reading, writing
from biobank.core.schema import IDENTITY
from biobank.identity.models import VaultKey
from biobank.identity.vault_keys import (
    DataKey,
    key_named,
    new_file_key,
    read_key_file,
    unwrapped,
    wrapped,
)


class Vault:
    """One open transaction of the vault. Raises `SecretRefused` for a key file that cannot be read."""

    def __init__(self, work: Work) -> None:
        self.work = work
        self.path = Path(work.settings.vault_key_file)
        self.file_keys = read_key_file(self.path)
        self._data_keys: dict[int, DataKey] = {}

    @property
    def session(self) -> Session:
        return self.work.session

    def data_key(self, number: int) -> DataKey:
        """Raises `VaultKeyRefused`."""
        if number not in self._data_keys:
            self._data_keys[number] = self.opened(self.session.get_one(VaultKey, number))
        return self._data_keys[number]

    def opened(self, row: VaultKey) -> DataKey:
        """The file was read before the row: a key that was exchanged in between stands in the file now."""
        if row.wrapped_by not in {each.fingerprint for each in self.file_keys}:
            self.file_keys = read_key_file(self.path)
        return unwrapped(row.wrapped, row.number, key_named(self.file_keys, row.wrapped_by, self.path))

    def live_keys(self) -> list[DataKey]:
        """Newest first; while keys are rotated there are two."""
        rows = self.session.scalars(select(VaultKey).where(VaultKey.retired_at.is_(None)))
        return sorted(map(self.opened, rows), key=lambda key: -key.number)

    def sealing_key(self, by: str) -> DataKey:
        """The newest, which is not retired before this transaction is over; made when there is none."""
        newest = select(VaultKey).where(VaultKey.retired_at.is_(None)).order_by(VaultKey.number.desc())
        row = self.session.scalars(newest.with_for_update(read=True).limit(1)).first()
        return self.opened(row) if row else self._first_key(by)

    def _first_key(self, by: str) -> DataKey:
        if not self.work.is_sqlite:  # two may be the first at once
            self.session.execute(text("LOCK TABLE vault_keys IN EXCLUSIVE MODE"))
        known = self.live_keys()
        return known[0] if known else self.add_key(by)

    def add_key(self, by: str) -> DataKey:
        newest = self.session.scalar(select(func.max(VaultKey.number)))
        made = DataKey((newest or 0) + 1, new_file_key().key)
        with_it = self.file_keys[0]
        self.session.add(
            VaultKey(
                number=made.number,
                wrapped=wrapped(made, with_it),
                wrapped_by=with_it.fingerprint,
                made_at=moments.now(),
                made_by=by,
            )
        )
        self.work.flush()
        return made


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
    found by who needs it. Raises `SecretRefused`, `VaultKeyRefused`.
    """
    engine = db.engines[IDENTITY]
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return
    try:
        if not inspect(engine).has_table(VaultKey.__tablename__):
            return
    except OperationalError:
        return
    with vault_reading() as vault:
        vault.live_keys()
