"""JSON from outside, read value by value: each refusal names file, place and what is wrong."""

import json
import re
import unicodedata
from collections.abc import Iterator
from functools import partial
from typing import NoReturn

from biobank.core.errors import Malformed
from biobank.core.moments import NotAMoment, Told, read_moment

# What a template leaves behind when nobody filled it: %(participant_id)d, {test}.
PLACEHOLDER = re.compile(r"%\([A-Za-z_]\w*\)[a-z]|\{[A-Za-z_]\w*\}")
# Keys of another shape are not repeated in messages: nobody knows what is in them.
PLAIN_KEY = re.compile(r"[A-Za-z]{1,40}")
LONGEST_TEXT = 4000


class FileRefused(Malformed):
    """A file that cannot be read as what it should be. It repeats no value that may point at a person."""

    title = "File not readable"

    def __init__(self, file: str, where: str, problem: str) -> None:
        field = where.removeprefix("$.")
        super().__init__(f"{file}, {where}: {problem}.", file=file, where=where, field=field, problem=problem)


class Value:
    """A value with its place, a JSON path such as `$.samples[3].collected`."""

    def __init__(self, file: str, where: str, content: object) -> None:
        self.file = file
        self.where = where
        self.content = content

    def refuse(self, problem: str) -> NoReturn:
        raise FileRefused(self.file, self.where, problem)

    def table(self) -> dict[str, object]:
        if not isinstance(self.content, dict):
            self.refuse("an object in braces is expected here")
        return self.content

    def get(self, key: str) -> "Value | None":
        """The value of a key; None where it is absent, null or a blank text."""
        content = self.table().get(key)
        if content is None or (isinstance(content, str) and not content.strip()):
            return None
        return Value(self.file, f"{self.where}.{key}", content)

    def need(self, key: str) -> "Value":
        found = self.get(key)
        if found is None:
            Value(self.file, f"{self.where}.{key}", None).refuse("this is missing; the sender must add it")
        return found

    def entries(self) -> "list[Value]":
        if not isinstance(self.content, list):
            self.refuse("a list in brackets is expected here")
        if not self.content:
            self.refuse("this list is empty; the sender must add at least one entry")
        return [Value(self.file, f"{self.where}[{at}]", entry) for at, entry in enumerate(self.content)]

    def text(self) -> str:
        if not isinstance(self.content, str) or not self.content.strip():
            self.refuse("a text in quotes is expected here")
        if len(self.content) > LONGEST_TEXT:
            self.refuse(f"this text is longer than {LONGEST_TEXT} characters; the sender must shorten it")
        if any(unicodedata.category(sign) in {"Cc", "Cs"} and sign not in "\t\r\n" for sign in self.content):
            self.refuse("this text has characters that cannot be printed; the sender must remove them")
        return self.content.strip()

    def truth(self) -> bool:
        if not isinstance(self.content, bool):
            self.refuse("true or false is expected here, without quotes")
        return self.content

    def moment(self) -> Told:
        try:
            return read_moment(self.text())
        except (NotAMoment, OverflowError):
            self.refuse("this is not a time with its offset; write it like 2016-01-04T09:45:49Z")

    def refuse_placeholders(self, free_text: tuple[str, ...]) -> None:
        """Free text (given as beginnings of places) may have braces of its own."""
        for value in self.texts():
            left = PLACEHOLDER.search(str(value.content))
            if left and not value.where.startswith(free_text):
                value.refuse(f"the placeholder {left.group()} was never filled; the sender must fill it")

    def texts(self) -> "Iterator[Value]":
        """Every text below, in the order of the document; a stack, since a document may nest deeply."""
        waiting = [self]
        while waiting:
            value = waiting.pop()
            if isinstance(value.content, str):
                yield value
            waiting.extend(reversed(value.inside()))

    def inside(self) -> "list[Value]":
        if isinstance(self.content, dict):
            return [Value(self.file, f"{self.where}.{key}", inner) for key, inner in self.content.items()]
        if isinstance(self.content, list):
            return [Value(self.file, f"{self.where}[{at}]", inner) for at, inner in enumerate(self.content)]
        return []


def parse(content: bytes, file: str) -> Value:
    """The document in `content`, UTF-8 with or without a byte order mark. Raises `FileRefused`."""
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as problem:
        raise FileRefused(
            file, f"byte {problem.start}", "this is not UTF-8; send the file again as it was"
        ) from None
    try:
        return Value(file, "$", json.loads(text, object_pairs_hook=partial(_without_doubles, file)))
    except json.JSONDecodeError as problem:
        place = f"line {problem.lineno}, column {problem.colno}"
        raise FileRefused(
            file, place, f"the JSON ends or breaks here ({problem.msg}); send the whole file"
        ) from None
    except (ValueError, RecursionError):
        raise FileRefused(file, "$", "a number is too long or the nesting too deep to be an order") from None


def canonical(document: Value) -> bytes:
    """The document without its spacing and order of keys: the same bytes for the same content."""
    return json.dumps(document.content, sort_keys=True, separators=(",", ":")).encode("ascii")


def _without_doubles(file: str, pairs: list[tuple[str, object]]) -> dict[str, object]:
    table = dict(pairs)
    if len(table) != len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        where = f"key {twice}" if PLAIN_KEY.fullmatch(twice) else "$"
        raise FileRefused(file, where, "one object has this key twice; the sender must say which one holds")
    return table
