"""The code on a person's badge, and the codes of set-up links and recovery sheets."""

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


CODE_LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
"""Base32 (RFC 4648): no letter is taken for a digit, and every keyboard and scanner types them."""
LINK_LETTERS = 52
"""Of base32: 260 bits."""


def new_link_code() -> str:
    """What a set-up link carries, which can be typed and scanned from paper too."""
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(LINK_LETTERS))


def bare_code(text: str) -> str:
    """A code of letters as it is kept: without blanks and dashes, and without the link before it."""
    return "".join(sign for sign in text.rpartition("#")[2].upper() if sign.isalnum())


def in_groups(code: str) -> str:
    """Four letters at a time, as on paper."""
    return " ".join(code[at : at + 4] for at in range(0, len(code), 4))
