"""How rack scanners write their files, as plain data: a preset a layout, and their words for a well."""

from dataclasses import dataclass
from enum import StrEnum


class Part(StrEnum):
    """What a column, or a line before the wells, tells."""

    POSITION = "position"
    ROW = "row"
    COLUMN = "column"
    CODE = "code"
    RACK = "rack"
    STATUS = "status"
    TUBE_COUNT = "tube_count"
    READ_AT = "read_at"


@dataclass(frozen=True)
class Layout:
    """One way to write down a rack. `docs/rack-files.md` says from which public source each is known.

    `before` are lines above the wells, in their order: what each begins with and tells. Then comes either a
    line with the `header`, whose names may stand in any order, or no header and the `columns` as they are.
    """

    name: str
    scanner: str
    looks: str
    """Its first line, for people."""
    before: tuple[tuple[str, Part], ...] = ()
    header: frozenset[str] = frozenset()
    columns: tuple[Part, ...] = ()
    rack_in_file_name: bool = False
    is_json: bool = False


P = Part
LAYOUTS: tuple[Layout, ...] = (
    Layout(
        "fluidx_intellicode",
        "FluidX (Brooks, Azenta) IntelliCode",
        "Rack ID,FX12345678,,",
        before=(("Rack ID", P.RACK), ("Tube Count", P.TUBE_COUNT)),
        header=frozenset({"rackid", "well", "2dbarcode"}),
    ),
    Layout(
        "tecan",
        "the rack reader on a Tecan worktable",
        "rackid,FX12345678",
        before=(("rackid", P.RACK),),
        columns=(P.POSITION, P.CODE),
    ),
    Layout(
        "trakmate",
        "Thermo (Matrix) TrakMate",
        "Date & time of Trace = 23 Aug 2012 01:42:01 PM",
        before=(("Date & time of Trace", P.READ_AT), ("Rack Base Name", P.RACK)),
        columns=(P.POSITION, P.CODE),
    ),
    Layout(
        "visionmate",
        "Thermo VisionMate",
        "TubeCode, RackID, LocationCell, LocationColumn, LocationRow, Time, Date",
        header=frozenset(
            {"tubecode", "rackid", "locationcell", "locationcolumn", "locationrow", "time", "date"}
        ),
    ),
    Layout(
        "matrix",
        "Thermo Matrix rack reader",
        "TubeCode,LocationRow,LocationColumn,RackID",
        header=frozenset({"tubecode", "locationrow", "locationcolumn", "rackid"}),
    ),
    Layout(
        "ziath",
        "Ziath (DataPaq, Mirage, Mohawk)",
        "tubeBarcode,rackBarcode,row,column",
        header=frozenset({"tubebarcode", "rackbarcode", "row", "column"}),
    ),
    Layout(
        "fluidx_rack",
        "FluidX, with the rack in each line",
        "FX12345678,A01,FR05653780",
        columns=(P.RACK, P.POSITION, P.CODE),
    ),
    Layout(
        "fluidx",
        "FluidX XTR-96 and others, position and code alone",
        "A01,FR05653780",
        columns=(P.POSITION, P.CODE),
        rack_in_file_name=True,
    ),
    Layout(
        "plain",
        "any CSV whose header names a position and a code",
        "position,code",
        rack_in_file_name=True,
    ),
    Layout("ziath_json", "Ziath DP5", '{"containerBarcode": ..., "tubeBarcode": [...]}', is_json=True),
    Layout(
        "micronic_json",
        "Micronic Code Reader, IO Monitor",
        '{"RackID": ..., "Position": [...]}',
        is_json=True,
    ),
)
NAMED = {layout.name: layout for layout in LAYOUTS}

COLUMNS: dict[str, Part] = {
    **dict.fromkeys(("position", "well", "wellposition", "tubeposition", "locationcell", "cell"), P.POSITION),
    **dict.fromkeys(("row", "locationrow", "tuberow"), P.ROW),
    **dict.fromkeys(("column", "col", "locationcolumn", "tubecolumn"), P.COLUMN),
    **dict.fromkeys(
        ("code", "barcode", "barcodeid", "2dbarcode", "tubecode", "tubebarcode", "tubeid", "tube"), P.CODE
    ),
    **dict.fromkeys(("rack", "rackid", "rackbarcode", "rackcode", "box", "boxid"), P.RACK),
    **dict.fromkeys(("status", "decodestatus", "tubestatus"), P.STATUS),
}
"""Names of columns, in small letters and digits only. Other columns are not read."""

NO_TUBE_WORDS = frozenset({"", "notube", "novial", "empty", "notrakmate", "none", "null"})
"""Nothing stands in the well. In small letters and digits only; TrakMate writes `No TrakMate`."""
NO_READ_WORDS = frozenset(
    {"noread", "nocode", "notread", "nodecode", "error", "readerror", "unread", "unreadable"}
    | {"fail", "failed", "failure", "decodefailed", "decodeerror"}
)
"""Something stands there that could not be read."""
READ_WORDS = frozenset({"codeok", "ok", "success", "read", "decoded"})
"""What a column of its own says of a code that was read; any other word of it makes the code doubtful."""


def in_letters(text: str) -> str:
    """`No Tube`, `NO_TUBE` and `NOTUBE` are one word."""
    return "".join(sign for sign in text.casefold() if sign.isascii() and sign.isalnum())
