"""Grids and sizes of storage units, as plain data."""

import string
from collections.abc import Iterator
from dataclasses import dataclass

MOST_ROWS = len(string.ascii_uppercase)
MOST_COLUMNS = 99


@dataclass(frozen=True)
class Grid:
    """Positions of a unit: rows are lettered from A, columns numbered from 1."""

    rows: int
    columns: int

    def __contains__(self, position: object) -> bool:
        if (
            not isinstance(position, str)
            or position[:1] not in self.row_names
            or not position[1:].isdecimal()
        ):
            return False
        return 1 <= int(position[1:]) <= self.columns

    @property
    def row_names(self) -> tuple[str, ...]:
        return tuple(string.ascii_uppercase[: self.rows])

    @property
    def column_names(self) -> tuple[str, ...]:
        return tuple(str(number) for number in range(1, self.columns + 1))

    @property
    def size(self) -> int:
        return self.rows * self.columns

    @property
    def span(self) -> str:
        """For people: `rows A-H, columns 1-12`."""
        return f"rows A-{self.row_names[-1]}, columns 1-{self.columns}"

    def positions(self) -> Iterator[str]:
        """Row by row: A1, A2, ... B1."""
        return (f"{row}{column}" for row in self.row_names for column in self.column_names)
