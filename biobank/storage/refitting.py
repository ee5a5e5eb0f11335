"""Renaming or refitting a place: what is told, checked and kept; each change is an entry of the place."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from biobank.core.database import Work
from biobank.custody.checks import seen_by
from biobank.custody.queries import items_inside
from biobank.custody.states import Kind
from biobank.custody.steps import Alert, Attempt, Done, Flag
from biobank.storage.checks import UnitRefused, contents_can_be, grid_can_be, name_can_be, named
from biobank.storage.choices import Grid, Naming, Order, Rule
from biobank.storage.models import StorageUnit
from biobank.storage.queries import lock_unit

COLDEST, WARMEST = -273, 100
MOST_NAMED = 3
TOLD = frozenset(
    {"name", "rows", "columns", "temperature_celsius", "allowed", "naming", "filled_by", "contents", "rule"}
)


@dataclass(frozen=True)
class Fitted:
    """What a unit offers, in the words of its entries: each entry says only what it changed."""

    rows: int = 0
    columns: int = 0
    temperature_celsius: int | None = None
    allowed: tuple[str, ...] = ()
    naming: str = Naming.LETTER_NUMBER.value
    filled_by: str = Order.ROWS.value
    contents: tuple[str, ...] = ()
    rule: str | None = None

    @property
    def grid(self) -> Grid:
        return Grid(self.rows, self.columns, Naming(self.naming), Order(self.filled_by))

    def told(self, details: Mapping[str, Any]) -> "Fitted":
        """After an entry with these details. Raises `ValueError`, `TypeError` for what cannot be so."""
        known = {name: getattr(self, name) for name in self.__dataclass_fields__}
        known |= {name: value for name, value in details.items() if name in known}
        return Fitted(
            rows=_whole(known["rows"]),
            columns=_whole(known["columns"]),
            temperature_celsius=_degrees(known["temperature_celsius"]),
            allowed=tuple(sorted(Kind(each).value for each in known["allowed"] or ())),
            naming=Naming(known["naming"]).value,
            filled_by=Order(known["filled_by"]).value,
            contents=tuple(str(each) for each in known["contents"] or ()),
            rule=Rule(known["rule"]).value if known["rule"] else None,
        )


def _whole(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(value)
    return value


def _degrees(value: Any) -> int | None:
    if value is not None and not COLDEST <= _whole(value) <= WARMEST:
        raise ValueError(value)
    return value if value is None else _whole(value)


def fitted(row: StorageUnit) -> Fitted:
    return Fitted(
        rows=row.grid_rows,
        columns=row.grid_columns,
        temperature_celsius=row.temperature_celsius,
        allowed=tuple(row.allowed_kinds.split()),
        naming=row.naming,
        filled_by=row.filled_by,
        contents=tuple(row.allowed_contents.split("\n")) if row.allowed_contents else (),
        rule=row.rule,
    )


def refit_is_understood(work: Work, attempt: Attempt) -> list[Flag]:
    """A position that would be no more and in which something lies is asked back.

    Raises `OtherSite`, `UnitRefused`.
    """
    seen_by(work, attempt.by, attempt.item)
    lock_unit(work, attempt.item)
    unknown = sorted(set(attempt.details) - TOLD)
    if unknown or not attempt.details:
        raise UnitRefused(
            f"Say what is new of {named(attempt.item)}: its name, rows, columns, naming, filled_by, "
            "temperature_celsius, allowed, contents or rule.",
            field=unknown[0] if unknown else "name",
        )
    name_can_be(str(attempt.details.get("name", attempt.item.specification or "?")))
    after = _after(work, attempt)
    grid_can_be(after.grid)
    contents_can_be(after.contents)
    lost = [
        each.position
        for each in items_inside(work, attempt.item.id)
        if each.position and each.position not in after.grid
    ]
    if not lost or attempt.item.kind is Kind.AUTOMATED_STORE:
        return []
    return attempt.ask_back(
        "positions_in_use",
        f"Something lies in {', '.join(lost[:MOST_NAMED])} of {named(attempt.item)}, and there would be no "
        "such position any more.",
    )


def _after(work: Work, attempt: Attempt) -> Fitted:
    row = work.session.get_one(StorageUnit, attempt.item.id)
    try:
        return fitted(row).told(attempt.details)
    except (TypeError, ValueError) as problem:
        raise UnitRefused(
            f"{named(attempt.item)} cannot be so: {problem}; look at the numbers and words again.",
            field="rows",
        ) from problem


def new_name(_: Work, attempt: Attempt) -> Mapping[str, Any]:
    """What it is called stands with the item."""
    name = str(attempt.details.get("name", "")).strip()
    return {"specification": name} if name and name != attempt.item.specification else {}


def unit_is_refitted(work: Work, done: Done) -> list[Alert]:
    row = work.session.get_one(StorageUnit, done.item.id)
    after = fitted(row).told(done.attempt.details)
    row.grid_rows, row.grid_columns = after.rows, after.columns
    row.temperature_celsius = after.temperature_celsius
    row.allowed_kinds = " ".join(after.allowed)
    row.naming, row.filled_by = after.naming, after.filled_by
    row.allowed_contents = "\n".join(after.contents)
    row.rule = after.rule
    work.flush()
    return []
