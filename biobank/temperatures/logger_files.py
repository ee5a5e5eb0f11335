"""Reading a temperature logger's file: all of it or nothing, and line and column of what cannot be read."""

import csv
import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from decimal import Decimal, InvalidOperation

from biobank.core.errors import Invalid
from biobank.temperatures.choices import (
    HIGHEST_HUNDREDTHS,
    LARGEST_FILE,
    LOWEST_HUNDREDTHS,
    MOST_READINGS,
)
from biobank.temperatures.layouts import LAYOUTS, LINES_BEFORE, NAMED, Layout, in_letters

OFFSET = re.compile(r"(?:GMT|UTC)\s*(?:([+\-\u2212])\s*(\d{1,2})(?::?(\d{2}))?)?", re.IGNORECASE)
IN_HEAD = re.compile(r"S/N:?\s*([\w-]+)", re.IGNORECASE)
NUMBER = re.compile(r"[\w-]{1,40}", re.ASCII)
TOLD = re.compile(r"^([^:,;\t]{2,60}?)\s*[:,;\t]\s*[,;\t]?\s*(.*?)[,;\t\s]*$")
FAHRENHEIT = re.compile(r"°\s*F|\bF\b|fahrenheit|℉", re.IGNORECASE)
ZONE_WORDS = ("zone", "utc", "gmt")
FARTHEST_ZONE = 14 * 60
"""Minutes from UTC; there is no zone beyond."""
MOST_DIGITS = 4
"""Before the decimal point, of a temperature."""


class LoggerFileRefused(Invalid):
    """Where in the file something is that cannot be so, what it is, and what to do."""

    title = "Logger file refused"


@dataclass(frozen=True)
class Reading:
    """What a logger saw at a moment, in hundredths of a degree Celsius."""

    at: datetime
    hundredths: int


@dataclass(frozen=True)
class LoggerFile:
    """A file as it was read: of which logger, in which layout, reading by reading in order of time."""

    layout: str
    logger: str | None
    readings: tuple[Reading, ...]


@dataclass(frozen=True)
class _Table:
    layout: Layout
    separator: str
    head: list[str]
    moment: list[int]
    temperature: int
    unit: int | None
    above: list[str]
    first_line: int
    """Number of the head's line, from 1."""


def read_logger_file(
    content: bytes, zone: tzinfo, *, layout: str | None = None, until: datetime | None = None
) -> LoggerFile:
    """`zone` is in which wall times are meant where the file does not say; no reading is later than `until`.

    Raises `LoggerFileRefused`.
    """
    lines = _lines(content)
    table = _table(lines, [NAMED[layout]] if layout in NAMED else LAYOUTS)
    told = _told(table)
    zone = _zone(table, told) or zone
    is_fahrenheit = bool(FAHRENHEIT.search(table.head[table.temperature])) or "fahrenheit" in told.get(
        "unit", ""
    )
    readings: list[Reading] = []
    for number, line in enumerate(lines[table.first_line :], table.first_line + 1):
        cells = _cells(line, table.separator, number)
        reading = _reading(table, cells, number, zone, is_fahrenheit=is_fahrenheit)
        if reading is not None:
            _follows(readings, reading, number)
            _was_made(reading, number, until)
            readings.append(reading)
    if not readings:
        raise LoggerFileRefused("There is no reading in this file; export the whole journey again.")
    return LoggerFile(table.layout.name, _number(table, told), tuple(readings))


def _lines(content: bytes) -> list[str]:
    """Raises `LoggerFileRefused`."""
    if not content:
        raise LoggerFileRefused("The file is empty; choose the one that the logger's program wrote.")
    if len(content) > LARGEST_FILE:
        raise LoggerFileRefused(
            f"The file has more than {LARGEST_FILE // 2**20} MB; that is no logger's table."
        )
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        text = content.decode("utf-16", errors="replace")
    else:
        try:
            text = content.decode("utf-8-sig")
        except UnicodeDecodeError:
            text = content.decode("cp1252", errors="replace")
    if "\0" in text or content.startswith(b"%PDF"):
        raise LoggerFileRefused("This is no table of text; export the readings as CSV and choose that file.")
    return text.splitlines()


def _table(lines: Sequence[str], layouts: Sequence[Layout]) -> _Table:
    """Raises `LoggerFileRefused`."""
    top = "\n".join(lines[:LINES_BEFORE]).casefold()
    for layout in layouts:
        if any(mark in top for mark in layout.marks):
            for number, line in enumerate(lines[:LINES_BEFORE]):
                found = _head(layout, line, list(lines[:number]), number + 1)
                if found is not None:
                    return found
    known = "; ".join(layout.logger for layout in LAYOUTS[:-1])
    raise LoggerFileRefused(
        f"The layout of this file is not known; known are {known}. Export it as CSV with its head."
    )


def _head(layout: Layout, line: str, above: list[str], number: int) -> _Table | None:
    """The line with the names of the columns, if this is it."""
    for separator in layout.separators:
        head = _cells(line, separator, number)
        words = [in_letters(cell) for cell in head]
        moment = _columns_of_the_moment(layout, words)
        temperature = _first(words, layout.temperature, but=moment)
        if moment and temperature is not None:
            unit = _first(words, (layout.unit_column,)) if layout.unit_column else None
            return _Table(layout, separator, head, moment, temperature, unit, above, number)
    return None


def _cells(line: str, separator: str, number: int) -> list[str]:
    """Raises `LoggerFileRefused`."""
    try:
        return next(csv.reader([line], delimiter=separator), [])
    except csv.Error as problem:
        raise LoggerFileRefused(f"Line {number} is no line of a table; export the file again.") from problem


