"""The file in which a custodian reports what it destroyed: a row a specimen, taken whole or not at all."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from biobank.core.database import Work
from biobank.core.errors import DomainError, Invalid
from biobank.custodians.inputs import Destroyed
from biobank.custody.queries import item_now
from biobank.custody.steps import ItemNow
from biobank.destruction.attestation_checks import what_is_wrong, why_not_attested

COLUMNS = ("code", "date", "method", "reference")
MOST_ROWS = 5000
MOST_SAID = 50
"""Bad rows that are told one by one."""


class ReportRefused(Invalid):
    """Nothing of the file was taken; `problems` has a sentence for each row that is wrong."""

    title = "File not taken"


@dataclass(frozen=True)
class Row:
    """One specimen as the file reports it; lines are counted from 1, the heading included."""

    line: int
    item: ItemNow
    destroyed: Destroyed


def rows_of(work: Work, content: bytes, custodian: str) -> list[Row]:
    """Raises `ReportRefused`."""
    lines = _lines(content)
    rows: list[Row] = []
    problems: list[str] = []
    for number, told in lines:
        try:
            rows.append(_row(work, number, told, custodian, {row.item.id: row.line for row in rows}))
        except ReportRefused as problem:
            problems.append(problem.detail)
    if problems:
        raise _refused(problems)
    return rows


def _refused(problems: list[str]) -> ReportRefused:
    more = f" {len(problems) - MOST_SAID} more rows are wrong." if len(problems) > MOST_SAID else ""
    said = problems[:MOST_SAID]
    return ReportRefused(
        f"Nothing of the file was taken. {' '.join(said)}{more}", field="file", problems=said
    )


def _lines(content: bytes) -> list[tuple[int, Mapping[str, str]]]:
    try:
        text = content.decode("utf-8-sig")
        reader = csv.reader(text.splitlines(), strict=True)
        read = [(number, cells) for number, cells in enumerate(reader, start=1) if any(cells)]
    except (UnicodeDecodeError, csv.Error) as problem:
        raise ReportRefused("The file is no CSV in UTF-8; export it anew.", field="file") from problem
    heading = [cell.strip().lower() for cell in read[0][1]] if read else []
    if sorted(heading) != sorted(COLUMNS):
        raise ReportRefused(
            f"Line 1 has to name the columns {', '.join(COLUMNS)}, and no others.", field="file"
        )
    if not 1 < len(read) <= MOST_ROWS + 1:
        raise ReportRefused(f"The file has to have between 1 and {MOST_ROWS} rows.", field="file")
    return [(number, _told(number, heading, cells)) for number, cells in read[1:]]


def _told(number: int, heading: list[str], cells: list[str]) -> Mapping[str, str]:
    if len(cells) != len(heading):
        return {"problem": f"Line {number} has {len(cells)} columns and not {len(heading)}."}
    return {name: cell.strip() for name, cell in zip(heading, cells, strict=True)}


def _row(work: Work, line: int, told: Mapping[str, str], custodian: str, seen: Mapping[int, int]) -> Row:
    for problem in _problems_of_shape(line, told):
        raise ReportRefused(problem)
    destroyed = Destroyed(
        on=date.fromisoformat(told["date"]), method=told["method"].lower(), reference=told["reference"]
    )
    wrong = what_is_wrong(destroyed)
    if wrong is not None:
        raise ReportRefused(f"Line {line}, column {wrong[0]}: {wrong[1]}")
    item = _item(work, line, told["code"])
    if item.id in seen:
        raise ReportRefused(f"Line {line}, column code: it stands in line {seen[item.id]} already.")
    why = why_not_attested(work, item, custodian, destroyed.on)
    if why is not None:
        raise ReportRefused(f"Line {line}, column code: {why}")
    return Row(line, item, destroyed)


def _problems_of_shape(line: int, told: Mapping[str, str]) -> Iterator[str]:
    if "problem" in told:
        yield told["problem"]
        return
    for name in COLUMNS:
        if not told[name]:
            yield f"Line {line}, column {name}: it is empty."
    try:
        date.fromisoformat(told["date"])
    except ValueError:
        yield f"Line {line}, column date: write it as year, month and day, such as 2026-11-20."


def _item(work: Work, line: int, code: str) -> ItemNow:
    try:
        return item_now(work, code)
    except DomainError as problem:
        raise ReportRefused(f"Line {line}, column code: {problem.detail}") from problem
