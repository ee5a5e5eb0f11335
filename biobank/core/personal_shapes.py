"""Shapes of text that point at a person: what must not get into a log that nobody can erase."""

import re

ADDRESS = "an e-mail address"
PHONE = "a phone number"
DATE = "a date"
PROGRAMME_ID = "an id of the programme"

SHAPES = {
    ADDRESS: re.compile(r"[^\s@]@[^\s@]"),
    PHONE: re.compile(r"(?<!\d)(?:\(\d{3}\)|\d{3})[ .-]?\d{3}[ .-]\d{4}(?!\d)|(?<!\w)\+\d{10,15}(?!\d)"),
    DATE: re.compile(
        r"(?<!\d)(?:\d{1,2}[/.]\d{1,2}[/.](?:19|20)?\d{2}|(?:19|20)\d{2}([-/.])\d{1,2}\1\d{1,2}"
        r"|\d{1,2}-\d{1,2}-(?:19|20)\d{2})(?!\d)",
    ),
    PROGRAMME_ID: re.compile(r"\bP\d{9}\b", re.IGNORECASE),
}
ALWAYS = frozenset({ADDRESS, PROGRAMME_ID})
"""What no field of an event ever needs; numbers and dates have their own fields."""


def personal_shape(text: str, shapes: frozenset[str] = frozenset(SHAPES)) -> str | None:
    """What `text` seems to hold, in words, or None."""
    return next((name for name, shape in SHAPES.items() if name in shapes and shape.search(text)), None)
