"""Shapes of text that point at a person: what must not get into a log that nobody can erase."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from biobank.core.errors import Invalid

ADDRESS = "an e-mail address"
PHONE = "a phone number"
DATE = "a date"
PROGRAMME_ID = "an id of the programme"
BADGE = "a person's badge"

SHAPES = {
    ADDRESS: re.compile(r"[^\s@]@[^\s@]"),
    PHONE: re.compile(r"(?<!\d)(?:\(\d{3}\)|\d{3})[ .-]?\d{3}[ .-]\d{4}(?!\d)|(?<!\w)\+\d{10,15}(?!\d)"),
    DATE: re.compile(
        r"(?<!\d)(?:\d{1,2}[/.]\d{1,2}[/.](?:19|20)?\d{2}|(?:19|20)\d{2}([-/.])\d{1,2}\1\d{1,2}"
        r"|\d{1,2}-\d{1,2}-(?:19|20)\d{2})(?!\d)",
    ),
    PROGRAMME_ID: re.compile(r"\bP\d{9}\b", re.IGNORECASE),
    # Most of its digits are enough: with the code on a badge somebody's open page is opened again.
    BADGE: re.compile(r"U(?:\W*[0-9]){18,}", re.IGNORECASE),
}
ALWAYS = frozenset({ADDRESS, PROGRAMME_ID, BADGE})
"""What no field of an event ever needs; numbers and dates have their own fields."""
MARKUP = re.compile(r"<[^<>]*>")


def personal_shape(text: str, shapes: frozenset[str] = frozenset(SHAPES)) -> str | None:
    """What `text` seems to hold, in words, or None; markup in it hides nothing."""
    read = readings(text)
    found = (name for name, shape in SHAPES.items() if name in shapes and any(map(shape.search, read)))
    return next(found, None)


def readings(text: str) -> frozenset[str]:
    """The text as it is, and without markup, whether that parts words (`<br>`) or not (`<b>`)."""
    return frozenset({text, MARKUP.sub("", text), MARKUP.sub(" ", text)})


class NamesSomebody(Invalid):
    """A text that seems to hold something about a person, where nothing can be erased."""

    title = "Codes only"


def names_nobody(field: str, text: str, shapes: frozenset[str] = frozenset(SHAPES)) -> None:
    """Raises `NamesSomebody`."""
    found = personal_shape(text, shapes)
    if found:
        raise said_to_hold(field, found)


def said_to_hold(field: str, found: str) -> NamesSomebody:
    """The refusal of a text in which somebody is pointed at, however that was seen."""
    return NamesSomebody(
        f"{field} seems to hold {found}; write it without anything about a person.", field=field
    )


def texts_in(value: Any) -> Iterator[str]:
    """The texts of a value as JSON has them, in lists and tables at any depth."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Mapping):
        for name, below in value.items():
            yield str(name)
            yield from texts_in(below)
    elif isinstance(value, list | tuple):
        for below in value:
            yield from texts_in(below)
