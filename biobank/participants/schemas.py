"""Participants by code, as they come in and go out."""

from marshmallow import fields, validate

from biobank.participants.choices import Scope, Signer
from biobank.web.shapes import Answer, Moment, Shape, Text


class ConsentShape(Shape):
    form_version = Text(longest=64, required=True)
    language = Text(longest=12, load_default="en")
    scopes = fields.List(fields.Enum(Scope, by_value=True), required=True, validate=validate.Length(min=1))
    effective_at = Moment(required=True)
    expires_at = Moment(load_default=None)
    source = Text(longest=120, required=True, metadata={"description": "Where it is known from."})
    signed_by = fields.Enum(Signer, by_value=True, load_default=None)
    assent = fields.Boolean(load_default=None, metadata={"description": "Of a minor, by themselves."})


class ParticipantShape(Shape):
    code = Text(longest=16, required=True, metadata={"description": "The biobank id; never a name."})
    site = Text(longest=64, required=True, metadata={"description": "Where the participant came to us."})
    minor = fields.Boolean(load_default=None, metadata={"description": "null: not known."})
    consents = fields.List(fields.Nested(ConsentShape), load_default=list)


class ConsentAnswer(Answer):
    form_version = fields.String()
    language = fields.String()
    scopes = fields.Function(lambda consent: sorted(consent.covers), metadata={"type": "array"})
    effective_at = Moment()
    expires_at = Moment(allow_none=True)
    withdrawn_at = Moment(allow_none=True)
    source = fields.String()
    signed_by = fields.String(allow_none=True)
    assent = fields.Boolean(allow_none=True)
    recorded_at = Moment()
    recorded_by = fields.String()


class StandingAnswer(Answer):
    left = fields.Boolean()
    information = fields.String(allow_none=True, metadata={"description": "null: nothing was decided."})
    samples = fields.String(allow_none=True)
    decided_at = Moment(allow_none=True)
    decision_recorded_at = Moment(allow_none=True)
    deceased = fields.Boolean(attribute="died")
    deceased_on = fields.Date(allow_none=True, metadata={"description": "null also where nobody knows."})
    collection_stopped = fields.Boolean()
    use_blocked = fields.Boolean()


class ParticipantAnswer(Answer):
    code = fields.String()
    provisional = fields.Boolean()
    minor = fields.Boolean(allow_none=True)
    sites = fields.List(fields.String())
    standing = fields.Nested(StandingAnswer)
    consents = fields.List(fields.Nested(ConsentAnswer))


class ParticipantItem(Answer):
    identifier = fields.String()
    kind = fields.String()
    specification = fields.String(allow_none=True)
    state = fields.String()
    site = fields.String(allow_none=True)
    custodian = fields.String(allow_none=True)
    collected_at = Moment(allow_none=True)


class ParticipantItemsAnswer(Answer):
    participant = fields.String()
    items = fields.List(fields.Nested(ParticipantItem))
