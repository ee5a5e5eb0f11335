"""Shapes of JSON in and out: strict schemas, and the few kinds of field that every feature uses."""

from collections.abc import Mapping
from typing import Any, ClassVar

import orjson
from flask import Request
from marshmallow import EXCLUDE, RAISE, Schema, ValidationError, fields, post_load, validate
from werkzeug.exceptions import BadRequest, UnsupportedMediaType

from biobank.core.errors import DomainError, Invalid
from biobank.core.moments import Told, from_microseconds, read_moment, to_text

LONGEST_TEXT = 500
LONGEST_DETAILS = 20_000
"""Bytes of the free part of one event."""


class BodyRefused(Invalid):
    """The JSON is well formed and not of the shape that this address takes."""

    title = "Fields not understood"


class Shape(Schema):
    """What comes in: unknown fields are refused; `into` is the dataclass that the operation takes."""

    into: ClassVar[type | None] = None
    each_by_itself: ClassVar[bool] = False
    """Of several things in one body each is refused by itself, by whoever judges it."""

    class Meta:
        unknown = RAISE

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> Any:
        return data if self.into is None else self.into(**data)


class NothingToldShape(Shape):
    """An empty object: what a request is about says all."""


class Query(Shape):
    """What stands behind the question mark."""


class Paging(Query):
    cursor = fields.String(load_default=None, metadata={"description": "`next_cursor` of the page before."})
    limit = fields.Integer(load_default=50, validate=validate.Range(1, 500))


class Answer(Schema):
    """What goes out."""

    class Meta:
        unknown = EXCLUDE


def bounded(value: str) -> None:
    """One line that a database and a label can hold."""
    if not value.isprintable():
        raise ValidationError("Use one line without control characters.")


class Text(fields.String):
    """One printable line of at most `longest` characters."""

    def __init__(self, *, longest: int = LONGEST_TEXT, **named: Any) -> None:
        super().__init__(validate=[validate.Length(1, longest), bounded], **named)


class Moment(fields.DateTime):
    """ISO 8601 with its offset in, RFC 3339 in UTC out; in it becomes a `Told`."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **_: Any) -> Any:  # noqa: ARG002 (marshmallow's signature)
        return moment_of(value)

    def _serialize(self, value: Any, attr: str | None, obj: Any, **_: Any) -> str | None:  # noqa: ARG002 (marshmallow's signature)
        if value is None:
            return None
        return to_text(from_microseconds(value) if isinstance(value, int) else value)


def moment_of(value: Any) -> Told:
    """Raises `ValidationError` with the sentence of what is wrong with it."""
    if not isinstance(value, str):
        raise ValidationError("Write a time with its offset, like 2026-03-01T09:30:00-06:00.")
    try:
        return read_moment(value)
    except DomainError as refusal:
        raise ValidationError(refusal.detail) from refusal


class Details(fields.Dict):
    """The part of an event that differs by step: an object of texts, whole numbers, lists and objects."""

    def _deserialize(self, value: Any, *_: Any, **__: Any) -> Any:
        refuse_unfit(value)
        return value


def refuse_unfit(details: Any) -> None:
    """Raises `ValidationError`, unless these are details that an event can hold."""
    if not isinstance(details, dict):
        raise ValidationError("Send an object.")
    if not details:
        return
    try:
        written = orjson.dumps(details)
    except orjson.JSONEncodeError as problem:  # it reads deeper than it writes
        raise ValidationError("Nest the details less deeply.") from problem
    if len(written) > LONGEST_DETAILS:
        raise ValidationError(f"Details have at most {LONGEST_DETAILS} bytes.")
    if not all(text.isprintable() for text in _texts(details)):
        raise ValidationError("Use texts of one line without control characters.")


def _texts(value: Any) -> list[str]:
    found, pending = [], [value]
    while pending:
        each = pending.pop()
        if isinstance(each, str):
            found.append(each)
        elif isinstance(each, Mapping):
            pending += [*each.keys(), *each.values()]
        elif isinstance(each, list):
            pending += each
    return found


def body_of(asked: Request) -> Any:
    """The JSON that was sent. Raises 400 for half-written JSON, 415 for anything that is not JSON."""
    if asked.mimetype != "application/json":
        raise UnsupportedMediaType
    try:
        return orjson.loads(asked.get_data())
    except orjson.JSONDecodeError as problem:
        raise BadRequest from problem


def loaded(schema: Schema, document: Any) -> Any:
    """Raises `BodyRefused`, which names the first field and lists all."""
    try:
        return schema.load(document)
    except ValidationError as problem:
        raise BodyRefused(**refusal_of(problem)) from problem


def refusal_of(problem: ValidationError) -> dict[str, Any]:
    """The sentence of the first field that is wrong, its path, and every message by field."""
    path, sentence = _first(problem.messages)
    return {
        "detail": f"{path}: {sentence}" if path else sentence,
        "field": path or None,
        "errors": _with_text_keys(problem.messages),
    }


def _with_text_keys(messages: Any) -> Any:
    """Positions in a list are numbers, and JSON has no such names."""
    if not isinstance(messages, Mapping):
        return messages
    return {str(name): _with_text_keys(below) for name, below in messages.items()}


def _first(messages: Any, path: str = "") -> tuple[str, str]:
    if isinstance(messages, Mapping):
        for name, below in messages.items():
            named = "" if name == "_schema" else str(name)
            return _first(below, f"{path}.{named}".strip("."))
    if isinstance(messages, list) and messages:
        return path, str(messages[0])
    return path, str(messages)
