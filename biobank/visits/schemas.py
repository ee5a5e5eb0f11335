"""Visits as they come in and go out; answers to safety questions come in and never go out."""

from marshmallow import fields, validate

from biobank.custody.schemas import OccurrenceShape
from biobank.kits.choices import AmendReason, CancelReason, RestoreReason
from biobank.visits.choices import Answer as SafetyAnswer
from biobank.visits.choices import Clearance, Identifier, VisitState
from biobank.web.shapes import Answer, Moment, Paging, Shape, Text

MOST_QUESTIONS = 50
HIGHEST_WEIGHT = 1_000_000
MOST_DRAWN = 10_000_000


class TellingShape(OccurrenceShape):
    """Who did it, when, and how we know."""

    performed_by = Text(longest=80, load_default=None, metadata={"description": "null: who asks."})
    confirmation = Text(load_default=None, metadata={"description": "Why something surprising is so."})


class OpenShape(TellingShape):
    participant = Text(longest=16, required=True, metadata={"description": "The code; never a name."})
    site = Text(longest=64, required=True)
    minor = fields.Boolean(load_default=None, metadata={"description": "Of somebody who is new here."})


class IdentityShape(TellingShape):
    identifiers = fields.List(
        fields.Enum(Identifier, by_value=True), required=True, validate=validate.Length(2, 4)
    )


class SafetyShape(TellingShape):
    question_set = Text(longest=64, required=True)
    answers = fields.Dict(
        keys=Text(longest=64),
        values=fields.Enum(SafetyAnswer, by_value=True),
        required=True,
        validate=validate.Length(1, MOST_QUESTIONS),
    )
    chosen = fields.Enum(
        Clearance,
        by_value=True,
        load_default=None,
        metadata={"description": "full or modified, where the answers leave it to staff."},
    )
    weight_grams = fields.Integer(
        strict=True, load_default=None, allow_none=True, validate=validate.Range(1, HIGHEST_WEIGHT)
    )
    drawn_elsewhere_microlitres = fields.Integer(
        strict=True,
        load_default=0,
        validate=validate.Range(0, MOST_DRAWN),
        metadata={"description": "Blood that others drew within eight weeks."},
    )


class KitShape(TellingShape):
    kit = Text(longest=80, required=True, metadata={"description": "As scanned."})


class AmendShape(TellingShape):
    reason = fields.Enum(AmendReason, by_value=True, required=True)
    remark = Text(longest=200, load_default=None)


class CancelShape(TellingShape):
    reason = fields.Enum(CancelReason, by_value=True, required=True)
    remark = Text(longest=200, load_default=None)


class RestoreShape(TellingShape):
    reason = fields.Enum(RestoreReason, by_value=True, required=True)
    remark = Text(longest=200, load_default=None)


class VisitsQuery(Paging):
    site = Text(longest=64, load_default=None)
    state = fields.Enum(VisitState, by_value=True, load_default=None)


class ExpectedShape(Shape):
    participant = Text(longest=16, required=True)
    site = Text(longest=64, required=True)
    on = fields.Date(required=True)
    time = Text(longest=5, load_default=None, metadata={"description": "09:30, on the site's clock."})


class ExpectedAnswer(Answer):
    number = fields.Integer(attribute="id")
    participant = fields.String()
    site = fields.String()
    on = fields.Date()
    time = fields.String(allow_none=True)


class VisitKitAnswer(Answer):
    identifier = fields.String()
    labels_confirmed_at = Moment(allow_none=True)
    labels_confirmed_by = fields.String(allow_none=True)


class VisitRowAnswer(Answer):
    number = fields.Integer(attribute="id")
    site = fields.String()
    participant = fields.String()
    on = fields.Date()
    state = fields.String()
    version = fields.Integer()
    opened_at = Moment()
    opened_by = fields.String()
    identity_attested_at = Moment(allow_none=True)
    identity_attested_by = fields.String(allow_none=True)
    question_set = fields.String(allow_none=True)
    clearance = fields.String(allow_none=True)
    cleared_at = Moment(allow_none=True)
    cleared_by = fields.String(allow_none=True)
    compensation = fields.String(allow_none=True)
    compensated_at = Moment(allow_none=True)
    compensated_by = fields.String(allow_none=True)


class VisitAnswer(VisitRowAnswer):
    kits = fields.List(fields.Nested(VisitKitAnswer))


class VisitsAnswer(Answer):
    visits = fields.List(fields.Nested(VisitRowAnswer))
    next_cursor = fields.String(allow_none=True)


class QuestionAnswer(Answer):
    code = fields.String()
    texts = fields.Dict(keys=fields.String(), values=fields.String())


class QuestionsAnswer(Answer):
    question_set = fields.String()
    questions = fields.List(fields.Nested(QuestionAnswer))


class ErasedAnswer(Answer):
    visits = fields.Integer(metadata={"description": "Of how many visits answers were erased."})
