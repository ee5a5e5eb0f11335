"""Recalls in and out."""

from marshmallow import fields, validate

from biobank.custody.schemas import LONGEST_SCAN, AlertAnswer, OccurrenceShape
from biobank.recalls.choices import Cause, RecallStanding
from biobank.recalls.inputs import NewRecall
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text


class RecallsQuery(Paging):
    standing = fields.Boolean(load_default=None, metadata={"description": "Left out: all."})


class LotQuery(Query):
    lot = Text(longest=64, required=True)
    specification = Text(longest=64, load_default="")


class RecallShape(Shape):
    into = NewRecall

    lot = Text(longest=64, required=True, metadata={"description": "As its maker prints it."})
    specification = Text(
        longest=64,
        load_default="",
        metadata={"description": "A kit definition or a tube's code, where a number stands for several."},
    )
    cause = fields.Enum(Cause, by_value=True, required=True)
    notice = Text(longest=120, load_default=None, metadata={"description": "Number of the maker's notice."})


class CountAnswer(Answer):
    kind = fields.String()
    state = fields.String()
    site = fields.String(allow_none=True)
    items = fields.Integer()


class FoundAnswer(Answer):
    counts = fields.List(fields.Nested(CountAnswer))


class ProgressAnswer(Answer):
    site = fields.String(allow_none=True)
    standing = fields.Enum(RecallStanding, by_value=True)
    items = fields.Integer()


class RecallAnswer(Answer):
    number = fields.Integer(attribute="id")
    lot = fields.String()
    specification = fields.String()
    cause = fields.String()
    notice = fields.String(allow_none=True)
    opened_at = Moment()
    opened_by = fields.String()
    lifted_at = Moment(allow_none=True)
    lifted_by = fields.String(allow_none=True)
    lifted_because = fields.String(allow_none=True)


class ToldRecallAnswer(Answer):
    recall = fields.Nested(RecallAnswer)
    progress = fields.List(fields.Nested(ProgressAnswer), metadata={"description": "At the sites you see."})


class RecallsAnswer(Answer):
    recalls = fields.List(fields.Nested(RecallAnswer))
    next_cursor = fields.String(allow_none=True)


class ToFindQuery(Paging):
    site = Text(longest=64, load_default=None)


class ToFindItem(Answer):
    identifier = fields.String()
    kind = fields.String()
    specification = fields.String(allow_none=True)
    state = fields.String()
    site = fields.String(allow_none=True)
    custodian = fields.String(allow_none=True)


class ToFindAnswer(Answer):
    items = fields.List(fields.Nested(ToFindItem))
    next_cursor = fields.String(allow_none=True)


class FoundShape(OccurrenceShape):
    item = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))


class FoundItemAnswer(Answer):
    item = fields.String()
    state = fields.String()
    alerts = fields.List(fields.Nested(AlertAnswer))


class LiftShape(Shape):
    reason = Text(required=True)
