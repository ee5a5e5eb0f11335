"""What waits for the centrifuge and what is in it."""

from marshmallow import fields

from biobank.processing.choices import Phase
from biobank.web.shapes import Answer, Moment


class ProgrammeAnswer(Answer):
    site = fields.String()
    name = fields.String()
    g = fields.Integer()
    minutes = fields.Integer()
    temperature_celsius = fields.Integer(allow_none=True)
    rotor = fields.String(allow_none=True)


class WaitingAnswer(Answer):
    identifier = fields.String()
    specification = fields.String()
    phase = fields.Enum(Phase, by_value=True)
    opens_at = Moment(allow_none=True, metadata={"description": "null: collected nobody knows when."})
    closes_at = Moment(allow_none=True)


class SpinAnswer(Answer):
    identifier = fields.String()
    programme = fields.String(allow_none=True)
    began_at = Moment()
    ends_at = Moment(allow_none=True, metadata={"description": "null: the programme is not known."})
    warning = fields.String(allow_none=True)


class CentrifugeAnswer(Answer):
    programmes = fields.List(fields.Nested(ProgrammeAnswer))
    waiting = fields.List(fields.Nested(WaitingAnswer), metadata={"description": "The most urgent first."})
    spinning = fields.List(fields.Nested(SpinAnswer), metadata={"description": "Of 12 hours, not packed."})
