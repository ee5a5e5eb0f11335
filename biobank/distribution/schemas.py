"""Requests, hand-overs and holders' answers in and out."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.custody.schemas import LONGEST_SCAN, AlertAnswer, OccurrenceShape
from biobank.custody.states import SPECIMENS, Kind
from biobank.distribution.choices import EndedBecause, HolderAnswer, RequestStanding
from biobank.distribution.inputs import HolderTold, NewRequest, Portion
from biobank.web.shapes import Answer, Moment, Shape, Text

MOST_AT_ONCE = 500


class PortionShape(Shape):
    into = Portion

    kind = fields.Enum(
        Kind, by_value=True, required=True, validate=validate.OneOf(sorted(SPECIMENS, key=str))
    )
    specification = Text(longest=64, load_default="", metadata={"description": "Left out: any."})
    most = fields.Integer(strict=True, required=True, validate=validate.Range(1, 1_000_000))


class StudyRequestShape(Shape):
    number = Text(longest=40, required=True)
    study = Text(longest=40, required=True)
    receiver = Text(longest=40, required=True, metadata={"description": "Code of the organisation."})
    agreement = Text(longest=40, required=True)
    purpose = Text(longest=200, required=True)
    valid_from = fields.Date(required=True)
    valid_until = fields.Date(required=True, metadata={"description": "The last day."})
    portions = fields.List(fields.Nested(PortionShape), required=True, validate=validate.Length(1, 50))

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> NewRequest:
        return NewRequest(**{**data, "portions": tuple(data["portions"])})


class StudyEndShape(Shape):
    because = fields.Enum(EndedBecause, by_value=True, required=True)


class HandOverShape(Shape):
    site = Text(longest=64, required=True)


class HandedItemsShape(OccurrenceShape):
    items = fields.List(
        fields.String(validate=validate.Length(1, LONGEST_SCAN)),
        required=True,
        validate=validate.Length(1, MOST_AT_ONCE),
    )


class HolderShape(Shape):
    into = HolderTold

    item = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))
    on = fields.Date(required=True)
    answer = fields.Enum(
        HolderAnswer, by_value=True, load_default=None, metadata={"description": "Left out: it was asked."}
    )
    reference = Text(longest=40, load_default=None, metadata={"description": "Number of the letter."})


class PastStudyShape(Shape):
    reference = Text(longest=40, required=True, metadata={"description": "Who asked for the check."})


class PortionAnswer(Answer):
    kind = fields.String()
    specification = fields.String()
    most = fields.Integer()
    given = fields.Integer()


class StudyRequestAnswer(Answer):
    number = fields.String()
    study = fields.String()
    receiver = fields.String()
    agreement = fields.String()
    purpose = fields.String()
    valid_from = fields.Date()
    valid_until = fields.Date()
    standing = fields.Enum(RequestStanding, by_value=True)
    registered_by = fields.String()
    approved_by = fields.String(allow_none=True)
    approved_at = Moment(allow_none=True)
    ended_because = fields.String(allow_none=True)
    sha256 = fields.String(metadata={"description": "Of what an approver signs."})
    portions = fields.List(fields.Nested(PortionAnswer))


class StudyRequestsAnswer(Answer):
    requests = fields.List(fields.Nested(StudyRequestAnswer))
    next_cursor = fields.String(allow_none=True)


class DistributionAnswer(Answer):
    number = fields.Integer(attribute="id")
    site = fields.String()
    opened_at = Moment()
    closed_at = Moment(allow_none=True)


class HandedOverAnswer(Answer):
    items = fields.List(fields.String())
    alerts = fields.List(fields.Nested(AlertAnswer))


class DistributedAnswer(Answer):
    item = fields.String()
    request = fields.String()
    study = fields.String()
    receiver = fields.String()
    agreement = fields.String()
    at = Moment(allow_none=True)
    came_back = fields.Boolean()
    asked_on = fields.Date(allow_none=True)
    answer = fields.String(allow_none=True)
    answered_on = fields.Date(allow_none=True)
    reference = fields.String(allow_none=True)


class DistributedListAnswer(Answer):
    items = fields.List(fields.Nested(DistributedAnswer))
