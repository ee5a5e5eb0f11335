"""Orders over HTTP: what is sent, what is given back."""

from typing import Any

from marshmallow import fields

from biobank.exchange.choices import HANDLINGS
from biobank.web.shapes import Answer, Paging, Query

TEXT: dict[str, Any] = {"type": "string"}
MOMENT: dict[str, Any] = {"type": "string", "format": "date-time", "description": "With its offset."}
NAMED: dict[str, Any] = {
    "type": "object",
    "required": ["system", "value"],
    "properties": {"system": TEXT, "value": TEXT},
}
HANDLED: dict[str, Any] = {"type": "object", "properties": {"author": NAMED, "site": NAMED}}
SAMPLE: dict[str, Any] = {
    "type": "object",
    "required": ["test"],
    "properties": {
        "test": {"type": "string", "description": "Code of the tube, such as 1ED04."},
        "description": TEXT,
        "processingRequired": {"type": "boolean"},
        "collected": MOMENT,
        "processed": MOMENT,
        "finalized": MOMENT,
    },
}
INFOS = {f"{name}Info": HANDLED for name in HANDLINGS}
ORDER: dict[str, Any] = {
    "type": "object",
    "required": ["subject", "identifier", "created", "createdInfo", "samples"],
    "properties": {
        "subject": {
            "type": "string",
            "description": "Patient/ and a number, or Participant/ and our code.",
        },
        "identifier": {"type": "array", "minItems": 1, "items": NAMED},
        "created": MOMENT,
        "samples": {"type": "array", "minItems": 1, "items": SAMPLE},
        "notes": {"type": "object", "additionalProperties": TEXT},
        "amendedReason": TEXT,
        "origin": TEXT,
        **INFOS,
    },
}
CHANGE: dict[str, Any] = {
    "type": "object",
    "required": ["status", "amendedReason"],
    "properties": {
        "status": {"type": "string", "enum": ["cancelled", "restored"]},
        "amendedReason": TEXT,
        "cancelledInfo": HANDLED,
        "restoredInfo": HANDLED,
    },
}
IF_MATCH: dict[str, Any] = {
    "name": "If-Match",
    "in": "header",
    "required": True,
    "schema": TEXT,
    "description": 'The ETag of the version that this was decided on, such as W/"1".',
}


class VersionQuery(Query):
    version = fields.Integer(load_default=None, metadata={"description": "Without it, the newest."})


class VersionsQuery(Paging):
    """Of one order."""


class SentOrderAnswer(Answer):
    id = fields.String(metadata={"description": "The code of the kit that the order became."})
    subject = fields.String(metadata={"description": "Participant/ and the code, never the programme's."})
    identifier = fields.List(fields.Dict())
    created = fields.String()
    samples = fields.List(fields.Dict())
    notes = fields.Dict()
    flags = fields.List(fields.Dict(), metadata={"description": "What was odd and taken all the same."})
    status = fields.String()
    version = fields.Integer()
    meta = fields.Dict()


class VersionAnswer(Answer):
    version = fields.Integer()
    status = fields.String()
    recorded_at = fields.String()
    recorded_by = fields.String()


class VersionsAnswer(Answer):
    versions = fields.List(fields.Nested(VersionAnswer))
    next_cursor = fields.String(allow_none=True)
