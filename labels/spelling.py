"""A code as a person reads and keys it: in groups, in lines, or its end alone."""

import re
from collections.abc import Callable, Mapping
from functools import partial

IDENTIFIER = re.compile(r"([A-Z][0-9]{4})([0-9]{4})([0-9]{2})([0-9]{2})")


def readable(identifier: str) -> str:
    """A letter and twelve digits in groups, `T 4831 3456 24-51`; anything else as it is."""
    grouped = IDENTIFIER.fullmatch(identifier)
    if not grouped:
        return identifier
    first, second, third, check = grouped.groups()
    return f"{first[0]} {first[1:]} {second} {third}-{check}"


def in_lines(identifier: str, count: int) -> list[str]:
    """The readable code in two or three lines, groups kept whole; another code in equal parts."""
    grouped = IDENTIFIER.fullmatch(identifier)
    if not grouped:
        length = -(-len(identifier) // count)
        return [identifier[length * line : length * (line + 1)] for line in range(count)]
    letter, first, *others = readable(identifier).split(" ")
    others = others if count > len(others) else [" ".join(others)]
    return [f"{letter} {first}", *others]


def _line(identifier: str, *, number: int, count: int) -> str:
    return in_lines(identifier, count)[number - 1]


SPELLINGS: Mapping[str, Callable[[str], str]] = {
    "id": readable,
    "last_six": lambda identifier: identifier[-6:],
    **{
        f"id_{number}_of_{count}": partial(_line, number=number, count=count)
        for count in (2, 3)
        for number in range(1, count + 1)
    },
}
"""What a template may print of the label's code, by the name in its words."""
