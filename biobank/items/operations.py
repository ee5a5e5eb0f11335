"""The log of scans: what was seen, what it was read as, what came of it; kept for a while, then removed."""

import re
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, insert, select

from biobank.access.actors import Actor
from biobank.access.identifiers import holds_badge
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.core.personal_shapes import PROGRAMME_ID, personal_shape
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.items.identifiers import Reading, read_scan
from biobank.items.inputs import SeenScan
from biobank.items.keyboards import undone
from biobank.items.models import LoggedScan
from biobank.items.scanned_text import bare, shown, without_invisible
from biobank.settings import Settings

scans = table_of(LoggedScan)
COLUMNS = (
    "at",
    "text_seen",
    "read_as",
    "damage",
    "item_id",
    "action",
    "outcome",
    "refusal",
    "person",
    "station",
    "site",
)
_add = insert(scans).values({name: bindparam(name) for name in COLUMNS})
ADD_SCAN = Statement(_add.inline())
ADD_NUMBERED_SCAN = Statement(_add.returning(scans.c.id))
LONGEST = {"text_seen": 200, "read_as": 80, "action": 40, "refusal": 500}
REMOVED_TOGETHER = 5000
"""Rows a transaction, so that nobody at a bench waits for the tidying up."""

# Words with a space or a comma between them, and what cards carry in their two-dimensional codes.
_WORDS = re.compile(r"(?=.*\w[\s,]+\w)(?:[^\W\d_]|[\s,.'-])+", re.DOTALL)
_CARD = re.compile(r"ANSI ?\d{6}|BEGIN:VCARD|MECARD:|<<[A-Z<]|\b\d{3}-\d{2}-\d{4}\b", re.IGNORECASE)


def log_scan(work: Work, scan: SeenScan, *, by: Actor) -> None:
    """In the transaction of the step, on the driver's cursor: this stands in the scan path."""
    work.run(ADD_SCAN, **_row(scan, by))


def log_scans(work: Work, seen: Iterable[SeenScan], *, by: Actor) -> None:
    """Those of a batch, at its end."""
    rows = [_row(scan, by) for scan in seen]
    if rows:
        work.run_many(ADD_SCAN, rows)


def log_scan_by_itself(scan: SeenScan, *, by: Actor) -> int:
    """In a transaction of its own, since a refusal rolls the other one back; gives the number of the row."""
    with writing() as work:
        row = work.run(ADD_NUMBERED_SCAN, **_row(scan, by)).fetchone()
    return int(row[0]) if row else 0


def _row(scan: SeenScan, by: Actor) -> dict[str, Any]:
    reading = read_scan(scan.text)
    return {
        "at": moments.to_microseconds(moments.now()),
        **_seen(scan, reading),
        "damage": reading.damage.code if reading.damage else None,
        "item_id": scan.item_id,
        "action": _cut("action", shown(scan.action)) if scan.action else None,
        "outcome": scan.outcome.value,
        "refusal": _cut("refusal", scan.refusal),
        "person": by.person,
        "station": by.station,
        "site": by.bench_site,
    }


def _seen(scan: SeenScan, reading: Reading) -> dict[str, str | None]:
    withheld = _withheld(scan.text, is_known=reading.is_ours or scan.item_id is not None)
    if withheld:
        return {"text_seen": withheld, "read_as": None}
    read_as = _cut("read_as", reading.code) or None
    return {"text_seen": _cut("text_seen", shown(scan.text)), "read_as": read_as}


def kept_text(text: str, *, is_known: bool) -> str:
    """A scanned text as a row may keep it, 200 characters at most; `is_known` says that an item bears it."""
    return (
        _withheld(text, is_known=is_known or read_scan(text).is_ours) or shown(text)[: LONGEST["text_seen"]]
    )


def _withheld(text: str, *, is_known: bool) -> str | None:
    """Nobody knows what was under the scanner: what points at a person is told by its kind and length."""
    withheld = None if is_known else points_at_a_person(text)
    return f"(a text that looks like {withheld}, {len(text)} characters)" if withheld else None


def points_at_a_person(text: str) -> str | None:
    """What a scanned text seems to hold, in words, or None for what can be a code.

    Looked at as it came, and without what scanners add: `]C0P123456789` has no word that begins with P.
    """
    return _points_at_a_person(text) or _points_at_a_person(bare(text)) or _as_a_keyboard_left_it(text)


def _as_a_keyboard_left_it(text: str) -> str | None:
    """An id turned round, where the scanner's keyboard is another than the computer's."""
    plain = without_invisible(text).strip()
    if plain.isascii() and plain.isalnum():
        return None
    meant = (_badge(each) or personal_shape(each, frozenset({PROGRAMME_ID})) for _, each in undone(plain))
    return next(filter(None, meant), None)


def _badge(text: str) -> str | None:
    return "a person's badge" if holds_badge(text) else None


def _points_at_a_person(text: str) -> str | None:
    if _WORDS.fullmatch(text.strip()):
        return "words, perhaps a name"
    if _CARD.search(text):
        return "a card with personal data"
    return _badge(text) or personal_shape(text)


def _cut(column: str, text: str | None) -> str | None:
    return text[: LONGEST[column]] if text else text


def forget_old_scans(settings: Settings) -> int:
    """Remove scans older than `scan_log_days`; gives their number. With 0 days they are kept for ever."""
    if not settings.scan_log_days:
        return 0
    oldest = moments.now() - timedelta(days=settings.scan_log_days)
    removed = 0
    while more := _remove_some(oldest):
        removed += more
    return removed


def _remove_some(before: datetime) -> int:
    """The log grows in time, so the first rows are the oldest: no index is needed to find them."""
    first = select(scans.c.id, scans.c.at).order_by(scans.c.id).limit(REMOVED_TOGETHER).subquery()
    with writing() as work:
        numbers = select(first.c.id).where(first.c.at < before)
        return work.connection.execute(delete(scans).where(scans.c.id.in_(numbers))).rowcount
