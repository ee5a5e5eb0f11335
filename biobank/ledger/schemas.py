"""Checkpoints and proofs out."""

from marshmallow import fields, validate

from biobank.web.shapes import Answer, Moment, Query


class ConsistencyQuery(Query):
    size = fields.Integer(
        data_key="from",
        required=True,
        validate=validate.Range(0, 2**53),
        metadata={"description": "Size of a checkpoint that you kept."},
    )


class CheckpointAnswer(Answer):
    size = fields.Integer()
    root = fields.String(metadata={"description": "Base64."})
    checkpoint = fields.String(attribute="text", metadata={"description": "The signed note: keep it."})
    issued_at = Moment()


class ConsistencyAnswer(Answer):
    first = fields.Integer()
    second = fields.Integer()
    hashes = fields.List(fields.String(), metadata={"description": "RFC 9162 consistency proof, base64."})
    checkpoint = fields.String()
