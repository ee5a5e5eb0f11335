"""Storage units in, and units, maps and proposals out."""

from marshmallow import fields, post_load, validate

from biobank.custody.schemas import AlertAnswer
from biobank.custody.states import STORAGE, Kind
from biobank.storage.choices import MOST_COLUMNS, MOST_ROWS, Naming, Order, ReservedFor, Rule
from biobank.storage.inputs import NewReservation, NewUnit
from biobank.storage.rack_layouts import NAMED
from biobank.storage.rack_plans import Deed
from biobank.storage.room import Room
from biobank.web.shapes import Answer, Moment, Query, Shape, Text


class UnitShape(Shape):
    into = NewUnit

    kind = fields.Enum(Kind, by_value=True, required=True, validate=validate.OneOf(sorted(STORAGE)))
    name = Text(longest=64, required=True)
    site = Text(longest=64, required=True)
    inside = Text(longest=80, load_default=None, metadata={"description": "The unit around it."})
    position = Text(longest=24, load_default=None)
    rows = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, MOST_ROWS))
    columns = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, MOST_COLUMNS))
    temperature_celsius = fields.Integer(strict=True, load_default=None, validate=validate.Range(-273, 100))
    allowed = fields.List(
        fields.Enum(Kind, by_value=True),
        load_default=list,
        metadata={"description": "Kinds that may lie in it; none named: all."},
    )
    naming = fields.Enum(Naming, by_value=True, load_default=Naming.LETTER_NUMBER)
    filled_by = fields.Enum(Order, by_value=True, load_default=Order.ROWS)
    contents = fields.List(
        Text(longest=64),
        load_default=list,
        metadata={"description": "Specifications that may lie in it and all within; none named: all."},
    )
    rule = fields.Enum(Rule, by_value=True, load_default=None, allow_none=True)

    @post_load
    def _made(self, data: dict[str, object], **_: object) -> NewUnit:
        return NewUnit(**{**data, "allowed": tuple(data["allowed"]), "contents": tuple(data["contents"])})  # type: ignore[arg-type]  # marshmallow checked them


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
    naming = fields.Enum(Naming, by_value=True, attribute="fittings.grid.naming", dump_default=None)
    filled_by = fields.Enum(Order, by_value=True, attribute="fittings.grid.order", dump_default=None)
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


class RoomQuery(Query):
    count = fields.Integer(required=True, validate=validate.Range(1, 100_000))
    warmest_celsius = fields.Integer(
        load_default=None, metadata={"description": "Only places known to be as cold or colder."}
    )
    kind = fields.Enum(Kind, by_value=True, load_default=Kind.ALIQUOT)
    specification = fields.String(load_default=None)


class FreeAnswer(Answer):
    unit = fields.Nested(UnitAnswer)
    free = fields.Integer()


class RoomAnswer(Answer):
    free = fields.Integer()
    temperature_celsius = fields.Integer(allow_none=True)
    boxes = fields.Method("_boxes", metadata={"type": "array"})

    def _boxes(self, room: Room) -> object:
        return [FreeAnswer().dump({"unit": unit, "free": free}) for unit, free in room.boxes]


class RoomsAnswer(Answer):
    rooms = fields.List(
        fields.Nested(RoomAnswer), metadata={"description": "One box each, else boxes that stand together."}
    )


class MergersQuery(Query):
    inside = fields.String(load_default=None, metadata={"description": "A freezer, rack or other place."})


class MergerAnswer(Answer):
    source = fields.Nested(UnitAnswer)
    target = fields.Nested(UnitAnswer)


class MergersAnswer(Answer):
    mergers = fields.List(fields.Nested(MergerAnswer))


class PieceMoveAnswer(Answer):
    item = fields.String(attribute="item.identifier")
    taken_from = fields.String(allow_none=True)
    goes_to = fields.String()


class MovesAnswer(Answer):
    moves = fields.List(fields.Nested(PieceMoveAnswer))


class ReservationShape(Shape):
    into = NewReservation

    unit = Text(longest=80, required=True)
    purpose = fields.Enum(ReservedFor, by_value=True, required=True)
    until = fields.AwareDateTime(required=True)
    positions = fields.List(Text(longest=24), load_default=list)
    count = fields.Integer(strict=True, load_default=None, validate=validate.Range(1, 9801))
    reference = Text(longest=40, load_default="")

    @post_load
    def _made(self, data: dict[str, object], **_: object) -> NewReservation:
        return NewReservation(**{**data, "positions": tuple(data["positions"])})  # type: ignore[arg-type]  # marshmallow checked them


class ReservationAnswer(Answer):
    number = fields.Integer(attribute="id")
    positions = fields.Function(lambda row: row.positions.split(), metadata={"type": "array"})
    purpose = fields.String()
    reference = fields.String()
    person = fields.String()
    until = fields.AwareDateTime()
    ended_at = fields.AwareDateTime(allow_none=True)


class RackScanQuery(Query):
    """How the file in the body is meant."""

    layout = fields.String(
        load_default=None,
        validate=validate.OneOf(list(NAMED)),
        metadata={"description": "A preset; the file is looked at when left out."},
    )
    file_name = Text(
        longest=200, load_default="", metadata={"description": "Of a file that is the body itself."}
    )
    factory_codes = Text(
        longest=40,
        load_default=None,
        metadata={"description": "The maker whose codes were read: they are given to what lies there."},
    )
    leave_out_unknown = fields.Boolean(
        load_default=False, metadata={"description": "Leave out codes that are unknown or of another site."}
    )
    dry_run = fields.Boolean(load_default=False, metadata={"description": "Say what would be done only."})
    expected = Text(
        longest=64,
        load_default=None,
        metadata={"description": "`fingerprint` of a dry run: refused if something changed since."},
    )
    occurred_at = Moment(
        load_default=None, metadata={"description": "When the rack was read; left out: now."}
    )


class WellAnswer(Answer):
    position = fields.String()
    deed = fields.Enum(Deed, by_value=True)
    code = fields.String(allow_none=True, metadata={"description": "What was read there."})
    item = fields.String(attribute="item.identifier", dump_default=None, allow_none=True)
    displaced = fields.String(
        attribute="displaced.identifier",
        dump_default=None,
        allow_none=True,
        metadata={"description": "Who was logged there and was not read: its place becomes unknown."},
    )
    sentence = fields.String(allow_none=True, metadata={"description": "What somebody has to look at."})
    alerts = fields.List(fields.Nested(AlertAnswer))


class RackScanAnswer(Answer):
    done = fields.Boolean(attribute="is_done")
    box = fields.String(attribute="box.identifier")
    layout = fields.String(attribute="scan.layout", metadata={"description": "Which one the file has."})
    rack = fields.String(attribute="scan.rack", allow_none=True)
    factory_codes = fields.String(attribute="issuer", allow_none=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer())
    notes = fields.List(fields.String())
    fingerprint = fields.String()
    wells = fields.List(fields.Nested(WellAnswer), metadata={"description": "Row by row."})
