"""What every report is shown as: a table of numbers with its columns, from which its chart is drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

from biobank.reports.inputs import Period

MOST_SITES = 6
"""Lines of their own in one chart; the other sites are one line together."""


@dataclass(frozen=True)
class Column:
    """A column of numbers; its chart shows it if it is `drawn`, `dashed` if it goes with the one before."""

    label: str
    drawn: bool = True
    dashed: bool = False
    is_name: bool = False
    """A name that people gave, which is never translated."""


@dataclass(frozen=True)
class Row:
    """`label` stands first; a cell is None where there is nothing to count."""

    label: str
    cells: tuple[int | float | None, ...]
    is_name: bool = False
    """The label is a name that people gave, which is never translated."""


@dataclass(frozen=True)
class Table:
    """`first` heads the column of labels; `unit` is what its numbers count."""

    first: str
    unit: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    shape: str = "bars"
    """`bars` or `lines`."""

    @property
    def is_empty(self) -> bool:
        return not any(cell for row in self.rows for cell in row.cells)


def days_of_sites(
    counts: Mapping[str, Mapping[date, int]], named: Mapping[str, str], period: Period, unit: str
) -> Table:
    """Each of the busiest sites has its column, the others one together; of several, the last is all."""
    busiest = sorted(counts, key=lambda code: -sum(counts[code].values()))
    in_all = [Column("All sites", drawn=False)] if len(named) > 1 else []
    rows = []
    for day in period.days:
        of_day = at_sites({code: counts[code].get(day, 0) for code in busiest}, busiest)
        rows.append(Row(day.isoformat(), (*of_day, sum(of_day)) if in_all else tuple(of_day)))
    return Table("Day", unit, (*site_columns(busiest, named), *in_all), tuple(rows), "lines")


def site_columns(busiest: Sequence[str], named: Mapping[str, str], *, drawn: bool = True) -> list[Column]:
    columns = [Column(named.get(code, code), drawn=drawn, is_name=True) for code in busiest[:MOST_SITES]]
    return [*columns, Column("Other sites", drawn=drawn)] if busiest[MOST_SITES:] else columns


def at_sites(counts: Mapping[str, int], busiest: Sequence[str]) -> list[int]:
    """The numbers of one row, in the order of `site_columns`."""
    alone = [counts.get(code, 0) for code in busiest[:MOST_SITES]]
    others = busiest[MOST_SITES:]
    return [*alone, sum(counts.get(code, 0) for code in others)] if others else alone
