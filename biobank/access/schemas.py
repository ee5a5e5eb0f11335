"""Who signs, as it is sent in JSON."""

from marshmallow import fields, validate

from biobank.access.inputs import Signing
from biobank.access.passkeys import LARGEST_ANSWER
from biobank.web.shapes import Shape, Text


class WhoSignsShape(Shape):
    """Typed in again for this one signature."""

    username = fields.String(required=True, validate=validate.Length(1, 80))
    password = fields.String(
        required=True,
        validate=validate.Length(1, LARGEST_ANSWER),
        load_only=True,
        metadata={"description": "Or what a passkey answered, after `passkey:`."},
    )


class ShownSigningShape(WhoSignsShape):
    into = Signing

    sha256 = Text(longest=64, required=True, metadata={"description": "As it was shown."})
