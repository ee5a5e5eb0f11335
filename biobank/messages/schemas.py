"""The shape of messages in JSON: codes, words without a name, and what came of each attempt."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.messages.choices import HandedOver
from biobank.messages.inputs import OnPaper
from biobank.messages.standing import SHOWN
from biobank.web.shapes import Answer, Moment, Paging, Shape, Text


class MessagesQuery(Paging):
    show = fields.String(
        load_default=None,
        validate=validate.OneOf(tuple(SHOWN)),
        metadata={"description": "Only those; without it all, newest first."},
    )


class OnPaperShape(Shape):
    how = fields.Enum(HandedOver, by_value=True, required=True)
    handed_by = Text(
        longest=40,
        load_default=None,
        allow_none=True,
        metadata={"description": "User name of who gave or posted it; who sends this, when left out."},
    )
    on = fields.Date(load_default=None, allow_none=True, metadata={"description": "Today, when left out."})

    @post_load
    def _read(self, data: dict[str, Any], **_: object) -> OnPaper:
        return OnPaper(**data)


class MessageAnswer(Answer):
    message = fields.Integer(attribute="id")
    about = fields.String()
    participant = fields.String()
    template = fields.String()
    state = fields.String()
    by_post = fields.String(allow_none=True, metadata={"description": "Why it goes on paper."})
    trouble = fields.String(
        allow_none=True, metadata={"description": "Why the last attempt came to nothing."}
    )
    tries = fields.Integer(metadata={"description": "Attempts since it was queued."})
    due_at = Moment(allow_none=True, metadata={"description": "The next attempt is not before."})
    queued_at = Moment()
    changed_at = Moment()
    handed_over_on = fields.Date(allow_none=True)
    handed_over_by = fields.String(allow_none=True)
    handed_over_how = fields.String(allow_none=True)


class MessageListAnswer(Answer):
    messages = fields.List(fields.Nested(MessageAnswer))
    next_cursor = fields.String(allow_none=True)


class AttemptAnswer(Answer):
    number = fields.Integer(attribute="attempt.number")
    begun_at = Moment(attribute="attempt.begun_at")
    outcome = fields.Function(
        lambda tried: tried.answer.outcome if tried.answer else None,
        metadata={"type": "string", "nullable": True, "description": "null: cut off, nobody knows."},
    )
    trouble = fields.String(attribute="answer.trouble", allow_none=True)
    code = fields.Integer(attribute="answer.code", allow_none=True)
    text_sha256 = fields.String(attribute="text.sha256", allow_none=True)


class TextAnswer(Answer):
    version = fields.String()
    language = fields.String()
    subject = fields.String()
    body = fields.String()
    sha256 = fields.String()


class OneMessageAnswer(MessageAnswer):
    reference = fields.String()
    message_id = fields.String(metadata={"description": "The Message-ID of every copy of it."})
    attempts = fields.List(fields.Nested(AttemptAnswer))
    texts = fields.List(fields.Nested(TextAnswer))
