"""A rack scanner's file, read: which code was seen in which well. Formats alone, nothing of the database."""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import Enum
from types import MappingProxyType
from typing import NewType

from biobank.items.aliases import VALUE
from biobank.items.identifiers import normalise
from biobank.items.positions import normalise_position
from biobank.storage.choices import Grid
from biobank.storage.rack_json import json_table
from biobank.storage.rack_layouts import NAMED, NO_READ_WORDS, NO_TUBE_WORDS, READ_WORDS, in_letters
from biobank.storage.rack_tables import RackFileRefused, Row, Table, presets, shown_name
from biobank.storage.rack_text import POSITION, text_table

LARGEST_FILE = 300_000
"""Bytes. A rack of 384 wells has 30,000, as JSON 100,000; whatever is larger is no rack."""
LARGEST_RACK = Grid(16, 24)
LONGEST_RACK = 80
NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
WORKBOOKS = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0")

Code = NewType("Code", str)
"""As scans of it are looked up: `items.identifiers.normalise`."""


class Seen(Enum):
    """What a scanner says of a well that gave no code."""

    NO_TUBE = "no_tube"
    NO_READ = "no_read"


@dataclass(frozen=True)
class RackScan:
    """One reading of one rack. A well that the file does not mention is in none of the mappings."""

    file: str
    layout: str
    rack: str | None
    """Its own code, as far as the file or its name tells it."""
    wells: Mapping[str, Code | Seen]
    places: Mapping[str, str]
    """Where in the file each well stands: `line 7`."""

    @property
    def codes(self) -> dict[str, Code]:
        return {well: seen for well, seen in self.wells.items() if not isinstance(seen, Seen)}

    def source_of(self, well: str) -> str:
        """For an event that follows from this well: `FX12345678.csv, line 7`."""
        return f"{self.file}, {self.places[well]}"


def read_rack_file(
    content: bytes, file: str, *, layout: str | None = None, grid: Grid | None = None
) -> RackScan:
    """What was seen in each well; `layout` names a preset, else the file is looked at.

    Raises `RackFileRefused`, and nothing else, whatever the bytes are.
    """
    name = shown_name(file)
    if layout is not None and layout not in NAMED:
        raise RackFileRefused(name, "", f"there is no layout called {layout[:40]!r}; there are {presets()}")
    text = _text(content, name)
    read = json_table if text.lstrip().startswith("{") else text_table
    return _scan(read(text, name, layout), grid or LARGEST_RACK)


def _text(content: bytes, file: str) -> str:
    if len(content) > LARGEST_FILE:
        raise RackFileRefused(file, "", f"it is larger than {LARGEST_FILE} bytes, which no rack's file is")
    if content.startswith(WORKBOOKS):
        raise RackFileRefused(file, "", "it is a workbook; save it as CSV and send that")
    text = _decoded(content)
    if text is None or NOT_TEXT.search(text):
        raise RackFileRefused(file, "", "it is no text; export the rack as CSV or text and send that")
    return text


def _decoded(content: bytes) -> str | None:
    """UTF-8 or UTF-16, with or without its mark; else the letters of Western Windows; None for no text."""
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    elif b"\x00" in content[:4]:
        encodings = ["utf-16-be" if content[:1] == b"\x00" else "utf-16-le"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding).rstrip("\x1a\x03\x00")  # how some scanners end a file
        except UnicodeDecodeError:
            continue
    return None


def _scan(table: Table, grid: Grid) -> RackScan:
    wells: dict[str, Code | Seen] = {}
    places: dict[str, str] = {}
    for row in table.rows:
        well = _well(table, row, grid)
        if well in wells:
            raise table.refusal(
                f"{row.where}, well {well}", f"this well is in {places[well]} already; scan the rack again"
            )
        wells[well], places[well] = _seen(table, row, well), row.where
    if not wells:
        raise table.refusal("", "no well is in it; scan the rack again")
    _each_code_is_one_tube(table, wells, places)
    _count_fits(table, wells.values())
    return RackScan(table.file, table.layout, _rack(table), MappingProxyType(wells), MappingProxyType(places))


def _well(table: Table, row: Row, grid: Grid) -> str:
    well = normalise_position(row.position) or ""
    called = grid.read_as(well)
    if called is not None:
        return called
    named = well if POSITION.fullmatch(well) else "what stands there"
    raise table.refusal(
        row.where, f"{named} is no position of this rack ({grid.span}); choose the box that was scanned"
    )


def _seen(table: Table, row: Row, well: str) -> Code | Seen:
    word, status = in_letters(row.code), in_letters(row.status)
    if word in NO_READ_WORDS or (row.code and not word):
        return Seen.NO_READ
    if word in NO_TUBE_WORDS:
        return Seen.NO_TUBE if status in NO_TUBE_WORDS else Seen.NO_READ
    if status and status not in READ_WORDS:
        return Seen.NO_READ
    code = normalise(row.code)
    if not VALUE.fullmatch(code):
        raise table.refusal(
            f"{row.where}, well {well}", "what stands there is no code; export the rack again"
        )
    return Code(code)


def _each_code_is_one_tube(table: Table, wells: Mapping[str, Code | Seen], places: Mapping[str, str]) -> None:
    holders: dict[Code, str] = {}
    for well, seen in wells.items():
        if isinstance(seen, Seen):
            continue
        if seen in holders:
            raise table.refusal(
                f"{places[well]}, well {well}",
                f"the code {seen} was read in {holders[seen]} too; one code cannot be on two tubes, take "
                "both out and look",
            )
        holders[seen] = well


def _count_fits(table: Table, wells: Iterable[Code | Seen]) -> None:
    """Some scanners say how many tubes they saw: a file that was cut off says it of itself."""
    if not (table.tube_count.isascii() and table.tube_count.isdecimal()):
        return
    counted = Counter("code" if not isinstance(seen, Seen) else seen.value for seen in wells)
    told = int(table.tube_count[:6])
    if told not in (counted["code"], counted["code"] + counted[Seen.NO_READ.value]):
        raise table.refusal(
            "", f"it says that {told} tubes were seen and has {counted['code']}; scan the rack again"
        )


def _rack(table: Table) -> str | None:
    found = normalise(table.rack)[:LONGEST_RACK]
    for row in table.rows:
        told = normalise(row.rack)[:LONGEST_RACK]
        if found and told and told != found:
            raise table.refusal(
                row.where, "it is of another rack than what stands before; send a file for each rack"
            )
        found = found or told
    return found or None
