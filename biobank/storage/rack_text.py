"""Rack scanners' files of lines and columns: separators, headers, and which layout it is."""

import csv
import re
from collections.abc import Mapping
from pathlib import PurePath

from biobank.core.counting import counted
from biobank.items.positions import normalise_position
from biobank.storage.rack_layouts import COLUMNS, LAYOUTS, NAMED, Layout, Part, in_letters
from biobank.storage.rack_tables import RackFileRefused, Row, Table, not_of_a_layout, row_letter

SEPARATORS = "\t;,"
MOST_LINES = 2000
POSITION = re.compile(r"[A-Z][0-9]{1,2}")
RACK_IN_NAME = re.compile(r"[0-9A-Z]*[0-9][0-9A-Z]*")

Lines = list[tuple[str, list[str]]]
"""Where each line stands, and its fields."""


def text_table(text: str, file: str, named: str | None) -> Table:
    """Raises `RackFileRefused`; `named` is the only layout to try."""
    lines = _lines(text, file)
    for layout in [NAMED[named]] if named else LAYOUTS:
        table = None if layout.is_json else _as_told(layout, lines, file)
        if table is not None:
            return table
    where, fields = lines[0]
    raise not_of_a_layout(file, where, ",".join(fields), named)


def _lines(text: str, file: str) -> Lines:
    lines = [(number, line) for number, line in enumerate(re.split(r"\r\n|\r|\n", text), 1) if line.strip()]
    if not lines:
        raise RackFileRefused(file, "", "it is empty; scan the rack again")
    if len(lines) > MOST_LINES:
        raise RackFileRefused(file, "", f"it has {len(lines)} lines, more than any rack has wells")
    separator = max(SEPARATORS, key=lambda sign: sum(sign in line for _, line in lines))
    return [(f"line {number}", _fields(line, separator, file, number)) for number, line in lines]


def _fields(line: str, separator: str, file: str, number: int) -> list[str]:
    try:
        return [field.strip() for field in next(csv.reader([line], delimiter=separator, strict=True))]
    except csv.Error as problem:
        raise RackFileRefused(
            file, f"line {number}", "its quotation marks do not close as they should; export the rack again"
        ) from problem


def _as_told(layout: Layout, lines: Lines, file: str) -> Table | None:
    """None when the file is not of this layout."""
    table = Table(file, layout.name)
    if not _read_before(table, layout, lines):
        return None
    rest = lines[len(layout.before) :]
    columns = _columns(layout, rest)
    if columns is None:
        return None
    wells = rest if layout.columns else rest[1:]
    table.rows = [_row(table, columns, where, fields) for where, fields in wells]
    if layout.rack_in_file_name:
        table.rack = _rack_of_name(file)
    return table


def _read_before(table: Table, layout: Layout, lines: Lines) -> bool:
    """Whether the lines above the wells are those of the layout; what they tell goes into the table."""
    if len(lines) < len(layout.before):
        return False
    for (label, part), (_, fields) in zip(layout.before, lines, strict=False):
        told = _after(label, fields)
        if told is None:
            return False
        if part is Part.RACK:
            table.rack = told
        elif part is Part.TUBE_COUNT:
            table.tube_count = told
    return True


def _after(label: str, fields: list[str]) -> str | None:
    """What follows a label, behind a colon or an equals sign or in the next field; None without the label."""
    first, *others = fields
    if not first.casefold().startswith(label.casefold()):
        return None
    behind = first[len(label) :].strip(" :=")
    return behind or next((field for field in others if field), "")


def _columns(layout: Layout, lines: Lines) -> dict[Part, int] | None:
    """Which part stands in which column; None when the first line does not fit."""
    first = lines[0][1] if lines else []
    if layout.columns:
        fits = not lines or _fits(layout.columns, first)
        return {part: at for at, part in enumerate(layout.columns)} if fits else None
    names = [in_letters(field) for field in first]
    if layout.header and frozenset(filter(None, names)) != layout.header:
        return None
    found = {COLUMNS[name]: at for at, name in reversed(list(enumerate(names))) if name in COLUMNS}
    has_place = Part.POSITION in found or {Part.ROW, Part.COLUMN} <= found.keys()
    return found if has_place and Part.CODE in found else None


def _fits(columns: tuple[Part, ...], fields: list[str]) -> bool:
    """Whether a line without a header has these columns: as many, and a position where one should stand."""
    if len(fields) < len(columns) or any(fields[len(columns) :]):
        return False
    position = normalise_position(fields[columns.index(Part.POSITION)]) or ""
    return POSITION.fullmatch(position) is not None


def _row(table: Table, columns: Mapping[Part, int], where: str, fields: list[str]) -> Row:
    told = {part: fields[at] for part, at in columns.items() if at < len(fields)}
    lacking = [part.value for part in columns if part not in told and part is not Part.STATUS]
    if lacking:
        raise table.refusal(
            where,
            f"it has {counted(len(fields), 'column')} and lacks the {lacking[0]}; the file may have been cut "
            "off, scan the rack again",
        )
    position = told.get(Part.POSITION) or f"{row_letter(told.get(Part.ROW, ''))}{told.get(Part.COLUMN, '')}"
    return Row(where, position, told[Part.CODE], told.get(Part.RACK, ""), told.get(Part.STATUS, ""))


def _rack_of_name(file: str) -> str:
    """The rack's code, where the file is called by it: `FX12345678.csv`."""
    stem = PurePath(file).stem.upper()
    return stem if RACK_IN_NAME.fullmatch(stem) else ""
