"""The programme's withdrawal file: ten columns of CSV, of which five are never read."""

import csv
import io
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypeVar

from biobank.core.errors import DomainError, Invalid
from biobank.core.moments import Told, read_moment
from biobank.core.personal_shapes import PROGRAMME_ID, personal_shape
from biobank.feeds.choices import CEREMONIES, DECEASED
from biobank.feeds.inputs import FeedRow

COLUMNS = (
    "biobank_id",
    "withdrawal_time",
    "is_native_american",
    "needs_disposal_ceremony",
    "participant_origin",
    "paired_hpo",
    "paired_org",
    "paired_site",
    "withdrawal_reason_justification",
    "deceased_status",
)
NEVER_READ = frozenset(
    {
        "is_native_american",
        "withdrawal_reason_justification",
        "participant_origin",
        "paired_hpo",
        "paired_org",
    }
)
"""Race, free text, and what no decision needs: not taken out of the file at all."""
LARGEST_FILE = 64 * 1024 * 1024
"""Bytes. A month of the programme has some hundred rows."""
CODE = re.compile(r"[A-Z]{1,3}[0-9]{3,15}")
"""What a participant code of any environment looks like."""
OTHER_DELIMITERS = (("\t", "a tab"), (";", "a semicolon"), ("|", "a bar"))
Word = TypeVar("Word")


class FeedRefused(Invalid):
    """The file cannot be read as a whole, so nothing of it was taken; it repeats no value of a cell."""

    title = "File refused"

    def __init__(self, line: int, column: str, problem: str) -> None:
        where = f"line {line}" + (f", column {column}" if column else "")
        super().__init__(
            f"Nothing was taken: {where}: {problem}.", line=line, column=column or None, problem=problem
        )


def read_withdrawals(content: bytes) -> list[FeedRow]:
    """The rows of a file as the programme writes it (comma, UTF-8). Raises `FeedRefused`."""
    reader = csv.reader(io.StringIO(_text(content), newline=""), strict=True)
    lines = _lines(reader)
    header = next(lines, None)
    if header is None:
        raise FeedRefused(1, "", f"the file is empty; its first line names the columns {', '.join(COLUMNS)}")
    names = _names(header[1])
    return [_row(line, _cells(line, cells, names)) for line, cells in lines]


def _text(content: bytes) -> str:
    if len(content) > LARGEST_FILE:
        raise FeedRefused(1, "", f"the file is larger than {LARGEST_FILE} bytes; send it in parts")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        line = content.count(b"\n", 0, problem.start) + 1
        raise FeedRefused(line, "", "this is not UTF-8; write the file as UTF-8") from None
    if "\0" in text:
        line = text.count("\n", 0, text.index("\0")) + 1
        raise FeedRefused(line, "", "there is a NUL character; write the file as plain text")
    return text


def _lines(reader: Iterator[list[str]]) -> Iterator[tuple[int, list[str]]]:
    """Each row with the line that it begins in; empty lines are passed over."""
    begun = 1
    while True:
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error:
            raise FeedRefused(
                begun, "", "a quotation mark is not closed, or stands in the wrong place"
            ) from None
        if cells:
            yield begun, cells
        begun = int(getattr(reader, "line_num", begun)) + 1


def _names(header: Sequence[str]) -> list[str]:
    names = [name.strip() for name in header]
    if len(names) == 1 and names[0] not in COLUMNS:
        for sign, word in OTHER_DELIMITERS:
            if sign in header[0]:
                raise FeedRefused(1, "", f"the columns are parted by {word}; part them by commas")
    for name in COLUMNS:
        if names.count(name) != 1:
            fault = (
                "this column is missing; add it"
                if name not in names
                else "this column is there twice; leave one out"
            )
            raise FeedRefused(1, name, fault)
    if "participant_id" in names:
        raise FeedRefused(1, "participant_id", "the programme's own number is not taken here; leave it out")
    for place, name in enumerate(names, 1):
        if name not in COLUMNS:
            raise FeedRefused(1, str(place), "there is a column too many; leave it out")
    return names


def _cells(line: int, cells: Sequence[str], names: Sequence[str]) -> Mapping[str, str]:
    if len(cells) != len(names):
        raise FeedRefused(line, "", f"there are {len(cells)} cells, not {len(names)}; part them by commas")
    told = dict(zip(names, cells, strict=True))
    return {name: told[name].strip() for name in names if name not in NEVER_READ}


def _row(line: int, told: Mapping[str, str]) -> FeedRow:
    return FeedRow(
        line=line,
        participant=_code(line, told["biobank_id"]),
        withdrawal_time=_moment(line, told["withdrawal_time"]),
        ceremony=_word(line, "needs_disposal_ceremony", told["needs_disposal_ceremony"], CEREMONIES),
        deceased=_word(line, "deceased_status", told["deceased_status"], DECEASED),
        site=told["paired_site"] or None,
    )


def _code(line: int, told: str) -> str:
    code = told.upper()
    if personal_shape(code, frozenset({PROGRAMME_ID})):
        raise FeedRefused(line, "biobank_id", "this is the programme's own number; write the biobank id")
    if not CODE.fullmatch(code):
        raise FeedRefused(
            line, "biobank_id", "this is no biobank id, which is a letter and digits; correct it"
        )
    return code


def _moment(line: int, told: str) -> Told:
    try:
        return read_moment(told)
    except DomainError:
        raise FeedRefused(
            line, "withdrawal_time", "this is no time with its zone; write it like 2026-03-01T09:30:00Z"
        ) from None


def _word(line: int, column: str, told: str, words: Mapping[str, Word]) -> Word:
    if told.upper() not in words:
        known = ", ".join(word for word in words if word)
        raise FeedRefused(line, column, f"this is none of {known}; correct it")
    return words[told.upper()]
