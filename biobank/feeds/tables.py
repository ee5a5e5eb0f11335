"""The feeds as CSV: acknowledgements of withdrawals, and destruction results."""

import csv
import io
from collections.abc import Iterable, Mapping, Sequence

from biobank.core.moments import to_text
from biobank.feeds.formats import FeedRefused
from biobank.feeds.results import Result
from biobank.reports.formats import harmless

ACKNOWLEDGEMENTS = (
    "acknowledgement",
    "delivery",
    "line",
    "row",
    "participant",
    "withdrawal_time",
    "outcome",
    "decision",
    "death",
    "new_participant",
    "ceremony_differs",
    "entered_at",
)
RESULTS = (
    "row",
    "status",
    "participant",
    "item",
    "outcome",
    "grade",
    "occurred_at",
    "certificate",
    "certificate_sha256",
    "replaces",
    "order",
    "recorded_at",
)
Row = Mapping[str, object]


def result_row(line: Result) -> Row:
    told = {name: getattr(line, name) for name in RESULTS}
    return {**told, "status": line.status.value, "recorded_at": to_text(line.recorded_at)}


def written(columns: Sequence[str], rows: Iterable[Row]) -> str:
    """CSV with a header, in which no cell is taken for a formula."""
    stream = io.StringIO(newline="")
    writer = csv.writer(stream, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows([_cell(row[name]) for name in columns] for row in rows)
    return stream.getvalue()


def _cell(value: object) -> str:
    return harmless("" if value is None else str(value).lower() if isinstance(value, bool) else str(value))


def rows_acknowledged(content: bytes) -> list[str]:
    """The column `row` of a file of the destruction feed, as it came back. Raises `FeedRefused`."""
    try:
        reader = csv.DictReader(io.StringIO(content.decode("utf-8-sig"), newline=""), strict=True)
        if "row" not in (reader.fieldnames or ()):
            raise FeedRefused(1, "row", "this column is missing; send back the file with it")
        return [(told.get("row") or "").strip() for told in reader]
    except (UnicodeDecodeError, csv.Error):
        raise FeedRefused(1, "", "this is no CSV in UTF-8; send back the file as it was") from None
