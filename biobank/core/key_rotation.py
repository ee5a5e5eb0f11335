"""New keys: the data key, with everything sealed anew in batches, and the key file's key.

Either can be killed at any moment: the next run goes on where it was. In transactions of its own.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, func, inspect, select
from sqlalchemy.orm import InstrumentedAttribute

from biobank.core import moments
from biobank.core.data_keys import FileKey, new_key
from biobank.core.key_ring import KeyRing

AT_ONCE = 100

Ring = TypeVar("Ring", bound=KeyRing)


@dataclass(frozen=True)
class Rotated:
    """The number of the key in use now, and how many rows were sealed anew in this run."""

    key: int
    resealed: int


@dataclass(frozen=True)
class Sealed(Generic[Ring]):
    """The rows that are sealed with the data keys of one table."""

    reading: Callable[[], AbstractContextManager[Ring]]
    writing: Callable[[], AbstractContextManager[Ring]]
    sealed_with: InstrumentedAttribute[int]
    """The column of the rows that names their data key."""
    reseal: Callable[[Ring, Any, str], None]
    """Seals one row anew with the newest key, for the person named."""

    def before(self, newest: int) -> Select[Any]:
        return select(self.sealed_with.class_).where(self.sealed_with != newest)


def rotate_data_key(sealed: Sealed[Ring], by: str) -> Rotated:
    """A new data key; the one before is emptied once nothing is sealed with it any more."""
    newest = _newer_key(sealed, by)
    resealed = 0
    while done := _reseal_some(sealed, newest, by) or _still_in_use(sealed, newest):
        resealed += done
    return Rotated(newest, resealed)


def _newer_key(sealed: Sealed[Ring], by: str) -> int:
    """Made, unless an earlier run was killed after it had made one."""
    with sealed.writing() as ring:
        ring.lock()
        live = ring.live_keys()
        return live[0].number if len(live) > 1 else ring.add_key(by).number


def _reseal_some(sealed: Sealed[Ring], newest: int, by: str) -> int:
    in_order = inspect(sealed.sealed_with.class_).primary_key
    with sealed.writing() as ring:
        some = sealed.before(newest).order_by(*in_order).limit(AT_ONCE).with_for_update()
        rows = ring.session.scalars(some).all()
        for row in rows:
            sealed.reseal(ring, row, by)
        return len(rows)


def _still_in_use(sealed: Sealed[Ring], newest: int) -> int:
    """Empty the older keys; how many rows somebody sealed with one meanwhile, if it was any."""
    with sealed.writing() as ring:
        older = select(ring.model).where(ring.model.retired_at.is_(None), ring.model.number != newest)
        rows = ring.session.scalars(older.with_for_update()).all()  # waits for who is sealing with one now
        left = ring.session.scalar(select(func.count()).select_from(sealed.before(newest).subquery())) or 0
        if not left:
            for row in rows:
                row.wrapped, row.retired_at = b"", moments.now()
        return left


@dataclass(frozen=True)
class Exchanged:
    """The fingerprint of the key file's key, and how many data keys it wraps."""

    key: str
    wrapped: int


def exchange_file_key(sealed: Sealed[Ring]) -> Exchanged:
    """A new key in the key file, every data key wrapped with it.

    While it goes on the file holds both keys, so that whoever reads it opens what there is.
    """
    with sealed.reading() as ring:
        file, keys = ring.file, ring.file_keys
    if len(keys) == 1:
        keys = (FileKey(new_key()), *keys)
        file.write(keys)
    with sealed.writing() as ring:
        live = select(ring.model).where(ring.model.retired_at.is_(None)).with_for_update()
        rows = ring.session.scalars(live).all()
        for row in rows:
            row.wrapped, row.wrapped_by = file.wrapped(ring.opened(row), keys[0]), keys[0].fingerprint
    file.write(keys[:1])
    return Exchanged(keys[0].fingerprint, len(rows))
