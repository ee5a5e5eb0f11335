"""Kits to be made, and what was made."""

from marshmallow import fields, validate

from biobank.core.tables import HIGHEST_NUMBER
from biobank.custody.schemas import OccurrenceShape
from biobank.web.shapes import Answer, Query, Shape, Text


class KitsShape(Shape):
    definition = Text(longest=64, required=True, metadata={"description": "For example adult-3.2."})
    count = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, 1000))
    site = Text(longest=64, required=True, metadata={"description": "Where they are made."})
    lot = Text(longest=64, load_default=None)
    expires_on = fields.Date(
        load_default=None, metadata={"description": "Last day on which they may be used."}
    )


class TubeAnswer(Answer):
    identifier = fields.String()
    specification = fields.String()
    draw_order = fields.Integer(allow_none=True)
    state = fields.String()


class KitAnswer(Answer):
    identifier = fields.String()
    definition = fields.String(attribute="specification")
    state = fields.String()
    site = fields.String(allow_none=True)
    participant = fields.String(allow_none=True)
    lot = fields.String(allow_none=True)
    expires_on = fields.Date(allow_none=True)
    tubes = fields.List(fields.Nested(TubeAnswer), metadata={"description": "In draw order."})


class KitsAnswer(Answer):
    kits = fields.List(fields.Nested(KitAnswer))


class StockQuery(Query):
    site = Text(longest=64, load_default=None, metadata={"description": "Else every site that you see."})


class ShelfAnswer(Answer):
    site = fields.String()
    definition = fields.String()
    lot = fields.String(allow_none=True)
    expires_on = fields.Date(allow_none=True)
    kits = fields.Integer()
    recalled = fields.Integer(metadata={"description": "How many of them are under a recall."})
    newest = fields.Integer(metadata={"description": "For a delivery: up to which kit it was seen."})


class GoneAnswer(Answer):
    definition = fields.String()
    used = fields.Integer()
    voided = fields.Integer()
    returned = fields.Integer()


class LowAnswer(Answer):
    site = fields.String()
    kit = fields.String()
    lowest = fields.Integer()
    usable = fields.Integer()


class StockAnswer(Answer):
    on_the_shelf = fields.List(fields.Nested(ShelfAnswer), metadata={"description": "First to expire first."})
    on_the_way = fields.List(fields.Nested(ShelfAnswer))
    gone = fields.List(fields.Nested(GoneAnswer), metadata={"description": "Within 30 days."})
    running_low = fields.List(fields.Nested(LowAnswer))


class DeliveryShape(OccurrenceShape):
    site = Text(longest=64, required=True)
    definition = Text(longest=64, required=True)
    lot = Text(longest=64, load_default=None)
    newest = fields.Integer(strict=True, required=True, validate=validate.Range(1, HIGHEST_NUMBER))


class DeliveryAnswer(Answer):
    arrived = fields.Integer()


class LevelShape(Shape):
    site = Text(longest=64, required=True)
    kit = Text(longest=64, required=True, metadata={"description": "For example adult."})
    lowest = fields.Integer(strict=True, required=True, metadata={"description": "0 asks no more."})
