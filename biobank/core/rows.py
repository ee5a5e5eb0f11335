"""One row by its number, rows that are held until the transaction ends, and many a few hundred at a time."""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TypeVar

from sqlalchemy import Select, select

from biobank.core.database import Work
from biobank.core.tables import HIGHEST_NUMBER, Base, table_of

Row = TypeVar("Row", bound=Base)
Named = TypeVar("Named")
AT_ONCE = 500


def locking(question: Select[Row]) -> Select[Row]:
    """Read anew although it was loaded before: what others wrote meanwhile is what counts."""
    return question.with_for_update().execution_options(populate_existing=True)


def row_numbered(work: Work, model: type[Row], number: int, *, locked: bool = False) -> Row | None:
    """None also for what is no number of a row: an address may name any."""
    if not 0 < number <= HIGHEST_NUMBER:
        return None
    question = select(model).where(table_of(model).c.id == number)
    return work.session.scalar(locking(question) if locked else question)


def in_turns(many: Iterable[Named]) -> Iterator[list[Named]]:
    """A few hundred at a time: no database takes any number of values in one question."""
    rest = iter(many)
    while some := list(islice(rest, AT_ONCE)):
        yield some
