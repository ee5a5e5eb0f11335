"""GS1 element strings: a product number and a serial in one symbol, read where nothing has to be guessed."""

import re
from dataclasses import dataclass

from biobank.items.scanned_text import GROUP_SEPARATOR, announced, with_separators

# Application identifier: shortest, longest value; from the GS1 General Specifications, section 3.2.
_LENGTHS = {
    "00": (18, 18), "01": (14, 14), "02": (14, 14), "10": (1, 20), "11": (6, 6), "12": (6, 6), "13": (6, 6),
    "15": (6, 6), "16": (6, 6), "17": (6, 6), "20": (2, 2), "21": (1, 20), "22": (1, 20), "30": (1, 8),
    "37": (1, 8), "235": (1, 28), "240": (1, 30), "241": (1, 30), "242": (1, 6), "243": (1, 20),
    "250": (1, 30), "251": (1, 30), "253": (13, 30), "254": (1, 20), "400": (1, 30), "403": (1, 30),
    "410": (13, 13), "411": (13, 13), "412": (13, 13), "413": (13, 13), "414": (13, 13), "415": (13, 13),
    "416": (13, 13), "417": (13, 13), "7003": (10, 10), "8003": (14, 30), "8004": (1, 30), "8006": (18, 18),
    "8017": (18, 18), "8018": (18, 18),
}  # fmt: skip
_CLOSED = re.compile(r"0[0-4]|1[1-9]|20|31|32|33|34|35|36|41")
"""Beginnings of identifiers whose values need no separator after them, since their length is fixed."""
_BRACKETED = re.compile(r"(?:\(\d{2,4}\)[^()]+)+")
_ELEMENT = re.compile(r"\((\d{2,4})\)([^()]+)")
_VALUE = re.compile(r"[!\"%&'()*+,\-./0-9:;<=>?A-Z_a-z]+")
ANNOUNCED_AS_GS1 = {"]C1", "]d2", "]e0", "]Q3", "]J1", "]E0"}
PRODUCT, SERIAL = "01", "21"
WORLDWIDE = ("00", "8003", "8004", "8006", "8017", "8018")
"""Identifiers whose value names one thing in the whole world, without a product beside it."""


@dataclass(frozen=True)
class ElementString:
    """Application identifiers and their values, in the order of the symbol."""

    elements: tuple[tuple[str, str], ...]

    def value(self, identifier: str) -> str | None:
        return dict(self.elements).get(identifier)

    @property
    def bracketed(self) -> str:
        """As it is printed beside the symbol: `(01)09506000134352(21)A1`."""
        return "".join(f"({identifier}){value}" for identifier, value in self.elements)


def element_string(text: str) -> ElementString | None:
    """The elements of a scanned text, or None where it is no GS1 symbol or cannot be taken apart surely."""
    sent = with_separators(text).strip(" \r\n\t")
    announcement = announced(sent)
    content = sent[len(announcement) :]
    if _BRACKETED.fullmatch(content):
        return _checked(_ELEMENT.findall(content))
    is_gs1 = announcement.strip()[-3:] in ANNOUNCED_AS_GS1 or GROUP_SEPARATOR in content
    if not is_gs1 and not re.match(r"01\d{14}(?:21|1[017])", content):
        return None
    return _checked(_taken_apart(content))


def _taken_apart(content: str) -> list[tuple[str, str]] | None:
    """A value of no fixed length ends at a separator or at the end, and nowhere else."""
    found: list[tuple[str, str]] = []
    rest = content.strip(GROUP_SEPARATOR)
    while rest:
        identifier = next((rest[:length] for length in (2, 3, 4) if rest[:length] in _LENGTHS), None)
        if identifier is None:
            return None
        rest = rest[len(identifier) :]
        if _CLOSED.match(identifier):
            length = _LENGTHS[identifier][1]
            value, rest = rest[:length], rest[length:].removeprefix(GROUP_SEPARATOR)
        else:
            value, _, rest = rest.partition(GROUP_SEPARATOR)
        found.append((identifier, value))
    return found


def _checked(elements: list[tuple[str, str]] | None) -> ElementString | None:
    if not elements or len(dict(elements)) != len(elements):
        return None
    return ElementString(tuple(elements)) if all(_holds(*element) for element in elements) else None


def _holds(identifier: str, value: str) -> bool:
    if identifier not in _LENGTHS or not _VALUE.fullmatch(value):
        return False
    shortest, longest = _LENGTHS[identifier]
    if not shortest <= len(value) <= longest:
        return False
    if _CLOSED.match(identifier) and not (value.isascii() and value.isdigit()):
        return False
    return identifier not in (PRODUCT, "02", "00") or _check_digit_fits(value)


def _check_digit_fits(number: str) -> bool:
    """Weights 3 and 1 from the right, as GS1 has it for product numbers and logistic units."""
    total = sum(int(digit) * (3 if place % 2 else 1) for place, digit in enumerate(reversed(number)))
    return total % 10 == 0
