"""Legal holds, ceremonies and pieces to look for again: in and out."""

from marshmallow import fields, validate

from biobank.destruction.pauses import LONGEST_REFERENCE, OUTSIDE, HeldBecause, LiftedBecause
from biobank.web.shapes import Answer, Moment, Shape, Text

MOST_ORDERS = 200


class LegalHoldShape(Shape):
    because = fields.Enum(HeldBecause, by_value=True, required=True)
    reference = Text(longest=LONGEST_REFERENCE, required=True, metadata={"description": "Of the paper."})


class LiftLegalHoldShape(Shape):
    because = fields.Enum(LiftedBecause, by_value=True, required=True)
    reference = Text(longest=LONGEST_REFERENCE, required=True, metadata={"description": "Of the paper."})


class LegalHoldAnswer(Answer):
    id = fields.Integer()
    reason = fields.String()
    reference = fields.String()
    placed_at = Moment()
    placed_by = fields.String()
    lifted_at = Moment(allow_none=True, metadata={"description": "null: it stands."})
    lifted_by = fields.String(allow_none=True)
    lifted_because = fields.String(allow_none=True)


class ClinicsShape(Shape):
    destroy = fields.Boolean(required=True, metadata={"description": "Else they ship it to the biobank."})


class JoinShape(Shape):
    orders = fields.List(Text(longest=80), required=True, validate=validate.Length(0, MOST_ORDERS))


class PlanShape(JoinShape):
    on = fields.Date(required=True)
    place = Text(longest=64, required=True, metadata={"description": f"Code of a site, or `{OUTSIDE}`."})


class HeldShape(Shape):
    on = fields.Date(load_default=None, metadata={"description": "Left out: as it was planned."})


class CeremonyAnswer(Answer):
    id = fields.Integer()
    on = fields.Date()
    site = fields.String(allow_none=True, metadata={"description": "null: a place outside."})
    state = fields.String()
    orders = fields.List(fields.String())


class CeremoniesAnswer(Answer):
    ceremonies = fields.List(fields.Nested(CeremonyAnswer), metadata={"description": "Planned ones first."})


class NotFoundShape(Shape):
    item = Text(longest=80, required=True)


class RecheckedAnswer(Answer):
    identifier = fields.String()
    finding = fields.String(allow_none=True, metadata={"description": "null: nobody looked for it yet."})
    checked_at = Moment(allow_none=True)
    checked_by = fields.String(allow_none=True)


class RecheckAnswer(Answer):
    pieces = fields.List(fields.Nested(RecheckedAnswer))
