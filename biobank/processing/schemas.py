"""What waits for the centrifuge and what is in it; pools in and out."""

from marshmallow import fields, post_load, validate

from biobank.custody.schemas import AlertAnswer
from biobank.items.aliases import read_alias
from biobank.processing.choices import LARGEST_MICROLITRES, Phase
from biobank.processing.inputs import Part
from biobank.web.shapes import Answer, Moment, Shape, Text


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


MOST_PARTS = 200
MICROLITRES = validate.Range(1, LARGEST_MICROLITRES)


class PartShape(Shape):
    into = Part

    item = Text(longest=80, required=True)
    volume_microlitres = fields.Integer(
        strict=True,
        load_default=None,
        allow_none=True,
        validate=MICROLITRES,
        metadata={"description": "null: unknown."},
    )
    used_up = fields.Boolean(load_default=False, metadata={"description": "Nothing of it is left."})


class PoolShape(Shape):
    parts = fields.List(fields.Nested(PartShape), required=True, validate=validate.Length(2, MOST_PARTS))
    specification = Text(longest=64, required=True)
    volume_microlitres = fields.Integer(strict=True, load_default=None, allow_none=True, validate=MICROLITRES)
    issuer = Text(longest=40, load_default="")
    code = Text(longest=80, load_default="")
    occurred_at = Moment(required=True, allow_none=True, metadata={"description": "null: nobody knows when."})
    confirmation = Text(longest=400, load_default=None, allow_none=True)

    @post_load
    def _made(self, data: dict[str, object], **_: object) -> dict[str, object]:
        code, issuer, at = str(data.pop("code")), str(data.pop("issuer")), data.pop("occurred_at")
        parts = data["parts"]
        assert isinstance(parts, list)  # noqa: S101 (marshmallow loaded a list)
        return {
            **data,
            "parts": tuple(parts),
            "alias": read_alias(issuer, code) if code else None,
            "at": at,
        }


class PoolAnswer(Answer):
    identifier = fields.String()
    specification = fields.String()
    volume_microlitres = fields.Integer(allow_none=True)
    participant = fields.String(allow_none=True, metadata={"description": "null: of several."})
    holds = fields.List(fields.String())
    alerts = fields.List(fields.Nested(AlertAnswer))
