"""Names of positions as people and machines write them, brought to one form."""

import re

_LETTER_AND_NUMBER = re.compile(r"([A-Z])-?0*([1-9][0-9]?)")
LONGEST = 8


def normalise_position(text: str | None) -> str | None:
    """`a01`, `A-1` and ` A1 ` are one position, `A1`; other texts stay as they are, in capitals."""
    clean = "".join((text or "").upper().split())
    found = _LETTER_AND_NUMBER.fullmatch(clean)
    return f"{found[1]}{found[2]}" if found else clean or None
