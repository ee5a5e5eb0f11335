"""Amounts that people type with decimals and the ledger keeps as whole numbers of a smaller unit."""

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from enum import StrEnum

from biobank.core.errors import Invalid

THOUSAND = 1000
LONGEST = 20
"""Characters of a number that anybody types."""


class Unit(StrEnum):
    """As it is written behind a number."""

    MILLILITRE = "mL"
    NANOGRAM_PER_MICROLITRE = "ng/µL"
    MICROGRAM = "µg"
    CELL = "cells"
    NONE = ""


class NotAnAmount(Invalid):
    """What was typed is no number."""

    title = "Not a number"


def thousandths(text: str) -> int:
    """`3.5` and `3,5` are 3500, exactly; what is finer than a thousandth is rounded. Raises `NotAnAmount`."""
    plain = text.strip().replace(",", ".")
    try:
        number = Decimal(plain) if len(plain) <= LONGEST and "_" not in plain else Decimal("NaN")
    except InvalidOperation:
        number = Decimal("NaN")
    if not number.is_finite() or abs(number) > Decimal(10) ** LONGEST:
        raise NotAnAmount("Type a number, such as 3.5.")
    return int((number * THOUSAND).to_integral_value(ROUND_HALF_UP))


def plainly(number: int, per: int = THOUSAND) -> str:
    """3500 as `3.5`: without zeros that say nothing."""
    whole, rest = divmod(abs(number), per)
    digits = f"{rest:0{len(str(per)) - 1}}".rstrip("0")
    sign = "-" if number < 0 else ""
    return f"{sign}{whole}.{digits}" if digits else f"{sign}{whole}"


def said(number: int, unit: Unit, per: int = THOUSAND) -> str:
    """`3.5 mL` of 3500."""
    return f"{plainly(number, per)} {unit}".strip()


def in_millilitres(microlitres: int) -> str:
    """As people say how much is in a tube."""
    return said(microlitres, Unit.MILLILITRE)
