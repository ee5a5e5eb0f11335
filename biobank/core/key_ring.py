"""The data keys of a table as one transaction sees them."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, LargeBinary, String, func, select, text
from sqlalchemy import inspect as schema_of
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Mapped, Session, mapped_column

from biobank.core import moments
from biobank.core.data_keys import DataKey, KeyFile, new_key
from biobank.core.database import Work
from biobank.core.tables import Moment


class WrappedKey:
    """Columns of a table of data keys, each wrapped by the key of a key file."""

    number: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    wrapped: Mapped[bytes] = mapped_column(LargeBinary)
    """Nonce and AES-256-GCM; emptied once nothing is sealed with it any more."""
    wrapped_by: Mapped[str] = mapped_column(String(16))
    """Fingerprint of the key file's key; says nothing about the key."""
    made_at: Mapped[datetime] = mapped_column(Moment)
    made_by: Mapped[str] = mapped_column(String(40))
    retired_at: Mapped[datetime | None] = mapped_column(Moment)


class KeyRing:
    """Raises `SecretRefused` for a key file that cannot be read."""

    def __init__(self, work: Work, file: KeyFile, model: type[Any]) -> None:
        self.work = work
        self.file = file
        self.model = model
        self.file_keys = file.read()
        self._data_keys: dict[int, DataKey] = {}

    @property
    def session(self) -> Session:
        return self.work.session

    def data_key(self, number: int) -> DataKey:
        """Raises `WrongKey`."""
        if number not in self._data_keys:
            self._data_keys[number] = self.opened(self.session.get_one(self.model, number))
        return self._data_keys[number]

    def opened(self, row: WrappedKey) -> DataKey:
        """The file was read before the row: a key that was exchanged in between stands in the file now."""
        if row.wrapped_by not in {each.fingerprint for each in self.file_keys}:
            self.file_keys = self.file.read()
        return self.file.unwrapped(row.wrapped, row.number, self.file.named(self.file_keys, row.wrapped_by))

    def live_keys(self) -> list[DataKey]:
        """Newest first; while keys are rotated there are two."""
        rows = self.session.scalars(select(self.model).where(self.model.retired_at.is_(None)))
        return sorted(map(self.opened, rows), key=lambda key: -key.number)

    def sealing_key(self, by: str) -> DataKey:
        """The newest, which is not retired before this transaction is over; made when there is none."""
        newest = select(self.model).where(self.model.retired_at.is_(None)).order_by(self.model.number.desc())
        row = self.session.scalars(newest.with_for_update(read=True).limit(1)).first()
        return self.opened(row) if row else self._first_key(by)

    def _first_key(self, by: str) -> DataKey:
        self.lock()  # two may be the first at once
        known = self.live_keys()
        return known[0] if known else self.add_key(by)

    def lock(self) -> None:
        if not self.work.is_sqlite:
            self.session.execute(text(f"LOCK TABLE {self.file.table} IN EXCLUSIVE MODE"))

    def add_key(self, by: str) -> DataKey:
        newest = self.session.scalar(select(func.max(self.model.number)))
        made, with_it = DataKey((newest or 0) + 1, new_key()), self.file_keys[0]
        self.session.add(
            self.model(
                number=made.number,
                wrapped=self.file.wrapped(made, with_it),
                wrapped_by=with_it.fingerprint,
                made_at=moments.now(),
                made_by=by,
            )
        )
        self.work.flush()
        return made


def keys_open(engine: Engine, table: str, open_live_keys: Callable[[], None]) -> None:
    """At the start: the key file belongs to the database; one that is not there yet is of no concern.

    Raises `SecretRefused`, `WrongKey`.
    """
    if engine.dialect.name == "sqlite" and not Path(engine.url.database or "").exists():
        return
    try:
        if not schema_of(engine).has_table(table):
            return
    except OperationalError:
        return
    open_live_keys()
