"""Rack scanners' answers as JSON documents: Ziath DP5 and the IO Monitor of Micronic's Code Reader."""

from collections.abc import Mapping
from typing import Any

import orjson

from biobank.core.counting import counted
from biobank.storage.rack_tables import RackFileRefused, Row, Table, not_of_a_layout, row_letter


def json_table(text: str, file: str, named: str | None) -> Table:
    """Raises `RackFileRefused`; `named` is the only layout to try."""
    try:
        document = orjson.loads(text.encode(errors="replace"))
    except orjson.JSONDecodeError as problem:
        raise RackFileRefused(
            file, f"line {problem.lineno}", "it is no whole JSON document; export the rack again"
        ) from problem
    for name, read in (("ziath_json", _ziath), ("micronic_json", _micronic)):
        table = read(document, file) if named in (None, name) else None
        if table is not None:
            return table
    raise not_of_a_layout(file, "line 1", text, named)


def _ziath(document: Mapping[str, Any], file: str) -> Table | None:
    entries = document.get("tubeBarcode")
    if not isinstance(entries, list):
        return None
    rows = [_ziath_row(file, f"entry {number}", entry) for number, entry in enumerate(entries, 1)]
    return Table(file, "ziath_json", rows, _plain(document.get("containerBarcode")))


def _ziath_row(file: str, where: str, entry: Any) -> Row:
    if not isinstance(entry, Mapping) or not {"row", "column"} <= entry.keys():
        raise RackFileRefused(file, where, "it has no row and column; export the rack again")
    row, column, code = (_plain(entry.get(key)) for key in ("row", "column", "barcode"))
    return Row(where, f"{row_letter(row)}{column}", code, status=_plain(entry.get("decodeStatus")))


def _micronic(document: Mapping[str, Any], file: str) -> Table | None:
    positions, codes, statuses = (_list(document, key) for key in ("Position", "TubeID", "Status"))
    if not positions:
        return None
    statuses = statuses or [""] * len(positions)
    if not len(positions) == len(codes) == len(statuses):
        raise RackFileRefused(
            file,
            "",
            f"it has {counted(len(positions), 'position')}, {counted(len(codes), 'tube')} and "
            f"{counted(len(statuses), 'state')}; export the rack again",
        )
    rows = [
        Row(f"entry {number}", _plain(position), _plain(code), status=_plain(status))
        for number, (position, code, status) in enumerate(zip(positions, codes, statuses, strict=True), 1)
    ]
    return Table(file, "micronic_json", rows, _plain(document.get("RackID")))


def _list(document: Mapping[str, Any], key: str) -> list[Any]:
    found = document.get(key)
    return found if isinstance(found, list) else []


def _plain(value: Any) -> str:
    if isinstance(value, str):
        return value.strip()
    return str(value) if type(value) is int else ""
