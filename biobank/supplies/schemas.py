"""Mailed kits over HTTP: lists and findings; the documents themselves are FHIR."""

from typing import Any

from marshmallow import fields, validate

from biobank.custody.schemas import OccurrenceShape
from biobank.supplies.choices import Leg, Stage, Telling
from biobank.supplies.queries import SHOWN
from biobank.web.shapes import Answer, Moment, Paging

RESOURCE: dict[str, Any] = {
    "type": "object",
    "required": ["resourceType"],
    "properties": {"resourceType": {"type": "string"}},
    "description": "As the programme's systems send it; addresses and names in it are never kept.",
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": False,
    "schema": {"type": "string"},
    "description": 'The ETag of the version that this was decided on, such as W/"1"; without it the newest.',
}


class SuppliesQuery(Paging):
    show = fields.String(
        load_default=None,
        validate=validate.OneOf(tuple(SHOWN)),
        metadata={"description": "Which list; left out: all orders."},
    )


class SupplyOrderAnswer(Answer):
    number = fields.String()
    participant = fields.String()
    site = fields.String()
    ordered_on = fields.Date(allow_none=True)
    product_code = fields.String(allow_none=True)
    product_name = fields.String(allow_none=True)
    barcode = fields.String(allow_none=True)
    kit = fields.String(allow_none=True, metadata={"description": "Our code of it."})
    stage = fields.String(metadata={"enum": list(Stage)})
    stage_since = Moment()
    stopped = fields.Boolean(metadata={"description": "The participant withdrew or died: mail nothing."})
    version = fields.Integer()


class SuppliesAnswer(Answer):
    orders = fields.List(fields.Nested(SupplyOrderAnswer))
    next_cursor = fields.String(allow_none=True)


class FlagAnswer(Answer):
    code = fields.String()
    sentence = fields.String()


class SupplyVersionAnswer(Answer):
    version = fields.Integer()
    telling = fields.String(metadata={"enum": list(Telling)})
    leg = fields.String(allow_none=True, metadata={"enum": list(Leg)})
    stage = fields.String(metadata={"enum": list(Stage)})
    told = fields.Dict()
    flags = fields.List(fields.Nested(FlagAnswer))
    recorded_at = Moment()
    recorded_by = fields.String()


class SupplyVersionsAnswer(Answer):
    versions = fields.List(fields.Nested(SupplyVersionAnswer))


class EmptyShape(OccurrenceShape):
    """When the kit was opened, and how that is known."""
