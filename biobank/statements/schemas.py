"""Statements out, and why they are asked for."""

from marshmallow import fields

from biobank.statements.choices import FOR_PACKS, FOR_STATEMENTS, Purpose
from biobank.web.shapes import Answer, Query, Text


class StatementQuery(Query):
    purpose = Text(
        longest=16,
        load_default=Purpose.REQUEST.value,
        metadata={"description": f"One of {', '.join(FOR_STATEMENTS)}."},
    )
    language = Text(
        longest=2, load_default=None, metadata={"description": "`en` or `es`; else the participant's own."}
    )


class PackQuery(Query):
    purpose = Text(
        longest=16,
        load_default=Purpose.AUDIT.value,
        metadata={"description": f"One of {', '.join(FOR_PACKS)}."},
    )


class StatementLineAnswer(Answer):
    at = fields.AwareDateTime(allow_none=True)
    text = fields.String()
    entries = fields.List(fields.String(), metadata={"description": "Subject and number in the log."})


class StatementPartAnswer(Answer):
    name = fields.String()
    heading = fields.String()
    lines = fields.List(fields.Nested(StatementLineAnswer))


class StatementSampleAnswer(Answer):
    number = fields.Integer()
    identifier = fields.String()
    title = fields.String()
    facts = fields.List(fields.String())


class StatementAnswer(Answer):
    """In words of one language; codes only."""

    participant = fields.String()
    language = fields.String()
    title = fields.String()
    made_at = fields.AwareDateTime()
    introduction = fields.List(fields.String())
    samples_heading = fields.String()
    samples = fields.List(fields.Nested(StatementSampleAnswer))
    parts = fields.List(fields.Nested(StatementPartAnswer))
    left_out = fields.Dict(
        keys=fields.String(),
        values=fields.List(fields.String()),
        metadata={"description": "Entries that are not told one by one, by the reason why."},
    )