def _columns_of_the_moment(layout: Layout, words: list[str]) -> list[int]:
    """One column, or the two of a date and a time of day."""
    if layout.moment == ("date", "time"):
        both = [words.index(name) for name in ("date", "time") if name in words]
        if len(both) == len(layout.moment):
            return both
    one = _first(words, ("datetime", *layout.moment))
    return [] if one is None else [one]


def _first(words: Sequence[str], names: Sequence[str | None], but: Sequence[int] = ()) -> int | None:
    for name in names:
        for at, word in enumerate(words):
            if name and word.startswith(name) and at not in but:
                return at
    return None


def _told(table: _Table) -> dict[str, str]:
    """What stands above the readings, by word in small letters."""
    found: dict[str, str] = {}
    for line in table.above:
        match = TOLD.match(line.replace('"', "").strip())
        if match and match[2]:
            found.setdefault(in_letters(match[1]), match[2].strip())
    units = next((value for word, value in found.items() if "unit" in word), "")
    return found | {"unit": "fahrenheit" if FAHRENHEIT.search(units) else "celsius"}


def _number(table: _Table, told: dict[str, str]) -> str | None:
    in_head = IN_HEAD.search(table.head[table.temperature])
    if in_head:
        return in_head[1] if NUMBER.fullmatch(in_head[1]) else None
    found = next((told[word] for word in table.layout.number if word in told), None)
    word = found.split()[0] if found else ""
    return word if NUMBER.fullmatch(word) else None


def _zone(table: _Table, told: dict[str, str]) -> tzinfo | None:
    """As the file says; a bare GMT or UTC is zero. Raises `LoggerFileRefused`."""
    said = [table.head[at] for at in table.moment]
    said += [f"UTC{value}" for word, value in told.items() if any(part in word for part in ZONE_WORDS)]
    matches = [match for text in said for match in OFFSET.finditer(text)]
    signed = next((match for match in matches if match[1]), None)
    if signed is None:
        return UTC if matches else None
    minutes = int(signed[2]) * 60 + int(signed[3] or 0)
    if minutes > FARTHEST_ZONE:
        raise LoggerFileRefused("The time zone in this file is none; choose the file as it was exported.")
    return timezone(timedelta(minutes=minutes if signed[1] == "+" else -minutes))


def _reading(
    table: _Table, cells: list[str], number: int, zone: tzinfo, *, is_fahrenheit: bool
) -> Reading | None:
    """None for a line without a temperature: an event such as *Stopped*. Raises `LoggerFileRefused`."""
    needed = max(*table.moment, table.temperature)
    if not any(cell.strip() for cell in cells):
        return None
    if len(cells) <= needed:
        raise LoggerFileRefused(
            f"Line {number} has {len(cells)} columns, and {needed + 1} are needed; export the file again."
        )
    text = cells[table.temperature].strip()
    if not text:
        return None
    in_line = cells[table.unit] if table.unit is not None and len(cells) > table.unit else ""
    hundredths = _hundredths(table, text, number, is_fahrenheit or bool(FAHRENHEIT.search(in_line)))
    told = " ".join(cells[at].strip() for at in table.moment)
    return Reading(_moment(table, told, number, zone), hundredths)


def _hundredths(table: _Table, text: str, number: int, is_fahrenheit: bool) -> int:
    """Raises `LoggerFileRefused`."""
    plain = text.replace("\u2212", "-").rstrip("°CF ")
    plain = plain.replace(",", ".") if table.layout.decimal_comma or "." not in plain else plain
    column = table.head[table.temperature].strip() or "temperature"
    try:
        degrees = Decimal(plain)
    except InvalidOperation as problem:
        raise LoggerFileRefused(
            f"Line {number}, column “{column}”: this is no temperature; export the file again."
        ) from problem
    if not degrees.is_finite():
        raise LoggerFileRefused(f"Line {number}, column “{column}”: this is no temperature.")
    hundredths = HIGHEST_HUNDREDTHS * 2
    if degrees.adjusted() < MOST_DIGITS:  # what has more is too large to reckon with
        hundredths = round((degrees - 32) * 500 / 9 if is_fahrenheit else degrees * 100)
    if not LOWEST_HUNDREDTHS <= hundredths <= HIGHEST_HUNDREDTHS:
        raise LoggerFileRefused(
            f"Line {number}, column “{column}”: no parcel is that cold or warm; look at the unit of the file."
        )
    return hundredths


def _moment(table: _Table, text: str, number: int, zone: tzinfo) -> datetime:
    """Raises `LoggerFileRefused`."""
    for form in table.layout.formats:
        try:
            return datetime.strptime(text, form).replace(tzinfo=zone).astimezone(UTC)
        except (ValueError, OverflowError):
            continue
    column = table.head[table.moment[0]].strip() or "time"
    raise LoggerFileRefused(
        f"Line {number}, column “{column}”: this time cannot be read in the layout {table.layout.name}."
    )


def _was_made(reading: Reading, number: int, until: datetime | None) -> None:
    """Raises `LoggerFileRefused`."""
    if until is not None and reading.at > until:
        raise LoggerFileRefused(
            f"Line {number} is of {reading.at:%Y-%m-%d %H:%M} UTC, which has not come yet; look at the "
            "clock of the logger and at the time zone."
        )


def _follows(before: Sequence[Reading], reading: Reading, number: int) -> None:
    """Raises `LoggerFileRefused`."""
    if before and reading.at < before[-1].at:
        raise LoggerFileRefused(
            f"Line {number} lies before the line above it; the file was sorted or cut, so export it again."
        )
    if len(before) >= MOST_READINGS:
        raise LoggerFileRefused(f"The file has more than {MOST_READINGS} readings; export the journey alone.")
