"""Grids, names of positions, orders, and the rules by which the next position is chosen, as plain data."""

import string
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from functools import lru_cache

MOST_ROWS = 99
MOST_COLUMNS = 99
MOST_LETTERED = len(string.ascii_uppercase)


class Naming(StrEnum):
    """How the positions of a unit are called."""

    LETTER_NUMBER = "letter_number"
    NUMBER_LETTER = "number_letter"
    NUMBER_NUMBER = "number_number"
    RUNNING = "running"


class Order(StrEnum):
    """In which order positions are counted and filled."""

    ROWS = "rows"
    COLUMNS = "columns"


class Rule(StrEnum):
    """Which of several boxes with room is filled next."""

    SIBLINGS = "siblings"
    FULLEST = "fullest"
    LEAST_EMPTY = "least_empty"
    LAST_USED = "last_used"


RULE_WORDS = {
    Rule.SIBLINGS: "Beside others of the same participant, else the box with the fewest free positions.",
    Rule.FULLEST: "The box of which the largest share is taken.",
    Rule.LEAST_EMPTY: "The box with the fewest free positions.",
    Rule.LAST_USED: "The box into which something was put last.",
}

NAMES: dict[Naming, str] = {
    Naming.LETTER_NUMBER: "{letter}{column}",
    Naming.NUMBER_LETTER: "{column}{letter}",
    Naming.NUMBER_NUMBER: "{row}-{column}",
    Naming.RUNNING: "{count}",
}
"""What a position is called by the letter and number of its row, its column, and its place in the order."""
LETTERED = frozenset({Naming.LETTER_NUMBER, Naming.NUMBER_LETTER})
NAMING_WORDS = {
    Naming.LETTER_NUMBER: "A1, A2, B1: rows have letters",
    Naming.NUMBER_LETTER: "1A, 2A, 1B: the number of the column stands first",
    Naming.NUMBER_NUMBER: "1-1, 1-2, 2-1: row and column have numbers",
    Naming.RUNNING: "1, 2, 3: counted through",
}
ORDER_WORDS = {
    Order.ROWS: "Row by row, from left to right",
    Order.COLUMNS: "Column by column, from top to bottom",
}


@dataclass(frozen=True)
class Grid:
    """Positions of a unit: rows from top to bottom, columns from left to right."""

    rows: int
    columns: int
    naming: Naming = Naming.LETTER_NUMBER
    order: Order = Order.ROWS

    def __contains__(self, position: object) -> bool:
        return isinstance(position, str) and position in _positions_of(self)

    @property
    def row_names(self) -> tuple[str, ...]:
        """Rows that are counted through are called by their first position."""
        if self.naming in LETTERED:
            return tuple(string.ascii_uppercase[: self.rows])
        if self.naming is Naming.RUNNING:
            return tuple(self.name(row, 0) for row in range(self.rows))
        return tuple(str(number) for number in range(1, self.rows + 1))

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(str(number) for number in range(1, self.columns + 1))

    @property
    def size(self) -> int:
        return self.rows * self.columns

    @property
    def span(self) -> str:
        """For people: `rows A-H, columns 1-12`, or the first and the last position."""
        if self.naming is Naming.LETTER_NUMBER:
            return f"rows A-{self.row_names[-1]}, columns 1-{self.columns}"
        return f"{self.name(0, 0)} to {self.name(self.rows - 1, self.columns - 1)}"

    def name(self, row: int, column: int) -> str:
        """Of the position in this row and column, both counted from 0."""
        by_rows = self.order is Order.ROWS
        count = row * self.columns + column if by_rows else column * self.rows + row
        letter = string.ascii_uppercase[row] if self.naming in LETTERED else ""
        return NAMES[self.naming].format(letter=letter, row=row + 1, column=column + 1, count=count + 1)

    def read_as(self, well: str) -> str | None:
        """What the box calls a well that a rack scanner calls by letter and number; None for no position."""
        if well in self or self.naming is Naming.LETTER_NUMBER:
            return well if well in self else None
        row, column = string.ascii_uppercase.find(well[:1]), well[1:]
        if not 0 <= row < self.rows or not column.isdecimal() or not 0 < int(column) <= self.columns:
            return None
        return self.name(row, int(column) - 1)

    def cells(self) -> Iterator[tuple[str, tuple[str, ...]]]:
        """As they lie, row by row: what the row is called, and its positions."""
        for row, called in enumerate(self.row_names):
            yield called, tuple(self.name(row, column) for column in range(self.columns))

    def positions(self) -> Iterator[str]:
        """In the unit's own order: A1, A2, ... B1 or A1, B1, ... A2."""
        if self.order is Order.ROWS:
            return (self.name(row, column) for row in range(self.rows) for column in range(self.columns))
        return (self.name(row, column) for column in range(self.columns) for row in range(self.rows))


@lru_cache(maxsize=64)
def _positions_of(grid: Grid) -> frozenset[str]:
    return frozenset(grid.positions())


@dataclass(frozen=True)
class KnownGrid:
    """A grid as makers sell it."""

    code: str
    words: str
    grid: Grid


GRIDS = {
    known.code: known
    for known in (
        KnownGrid("rack_96", "Rack of 96 tubes (Matrix, FluidX, Micronic), A1 to H12", Grid(8, 12)),
        KnownGrid("rack_48", "Rack of 48 tubes, A1 to F8", Grid(6, 8)),
        KnownGrid("rack_24", "Rack of 24 tubes, A1 to D6", Grid(4, 6)),
        KnownGrid("cryobox_81", "Cryobox 9 by 9, 1 to 81", Grid(9, 9, Naming.RUNNING)),
        KnownGrid("cryobox_81_letters", "Cryobox 9 by 9, A1 to I9", Grid(9, 9)),
        KnownGrid("cryobox_100", "Cryobox 10 by 10, 1 to 100", Grid(10, 10, Naming.RUNNING)),
        KnownGrid("cryobox_100_letters", "Cryobox 10 by 10, A1 to J10", Grid(10, 10)),
        KnownGrid("cryobox_25", "Cryobox 5 by 5, 1 to 25", Grid(5, 5, Naming.RUNNING)),
        KnownGrid("tray_50", "Tray of 50 collection tubes, 1-1 to 5-10", Grid(5, 10, Naming.NUMBER_NUMBER)),
        KnownGrid("shelf_rack_20", "Freezer rack 5 by 4, 1-1 to 5-4", Grid(5, 4, Naming.NUMBER_NUMBER)),
    )
}


class ReservedFor(StrEnum):
    """What positions are kept free for."""

    RACK_FILE = "rack_file"
    STUDY = "study"
    KIT = "kit"
    CONSOLIDATION = "consolidation"
    OTHER = "other"
