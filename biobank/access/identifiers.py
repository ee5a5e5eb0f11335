"""The code on a person's badge: a letter, 22 random digits, two check digits."""

import re
import secrets

from biobank.core.check_digits import check_digits
from biobank.core.personal_shapes import BADGE, personal_shape

LETTER = "U"
"""No item's letter, and the same key on the keyboards that scanners are wrongly set to."""
DIGITS = 22
"""About 73 bits: at a station somebody's open page is opened again by their badge alone."""

_WHOLE = re.compile(f"{LETTER}[0-9]{{{DIGITS + 2}}}")


def new_badge() -> str:
    body = f"{LETTER}{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
    return body + check_digits(body)


def is_badge(text: str) -> bool:
    """Whether `text`, in capitals and without blanks, is the code of a badge."""
    return _WHOLE.fullmatch(text) is not None and check_digits(text[:-2]) == text[-2:]


def holds_badge(text: str) -> bool:
    """Whether a badge, or most of one, stands somewhere in a text: then nobody writes that text down."""
    return personal_shape(text, frozenset({BADGE})) is not None


def printed_badge(code: str) -> str:
    """As on the badge: groups of four digits after the letter."""
    digits = code[1:]
    return " ".join([code[0], *(digits[at : at + 4] for at in range(0, len(digits), 4))])
