"""Parcels in and out."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.custody.schemas import LONGEST_SCAN, AlertAnswer, OccurrenceShape, RecordedAnswer
from biobank.shipments.choices import Carrier, Condition, Presence
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.web.shapes import Answer, Moment, Shape, Text

MOST_ITEMS = 1000


class ShippingShape(Shape):
    """By whom and how a parcel goes; what is not known yet can be told at dispatch."""

    carrier = fields.Enum(Carrier, by_value=True, load_default=None)
    tracking_number = Text(longest=80, load_default=None, metadata={"description": "As scanned or typed."})
    seal = Text(longest=40, load_default=None)
    logger = Text(longest=40, load_default=None, metadata={"description": "Temperature logger inside."})
    dry_ice_grams = fields.Integer(strict=True, load_default=None)


class ShipmentShape(ShippingShape):
    into = NewShipment

    origin = Text(longest=64, required=True)
    destination = Text(longest=64, required=True)


class PackShape(OccurrenceShape):
    items = fields.List(
        fields.String(validate=validate.Length(1, LONGEST_SCAN)),
        required=True,
        validate=validate.Length(1, MOST_ITEMS),
    )


class PackKitShape(OccurrenceShape):
    kit = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))


class DispatchShape(ShippingShape, OccurrenceShape):
    un3373 = fields.Boolean(
        load_default=None,
        metadata={"description": "Packed by IATA PI 650 and marked UN 3373; false is asked back."},
    )
    confirmation = Text(load_default=None, metadata={"description": "Why a surprising fact is true."})


class ReceiptLineShape(Shape):
    into = ReceiptLine

    item = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))
    presence = fields.Enum(Presence, by_value=True, load_default=Presence.FOUND)
    conditions = fields.List(fields.Enum(Condition, by_value=True), load_default=list)
    place = fields.String(load_default=None, validate=validate.Length(1, LONGEST_SCAN))
    position = Text(longest=8, load_default=None)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> ReceiptLine:
        return ReceiptLine(**{**data, "conditions": tuple(data["conditions"])})


class ReceiptShape(OccurrenceShape):
    lines = fields.List(
        fields.Nested(ReceiptLineShape), required=True, validate=validate.Length(max=MOST_ITEMS)
    )
    closes = fields.Boolean(
        load_default=True,
        metadata={"description": "The receipt is complete: what was not named is not in the parcel."},
    )


class UnannouncedShape(OccurrenceShape):
    destination = Text(longest=64, required=True, metadata={"description": "The dock at which it arrived."})
    origin = Text(longest=64, load_default=None, metadata={"description": "null: nobody can tell."})
    carrier = fields.Enum(Carrier, by_value=True, load_default=None)
    tracking_number = Text(longest=80, load_default=None)
    seal = Text(longest=40, load_default=None)
    logger = Text(longest=40, load_default=None)


class FoundTubeShape(OccurrenceShape):
    specification = Text(longest=64, load_default=None, metadata={"description": "null: nobody can tell."})
    issuer = Text(longest=40, load_default="")
    code = Text(longest=LONGEST_SCAN, load_default="", metadata={"description": "As scanned off the tube."})


class SecondTubeShape(OccurrenceShape):
    item = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))


class ParcelCountShape(OccurrenceShape):
    pieces = fields.Integer(strict=True, required=True)
    seal = Text(longest=40, required=True, metadata={"description": "The number on the unbroken seal."})


class LineAnswer(Answer):
    identifier = fields.String(attribute="item.identifier")
    specification = fields.String(attribute="item.specification", allow_none=True)
    state = fields.String(attribute="item.state")
    presence = fields.String(allow_none=True, metadata={"description": "null until somebody looked."})
    conditions = fields.List(fields.String())


class ShipmentAnswer(Answer):
    identifier = fields.String()
    state = fields.String()
    origin = fields.String(allow_none=True, metadata={"description": "null: nobody can tell."})
    destination = fields.String()
    carrier = fields.String(allow_none=True)
    tracking_number = fields.String(allow_none=True)
    seal = fields.String(allow_none=True)
    logger = fields.String(allow_none=True)
    dry_ice_grams = fields.Integer(allow_none=True)
    unannounced = fields.Boolean(metadata={"description": "Begun at the dock: it came without a manifest."})
    dispatched_at = Moment(allow_none=True)
    arrived_at = Moment(allow_none=True)
    opened_at = Moment(allow_none=True)
    received_at = Moment(allow_none=True)


class ManifestAnswer(ShipmentAnswer):
    manifest = fields.List(fields.Nested(LineAnswer))


class ShipmentsAnswer(Answer):
    shipments = fields.List(fields.Nested(ShipmentAnswer))


class PackedAnswer(Answer):
    results = fields.List(fields.Nested(RecordedAnswer))


class ReceiptAnswer(Answer):
    shipment = fields.Nested(ManifestAnswer)
    results = fields.List(fields.Nested(RecordedAnswer))
    alerts = fields.List(fields.Nested(AlertAnswer))


class ComingAnswer(ShipmentAnswer):
    due_on = fields.Date(allow_none=True)
    is_overdue = fields.Boolean()


class DraftAnswer(ShipmentAnswer):
    begun_by = fields.String(allow_none=True)
    found = fields.Integer()
    lines = fields.Integer()


class DockAnswer(Answer):
    on_the_way = fields.List(fields.Nested(ComingAnswer))
    arrived = fields.List(fields.Nested(ShipmentAnswer))
    opened = fields.List(fields.Nested(DraftAnswer))


class SecondTubeAnswer(Answer):
    case = fields.Integer(attribute="case.id")
    item = fields.String(attribute="item.identifier")
    second = fields.String(attribute="other.identifier", metadata={"description": "Its own new code."})


class ParcelCountedAnswer(Answer):
    results = fields.List(fields.Nested(RecordedAnswer))
