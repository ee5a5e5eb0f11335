"""Limits of temperature and time by tube specification, read from the file that people keep."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from biobank.core.toml_tables import BadFile, Table
from biobank.temperatures.choices import Side

CODE = r"[0-9A-Z]{2,16}"
KEYS = frozenset({"codes", "above", "below", "minutes", "meaning", "source"})


class BadLimit(BadFile):
    title = "Limits refused"


@dataclass(frozen=True)
class Limit:
    """A tube may be beyond `celsius` for at most `minutes` in all; `source` is who says so."""

    side: Side
    celsius: int
    minutes: int
    meaning: str
    source: str

    @property
    def name(self) -> str:
        """`above 8`, as excursions keep it."""
        return f"{self.side.value} {self.celsius}"


Limits = Mapping[str, tuple[Limit, ...]]
"""By the code of a specification."""


def limits_of(path: str) -> Limits:
    """The file as it is now; read again when it was changed. Raises `BadLimit`."""
    file = Path(path)
    try:
        changed = file.stat().st_mtime_ns
    except OSError as problem:
        raise BadLimit(file.name, "file", "it cannot be read; name one in limits_file") from problem
    return _read(file, changed)


@lru_cache(maxsize=4)
def _read(file: Path, changed: int) -> Limits:  # noqa: ARG001 (when it was changed decides whether it is read)
    whole = Table.of_file(file, BadLimit)
    whole.refuse_unknown({"limit"})
    found: dict[str, tuple[Limit, ...]] = {}
    for table in whole.tables("limit"):
        limit = _limit(table)
        for code in _codes(table):
            if any(each.name == limit.name for each in found.get(code, ())):
                table.refuse("codes", f"{code} has this limit already; remove one of the two")
            found[code] = (*found.get(code, ()), limit)
    return found


def _limit(table: Table) -> Limit:
    table.refuse_unknown(KEYS)
    sides = [side for side in Side if side.value in table.values]
    if len(sides) != 1:
        table.refuse("above", "give either above or below, in whole degrees Celsius")
    celsius = table.number(sides[0].value, least=-200)
    minutes = table.number("minutes", least=0)
    return Limit(sides[0], celsius, minutes, table.text("meaning"), table.text("source"))


def _codes(table: Table) -> list[str]:
    codes = table.values.get("codes")
    if not isinstance(codes, list) or not codes or not all(isinstance(code, str) for code in codes):
        table.refuse("codes", "this must be a list of codes in quotes")
    return [str(code) for code in codes]
