"""Which item a scanned text is on: exactly the one that bears it, or none; nothing is found by likeness."""

from typing import Any

from biobank.core.database import Work
from biobank.custody.statements import FIND_ITEM, FIND_ITEM_BY_ALIAS, FIND_ITEM_BY_ISSUED_ALIAS
from biobank.custody.steps import UnknownItem
from biobank.items.gs1 import PRODUCT, SERIAL, WORLDWIDE, ElementString, element_string
from biobank.items.identifiers import (
    Reading,
    normalise,
    printed,
    read_identifier,
    read_scan,
    refuse_too_long,
    refuse_unclear,
)
from biobank.items.operations import points_at_a_person

Row = tuple[Any, ...]
DIGITS_OF_EAN = 13


def row_scanned(work: Work, text: str) -> Row:
    """The row of `statements.COLUMNS` of the item that bears `text`.

    Raises `UnknownItem`, or an `UnreadableIdentifier` that says what the text looks like.
    """
    refuse_too_long(text)
    reading = read_scan(text)
    row = _ours(work, reading) if _is_plainly_ours(reading) else _by_alias_or_repaired(work, text, reading)
    if row is not None:
        return row
    refuse_unclear(text)
    raise UnknownItem(
        f"{_shown(text)} is not a code of ours; check that it is the right label. If it is, put the "
        "item aside and tell a biobank lead.",
        item=_shown(text),
    )


def _is_plainly_ours(reading: Reading) -> bool:
    return reading.is_ours and reading.damage is None


def _ours(work: Work, reading: Reading) -> Row | None:
    found: Row | None = work.run(FIND_ITEM, identifier=read_identifier(reading.code)).fetchone()
    return found


def _by_alias_or_repaired(work: Work, text: str, reading: Reading) -> Row | None:
    """An alias that is exactly there comes before what a repair would give."""
    rows = {row[0]: row for row in _by_alias(work, text)}
    if len(rows) > 1:
        raise UnknownItem(f"{_shown(text)} is on several items; scan our own label.", item=_shown(text))
    if rows:
        return next(iter(rows.values()))
    return _ours(work, reading) if reading.is_ours else None


def _by_alias(work: Work, text: str) -> list[Row]:
    found = list(work.run(FIND_ITEM_BY_ALIAS, value=normalise(text)).fetchall())
    elements = element_string(text)
    return found + _by_elements(work, elements) if elements else found


def _by_elements(work: Work, elements: ElementString) -> list[Row]:
    """By the whole symbol, by a number unique in the world, or by a serial of exactly that product."""
    values = [elements.bracketed, *filter(None, map(elements.value, WORLDWIDE))]
    rows = [row for value in values for row in work.run(FIND_ITEM_BY_ALIAS, value=value.upper()).fetchall()]
    product, serial = elements.value(PRODUCT), elements.value(SERIAL)
    if product is None or serial is None:
        return rows
    for issuer in {product, product[-DIGITS_OF_EAN:] if product.startswith("0") else product}:
        rows += work.run(FIND_ITEM_BY_ISSUED_ALIAS, value=serial.upper(), issuer=issuer).fetchall()
    return rows


def _shown(text: str) -> str:
    """The code for a message, unless it is more than a code: nobody knows what was under the scanner."""
    reading = read_scan(text)
    clean = reading.code
    if reading.is_ours:
        return printed(clean)
    telling = not clean or " " in clean or points_at_a_person(text)
    return "What was scanned" if telling else repr(clean[:40])
