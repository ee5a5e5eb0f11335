"""Identities in and out, and the yes or no of a check."""

from marshmallow import fields, validate

from biobank.identity.choices import ALL_FIELDS, FOR_CHECKS, FOR_KEEPING, FOR_READS, IdentityField
from biobank.web.shapes import Answer, Shape, Text

NAME, CONTACT, DOCUMENT, ADDRESS = 120, 254, 40, 400


class LookShape(Shape):
    document = Text(longest=DOCUMENT, load_default=None, metadata={"description": "Its number, if any."})


class CheckShape(LookShape):
    given_name = Text(longest=NAME, required=True)
    family_name = Text(longest=NAME, required=True)
    birth_date = fields.Date(required=True)
    reason = fields.String(required=True, validate=validate.OneOf(FOR_CHECKS))


class ReadShape(LookShape):
    reason = fields.String(required=True, validate=validate.OneOf(FOR_READS))
    fields_asked = fields.List(
        fields.Enum(IdentityField, by_value=True),
        data_key="fields",
        load_default=lambda: sorted(ALL_FIELDS),
        validate=validate.Length(min=1),
        metadata={"description": "Ask for no more than is needed. Left out: all."},
    )


class KeepShape(LookShape):
    """Of somebody who is known: what is left out stays, null is taken out."""

    programme_participant = Text(longest=DOCUMENT, allow_none=True)
    given_name = Text(longest=NAME)
    family_name = Text(longest=NAME)
    birth_date = fields.Date()
    email = Text(longest=CONTACT, allow_none=True)
    phone = Text(longest=DOCUMENT, allow_none=True)
    postal_address = fields.String(validate=validate.Length(1, ADDRESS), allow_none=True)
    language = Text(longest=2)
    reason = fields.String(required=True, validate=validate.OneOf(FOR_KEEPING))


class CheckAnswer(Answer):
    participant = fields.String()
    matches = fields.Boolean()


class KeptAnswer(Answer):
    participant = fields.String()
    fields_kept = fields.List(fields.String(), data_key="fields", metadata={"description": "Which were set."})


class IdentityAnswer(Answer):
    """Given once: the same request sent again gets the code alone."""

    participant = fields.String()
    programme_participant = fields.String()
    given_name = fields.String()
    family_name = fields.String()
    birth_date = fields.Date()
    email = fields.String()
    phone = fields.String()
    postal_address = fields.String()
    language = fields.String()
