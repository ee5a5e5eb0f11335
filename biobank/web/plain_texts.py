"""Texts that no field takes: characters that nobody can see or type, some of which no database can keep."""

import re
from collections.abc import Iterator, Mapping
from typing import Any

from flask import Request

from biobank.core.errors import Invalid, NotFound

UNREADABLE = re.compile(
    "[\x00\x01\x05-\x08\x0b\x0c\x0e-\x1c\x1f\x7f-\x9f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""Control characters, half surrogates, and what turns the direction of writing round, which hides a name.

Lines, and what scanners send around a code (STX, ETX, EOT, GS, RS), stay: each field judges them.
"""
MAY_BE_THERE = re.compile(rb"\\u|\x7f|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]|\xe2\x81[\xa6-\xa9]")
"""In the bytes of JSON, which escapes control characters: without one of these there is none."""
AS_SCANNED = frozenset({"text", "typed", "scanned", "lines"})
"""Fields of pages that take whatever a scanner sends: reading a code leaves out what nobody sees."""


class TextUnreadable(Invalid):
    """A text with a character that nobody can see or type."""

    title = "Look at this field"


class NoSuchAddress(NotFound):
    title = "Not found"


def form_is_readable(asked: Request) -> None:
    """What stands in the address and in the fields of a form. Raises `TextUnreadable`, `NoSuchAddress`."""
    if any(UNREADABLE.search(value) for value in (asked.view_args or {}).values() if isinstance(value, str)):
        raise NoSuchAddress("There is nothing at this address; check it, or scan the item.")
    for name, text in _fields(asked):
        if name not in AS_SCANNED:
            _is_readable(name, text)


def _fields(asked: Request) -> Iterator[tuple[str, str]]:
    if asked.query_string:
        yield from asked.args.items(multi=True)
    if asked.mimetype != "application/json":
        yield from asked.form.items(multi=True)


def json_is_readable(document: Any, sent: bytes | None = None) -> None:
    """Every text of a document, and every name in it, which was `sent` as these bytes.

    Raises `TextUnreadable`, which says where it stands.
    """
    if sent is not None and MAY_BE_THERE.search(sent) is None:
        return
    pending: list[tuple[str, Any]] = [("", document)]
    while pending:
        path, value = pending.pop()
        if isinstance(value, str):
            if path not in AS_SCANNED:
                _is_readable(path, value)
        elif isinstance(value, list):
            pending += [(_below(path, position), each) for position, each in enumerate(value)]
        elif isinstance(value, Mapping):
            for name in value:
                _is_readable(path, name)
            pending += [(_below(path, name), each) for name, each in value.items()]


def _below(path: str, name: object) -> str:
    return f"{path}.{name}" if path else str(name)


def _is_readable(field: str, text: str) -> None:
    found = UNREADABLE.search(text)
    if found is not None:
        place, number = found.start() + 1, f"U+{ord(found[0]):04X}"
        raise TextUnreadable(
            f"Character {place} is one that nobody can see ({number}); type this again without it.",
            field=field,
        )
