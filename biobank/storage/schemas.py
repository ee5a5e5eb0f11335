"""Storage units in, and units, maps and proposals out."""

from marshmallow import fields, post_load, validate

from biobank.custody.states import STORAGE, Kind
from biobank.storage.choices import MOST_COLUMNS, MOST_ROWS
from biobank.storage.inputs import NewUnit
from biobank.web.shapes import Answer, Query, Shape, Text


class UnitShape(Shape):
    into = NewUnit

    kind = fields.Enum(Kind, by_value=True, required=True, validate=validate.OneOf(sorted(STORAGE)))
    name = Text(longest=64, required=True)
    site = Text(longest=64, required=True)
    inside = Text(longest=80, load_default=None, metadata={"description": "The unit around it."})
    position = Text(longest=8, load_default=None)
    rows = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, MOST_ROWS))
    columns = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, MOST_COLUMNS))
    temperature_celsius = fields.Integer(strict=True, load_default=None, validate=validate.Range(-273, 100))
    allowed = fields.List(
        fields.Enum(Kind, by_value=True),
        load_default=list,
        metadata={"description": "Kinds that may lie in it; none named: all."},
    )

    @post_load
    def _made(self, data: dict[str, object], **_: object) -> NewUnit:
        return NewUnit(**{**data, "allowed": tuple(data["allowed"])})  # type: ignore[arg-type]  # marshmallow checked them


class StorageQuery(Query):
    site = fields.String(load_default=None)
    inside = fields.String(load_default=None, metadata={"description": "What lies directly in this unit."})


class ProposalQuery(Query):
    item = fields.String(data_key="for", required=True, metadata={"description": "The specimen."})


class UnitAnswer(Answer):
    identifier = fields.String(attribute="item.identifier")
    kind = fields.String(attribute="item.kind")
    name = fields.String()
    site = fields.String(attribute="item.site", allow_none=True)
    position = fields.String(attribute="item.position", allow_none=True)
    rows = fields.Integer(attribute="fittings.grid.rows", dump_default=0)
    columns = fields.Integer(attribute="fittings.grid.columns", dump_default=0)
    temperature_celsius = fields.Integer(attribute="fittings.temperature_celsius", allow_none=True)
    allowed = fields.Function(lambda unit: sorted(unit.fittings.allowed), metadata={"type": "array"})
    held = fields.Integer(metadata={"description": "How much lies directly in it."})


class UnitsAnswer(Answer):
    units = fields.List(fields.Nested(UnitAnswer))


class OccupantAnswer(Answer):
    identifier = fields.String()
    kind = fields.String()
    specification = fields.String(allow_none=True)
    state = fields.String()


class PositionAnswer(Answer):
    position = fields.String()
    item = fields.Nested(OccupantAnswer, allow_none=True, metadata={"description": "null: free."})


class MapAnswer(Answer):
    unit = fields.Nested(UnitAnswer)
    positions = fields.List(fields.Nested(PositionAnswer), metadata={"description": "Row by row."})
    loose = fields.List(fields.Nested(OccupantAnswer), metadata={"description": "In it, without a position."})


class ProposalAnswer(Answer):
    unit = fields.Nested(UnitAnswer, allow_none=True, metadata={"description": "null: there is no room."})
    position = fields.String(allow_none=True)
