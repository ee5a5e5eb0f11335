"""Kits to be made, and what was made."""

from marshmallow import fields, validate

from biobank.web.shapes import Answer, Shape, Text


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
