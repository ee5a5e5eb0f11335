"""What all tables share: the base class, names of constraints, and the column type of a moment."""

from datetime import datetime
from typing import Annotated

from sqlalchemy import BigInteger, Dialect, Integer, MetaData, Table, event
from sqlalchemy.orm import DeclarativeBase, ORMExecuteState, Session, mapped_column
from sqlalchemy.types import TypeDecorator

from biobank.core.moments import from_microseconds, to_microseconds

HIGHEST_NUMBER = 2**63 - 1
"""Of a row; a database refuses to be asked for more."""
MOST_DIGITS = len(str(HIGHEST_NUMBER)) - 1
"""Of a number that somebody types: with these it is surely below, and it can be read as a number at all."""

NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}


class Base(DeclarativeBase):
    """Every table of the sample side; it holds codes, never a name of a participant."""

    metadata = MetaData(naming_convention=NAMES)


class WrittenForGood(RuntimeError):
    """Code of ours tried to change what is only ever added to; the triggers would have refused it too."""


class AppendOnly:
    """Rows that are added and never changed: the first fence, before the triggers and the tree."""


def _refuse_change(_mapper: object, _connection: object, row: object) -> None:
    raise WrittenForGood(f"{type(row).__name__} is append-only: add a new row that names the old one.")


for change in ("before_update", "before_delete"):
    event.listen(AppendOnly, change, _refuse_change, propagate=True)


@event.listens_for(Session, "do_orm_execute")
def _refuse_bulk_change(asked: ORMExecuteState) -> None:
    of = asked.bind_mapper.class_ if asked.bind_mapper else None
    if of is not None and issubclass(of, AppendOnly) and (asked.is_update or asked.is_delete):
        raise WrittenForGood(f"{of.__name__} is append-only: add a new row that names the old one.")


class Moment(TypeDecorator[datetime]):
    """Microseconds since 1970 in UTC as an integer; refuses naive datetimes.

    An integer, since the scan path writes and reads past SQLAlchemy's type processors.
    """

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else to_microseconds(value)

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002 (SQLAlchemy's signature)
        return None if value is None else from_microseconds(value)


Key = BigInteger().with_variant(Integer(), "sqlite")
"""Surrogate keys: 64 bits; SQLite numbers rows by itself only for INTEGER."""

PrimaryKey = Annotated[int, mapped_column(Key, primary_key=True, autoincrement=True)]


def table_of(model: type[Base]) -> Table:
    """The Core table behind a model, for statements of the scan path."""
    found = model.__table__
    if not isinstance(found, Table):
        raise TypeError(f"{model.__name__} is not mapped to a table")
    return found
