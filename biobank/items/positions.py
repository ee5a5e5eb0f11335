"""Names of positions as people and machines write them, brought to one form."""

import re

_LETTER_AND_NUMBER = re.compile(r"([A-Z])-?0*([1-9][0-9]?)")
_NUMBER_AND_LETTER = re.compile(r"0*([1-9][0-9]?)-?([A-Z])")
_NUMBERS = re.compile(r"0*([1-9][0-9]{0,3})(?:[-./:]0*([1-9][0-9]?))?", re.ASCII)
LONGEST = 24


def normalise_position(text: str | None) -> str | None:
    """`a01`, `A-1` and ` A1 ` are one position, `A1`, as `01/02` is `1-2`; other texts stay, in capitals."""
    clean = "".join((text or "").upper().split())
    if found := _LETTER_AND_NUMBER.fullmatch(clean):
        return f"{found[1]}{found[2]}"
    if found := _NUMBER_AND_LETTER.fullmatch(clean):
        return f"{found[1]}{found[2]}"
    if found := _NUMBERS.fullmatch(clean):
        return "-".join(filter(None, found.groups()))
    return clean or None


def is_written_as_a_position(text: str) -> bool:
    """Whether it can be nothing else: no code is that short."""
    clean = "".join(text.upper().split())
    return any(form.fullmatch(clean) for form in (_LETTER_AND_NUMBER, _NUMBER_AND_LETTER, _NUMBERS))
