"""What a logger saw as a table of few rows: the lowest and the highest of each stretch of time."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from biobank.core.moments import zone_named
from biobank.temperatures.logger_files import Reading
from biobank.web.report_tables import Column, Row, Table

MOST_ROWS = 96
WIDTHS = tuple(timedelta(minutes=minutes) for minutes in (15, 30, 60, 120, 240, 480, 1440))


def by_stretch(readings: Sequence[Reading], zone: str) -> Table:
    """At most some hundred rows however long the journey was; no reading is left out of them."""
    first, last = readings[0].at, readings[-1].at
    width = next((each for each in WIDTHS if (last - first) / each < MOST_ROWS), (last - first) / MOST_ROWS)
    found: dict[int, list[int]] = {}
    for each in readings:
        found.setdefault(int((each.at - first) / width), []).append(each.hundredths)
    rows = tuple(
        Row(_label(first + at * width, zone), (min(seen) / 100, max(seen) / 100))
        for at, seen in sorted(found.items())
    )
    columns = (Column("Lowest"), Column("Highest", dashed=True))
    return Table("From", "degrees Celsius", columns, rows, "lines")


def _label(at: datetime, zone: str) -> str:
    return f"{at.astimezone(zone_named(zone)):%Y-%m-%d %H:%M}"
