"""What waits at the bench and what is in the centrifuge; runs, pools and SPREC codes in and out."""

from marshmallow import fields, post_load, validate

from biobank.custody.schemas import AlertAnswer
from biobank.items.aliases import read_alias
from biobank.processing.choices import LARGEST_MICROLITRES, LONGEST_NAME, Balance, Kept, Phase
from biobank.processing.inputs import Part
from biobank.web.shapes import Answer, Moment, Shape, Text


class ProgrammeAnswer(Answer):
    site = fields.String()
    name = fields.String()
    g = fields.Integer()
    minutes = fields.Integer()
    temperature_celsius = fields.Integer(allow_none=True)
    rotor = fields.String(allow_none=True)
    brake = fields.String(allow_none=True)


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


MOST_PARTS = MOST_TUBES = 200
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


class DueAnswer(Answer):
    identifier = fields.String()
    specification = fields.String(allow_none=True)
    phase = fields.Enum(Phase, by_value=True)
    until = Moment(allow_none=True, metadata={"description": "null: its limit cannot be told."})


class BenchPileAnswer(Answer):
    count = fields.Integer()
    shown = fields.List(
        fields.Nested(DueAnswer), metadata={"description": "The most urgent first, at most 40."}
    )


class BenchAnswer(Answer):
    spin = fields.Nested(BenchPileAnswer)
    aliquot = fields.Nested(BenchPileAnswer)
    freeze = fields.Nested(BenchPileAnswer)


class PlanLineAnswer(Answer):
    material = fields.String()
    count = fields.Integer()
    volume_microlitres = fields.Integer()
    vial = fields.String()
    source = fields.String()


class BenchPlanAnswer(Answer):
    codes = fields.List(fields.String())
    spun = fields.Boolean()
    process_within_minutes = fields.Integer(metadata={"description": "After the collection."})
    kept_whole = fields.String(
        allow_none=True, metadata={"description": "The material, of a tube kept as it is."}
    )
    source = fields.String()
    lines = fields.List(fields.Nested(PlanLineAnswer))


class BenchPlansAnswer(Answer):
    version = fields.String()
    plans = fields.List(fields.Nested(BenchPlanAnswer))


class SprecElementAnswer(Answer):
    name = fields.String()
    code = fields.String()
    facts = fields.Dict(metadata={"description": "What was recorded; null: nobody did."})


class SprecAnswer(Answer):
    item = fields.String()
    sprec = fields.String(allow_none=True, metadata={"description": "null: a mixture, or a derivative."})
    elements = fields.List(fields.Nested(SprecElementAnswer))
    thaws = fields.Integer()


class CentrifugeRunShape(Shape):
    tubes = fields.List(Text(longest=80), required=True, validate=validate.Length(1, MOST_TUBES))
    programme = Text(
        longest=40, load_default=None, allow_none=True, metadata={"description": "null: unknown."}
    )
    site = Text(
        longest=64, load_default=None, allow_none=True, metadata={"description": "Whose programme it is."}
    )
    balance = fields.Enum(Balance, by_value=True, required=True)
    centrifuge = Text(longest=LONGEST_NAME, load_default="")
    kept_at = fields.Enum(Kept, by_value=True, load_default=None, allow_none=True)
    occurred_at = Moment(required=True, allow_none=True, metadata={"description": "null: nobody knows when."})
    confirmation = Text(longest=400, load_default=None, allow_none=True)


class RunOutShape(Shape):
    occurred_at = Moment(required=True)


class CentrifugeRunAnswer(Answer):
    id = fields.Integer()
    site = fields.String(allow_none=True)
    centrifuge = fields.String(allow_none=True)
    programme = fields.String(allow_none=True)
    minutes = fields.Integer(allow_none=True)
    balance = fields.String()
    tubes = fields.Integer()
    began_at = Moment(allow_none=True)
    ended_at = Moment(allow_none=True)
