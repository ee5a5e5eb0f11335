"""What a form tells of a tube from the shelf: its maker's code, lot and expiry, also out of a GS1 symbol."""

from collections.abc import Mapping
from datetime import date
from typing import Any

from biobank.items.gs1 import PRODUCT, SERIAL, ElementString, element_string

LOT, EXPIRY = "10", "17"
"""Application identifiers of the GS1 General Specifications."""
MAKER = "tube maker"
"""Issuer of a code that does not say whose it is."""
CENTURY = 2000


def replacement_told(form: Mapping[str, str]) -> dict[str, Any]:
    """The details of the step `substitute`; what was typed comes before what the symbol says."""
    text = form.get("code", "").strip()
    elements = element_string(text) if text else None
    said = _of_gs1(elements) if elements else {"issuer": MAKER, "code": text} if text else {}
    typed = {name: form.get(name, "").strip() for name in ("reason", "lot", "expires_on")}
    if said.get("code") is None:
        said.pop("issuer", None)
    return {name: value for name, value in {**said, **{k: v for k, v in typed.items() if v}}.items() if value}


def _of_gs1(elements: ElementString) -> dict[str, Any]:
    """A product's number alone is on every tube of the product, so it names none of them."""
    return {
        "issuer": elements.value(PRODUCT),
        "code": elements.value(SERIAL),
        "lot": elements.value(LOT),
        "expires_on": _day(elements.value(EXPIRY)),
    }


def _day(text: str | None) -> str | None:
    """Year, month and day of two digits each; day 00 is the month's last, which is no day that counts."""
    try:
        year, month, day = (int(text[at : at + 2]) for at in (0, 2, 4)) if text else (0, 0, 0)
        return date(CENTURY + year, month, day or 1).isoformat()
    except ValueError:
        return None
