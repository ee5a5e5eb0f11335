"""What a rack scanner's file tells, before anything of it is believed; and how a file is refused."""

import string
from dataclasses import dataclass, field
from pathlib import PurePath

from biobank.core.errors import Invalid
from biobank.core.personal_shapes import personal_shape
from biobank.storage.rack_layouts import LAYOUTS, NAMED

LONGEST_FILE_NAME = 80
LONGEST_SEEN = 60


class RackFileRefused(Invalid):
    """A file that is no reading of a rack; its sentence names file, line and well."""

    title = "Rack file not readable"

    def __init__(self, file: str, where: str, problem: str) -> None:
        named = f"{file}, {where}" if where else file
        super().__init__(f"{named}: {problem}.", file=file, where=where, problem=problem)


@dataclass(frozen=True)
class Row:
    """A well as the file tells it; `where` is its line, `line 7`, or its entry."""

    where: str
    position: str
    code: str
    rack: str = ""
    status: str = ""


@dataclass
class Table:
    """A file as its layout tells it."""

    file: str
    layout: str
    rows: list[Row] = field(default_factory=list)
    rack: str = ""
    tube_count: str = ""

    def refusal(self, where: str, problem: str) -> RackFileRefused:
        return RackFileRefused(self.file, where, problem)


def shown_name(file: str) -> str:
    """The file's own name, for messages and events; not one that seems to hold something of a person."""
    name = PurePath(file.replace("\\", "/")).name.encode(errors="replace").decode()
    clean = "".join(sign if sign.isprintable() else "?" for sign in name)[:LONGEST_FILE_NAME]
    return "rack file" if not clean or personal_shape(clean) else clean


def not_of_a_layout(file: str, where: str, begins: str, named: str | None) -> RackFileRefused:
    """Names the presets, and what was seen where the file begins."""
    seen = "".join(sign if sign.isprintable() else " " for sign in begins).strip()[:LONGEST_SEEN]
    told = "a text that is not shown here" if personal_shape(seen) else f"{seen!r}"
    wanted = f"the layout {named} ({NAMED[named].looks})" if named else f"none of the layouts {presets()}"
    return RackFileRefused(
        file, where, f"it begins with {told}, which {'does not fit' if named else 'fits'} {wanted}"
    )


def presets() -> str:
    return ", ".join(layout.name for layout in LAYOUTS)


def row_letter(told: str) -> str:
    """Rows are lettered; some scanners number them."""
    if told.isascii() and told.isdecimal() and 1 <= int(told[:4]) <= len(string.ascii_uppercase):
        return string.ascii_uppercase[int(told[:4]) - 1]
    return told
