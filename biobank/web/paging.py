"""Lists by keyset: a page begins after the last row of the one before, however many there are."""

import base64
import binascii
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from sqlalchemy import Select, tuple_
from sqlalchemy.orm import InstrumentedAttribute

from biobank.core.database import Work
from biobank.core.errors import Invalid
from biobank.core.tables import HIGHEST_NUMBER

Row = TypeVar("Row")
USUAL = 50
MOST = 500


class CursorRefused(Invalid):
    title = "Cursor refused"


@dataclass(frozen=True)
class Page(Generic[Row]):
    """Some rows, and the cursor of the next page; `None` at the end."""

    rows: Sequence[Row]
    next_cursor: str | None

    def next_url(self, path: str) -> str | None:
        """Where the next page of a list stands whose first page is at `path`."""
        joint = "&" if "?" in path else "?"
        return f"{path}{joint}cursor={self.next_cursor}" if self.next_cursor else None


def filters(address: str, parts: Mapping[str, tuple[str, object]], current: str) -> list[dict[str, Any]]:
    """Parts of a list, as the macro `signs.filters` takes them; `address` ends where a part's name goes."""
    return [
        {"label": label, "url": f"{address}{name}", "current": name == current}
        for name, (label, _) in parts.items()
    ]


def page(
    work: Work,
    query: Select[Row],
    keys: Sequence[InstrumentedAttribute[Any]],
    *,
    cursor: str | None = None,
    limit: int = USUAL,
    newest_first: bool = False,
) -> Page[Row]:
    """A page of `query`, ordered by `keys`: attributes of its one entity, unique together, str or int.

    `newest_first` goes down by the same keys. Raises `CursorRefused`.
    """
    size = max(1, min(limit, MOST))
    if cursor:
        last = tuple_(*_values(cursor, keys))
        query = query.where(tuple_(*keys) < last if newest_first else tuple_(*keys) > last)
    order = [key.desc() for key in keys] if newest_first else keys
    found = work.session.scalars(query.order_by(*order).limit(size + 1)).all()
    rows = found[:size]
    more = len(found) > size
    return Page(rows, _cursor([getattr(rows[-1], key.key) for key in keys]) if more else None)


def _cursor(values: Sequence[str | int]) -> str:
    return base64.urlsafe_b64encode(json.dumps(values).encode()).decode().rstrip("=")


def _values(cursor: str, keys: Sequence[InstrumentedAttribute[Any]]) -> list[str | int]:
    try:
        values = json.loads(
            base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        )
    except (binascii.Error, ValueError, RecursionError):
        values = None
    expected = [key.type.python_type for key in keys]
    if (
        not isinstance(values, list)
        or [type(value) for value in values] != expected
        or any(type(value) is int and abs(value) > HIGHEST_NUMBER for value in values)
    ):
        raise CursorRefused("This cursor is not one that a list gave; begin the list again without it.")
    return values
