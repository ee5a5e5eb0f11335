"""Demands, disclosures and breaches in and out."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.access.inputs import Signing
from biobank.access.schemas import ShownSigningShape
from biobank.disclosures.choices import (
    FIELDS,
    Basis,
    BreachAbout,
    BreachCause,
    BreachStep,
    DemandDecision,
    DemandKind,
    DisclosureState,
    NotYetBecause,
    ToldHow,
)
from biobank.disclosures.inputs import (
    DecidedDemand,
    NewBreach,
    NewDemand,
    NewDisclosure,
    NotToldYet,
    ToldOfIt,
)
from biobank.web.shapes import Answer, Moment, Shape, Text

MOST = 100


def named_fields(**named: Any) -> Any:
    """Names of fields of the vault, or of the sample side."""
    one, few = fields.String(validate=validate.OneOf(FIELDS)), validate.Length(0, len(FIELDS))
    return fields.List(one, validate=few, **named)


class DemandShape(Shape):
    reference = Text(longest=40, required=True)
    kind = fields.Enum(DemandKind, by_value=True, required=True)
    demanded_by = Text(longest=40, required=True)
    received_on = fields.Date(required=True)
    answer_by = fields.Date(load_default=None)
    participants = fields.List(Text(longest=16), required=True, validate=validate.Length(1, MOST))
    asks_for = named_fields(required=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> NewDemand:
        people, asked = tuple(data.pop("participants")), tuple(data.pop("asks_for"))
        return NewDemand(participants=people, fields=asked, **data)


class DemandDecisionShape(ShownSigningShape):
    decision = fields.Enum(DemandDecision, by_value=True, required=True)
    reason = Text(longest=300, required=True)
    certificate_cited = fields.Boolean(required=True)
    certificate = Text(longest=40, load_default=None)
    lets_out = named_fields(load_default=list)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> tuple[DecidedDemand, Signing]:
        signing = Signing(**{name: data.pop(name) for name in ("username", "password", "sha256")})
        return DecidedDemand(fields=tuple(data.pop("lets_out")), **data), signing


class DisclosureShape(Shape):
    participant = Text(longest=16, required=True)
    basis = fields.Enum(Basis, by_value=True, required=True)
    gives_out = named_fields(required=True)
    receiver = Text(longest=40, required=True)
    purpose = Text(longest=200, required=True)
    demand = fields.Integer(strict=True, load_default=None)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> NewDisclosure:
        return NewDisclosure(fields=tuple(data.pop("gives_out")), **data)


class DisclosureToldShape(Shape):
    into = ToldOfIt

    how = fields.Enum(ToldHow, by_value=True, required=True)
    on = fields.Date(required=True)


class NotToldShape(Shape):
    into = NotToldYet

    because = fields.Enum(NotYetBecause, by_value=True, required=True)
    look_again_on = fields.Date(required=True)


class BreachShape(Shape):
    about = fields.Enum(BreachAbout, by_value=True, required=True)
    named = Text(longest=64, load_default=None)
    from_at = Moment(required=True)
    until_at = Moment(required=True)
    cause = fields.Enum(BreachCause, by_value=True, required=True)
    found_on = fields.Date(required=True)
    steps = fields.List(fields.Enum(BreachStep, by_value=True), load_default=list)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> NewBreach:
        data["from_at"], data["until_at"] = data["from_at"].at, data["until_at"].at
        return NewBreach(**{**data, "steps": tuple(data["steps"])})


class DemandDecidedAnswer(Answer):
    decision = fields.String()
    lets_out = fields.List(fields.String())
    certificate_cited = fields.Boolean()
    certificate = fields.String(allow_none=True)
    reason = fields.String()
    decided_at = Moment()
    decided_by = fields.String()


class DemandAnswer(Answer):
    number = fields.Integer()
    reference = fields.String()
    kind = fields.String()
    demanded_by = fields.String()
    received_on = fields.Date()
    answer_by = fields.Date(allow_none=True)
    participants = fields.List(fields.String())
    asks_for = fields.List(fields.String())
    sha256 = fields.String(metadata={"description": "Of what is signed with a decision."})
    decisions = fields.List(fields.Nested(DemandDecidedAnswer))


class DemandsAnswer(Answer):
    demands = fields.List(fields.Nested(DemandAnswer))
    next_cursor = fields.String(allow_none=True)


class DisclosureAnswer(Answer):
    number = fields.Integer()
    participant = fields.String()
    basis = fields.String()
    demand = fields.Integer(allow_none=True)
    gives_out = fields.List(fields.String())
    receiver = fields.String()
    purpose = fields.String()
    state = fields.Enum(DisclosureState, by_value=True)
    opened_by = fields.String()
    approved_by = fields.String(allow_none=True)
    made_at = Moment(allow_none=True)
    made_by = fields.String(allow_none=True)
    told_on = fields.Date(allow_none=True)
    not_told_because = fields.String(allow_none=True)
    look_again_on = fields.Date(allow_none=True)
    sha256 = fields.String()


class DisclosuresAnswer(Answer):
    disclosures = fields.List(fields.Nested(DisclosureAnswer))
    next_cursor = fields.String(allow_none=True)


class HandedOutAnswer(Answer):
    number = fields.Integer()


class BreachPersonAnswer(Answer):
    participant = fields.String()
    shown = fields.List(fields.String())
    confirmed = fields.List(fields.String())
    looks = fields.Integer()
    entries = fields.Integer()
    message = fields.String(allow_none=True, metadata={"description": "How their message stands."})
    told_at = Moment(allow_none=True, metadata={"description": "Since when it stands so."})


class BreachAnswer(Answer):
    number = fields.Integer()
    about = fields.String()
    named = fields.String(allow_none=True)
    from_at = Moment()
    until_at = Moment()
    cause = fields.String()
    found_on = fields.Date()
    people = fields.List(fields.Nested(BreachPersonAnswer))
    cannot_be_known = fields.List(fields.String())


class BreachesAnswer(Answer):
    breaches = fields.List(fields.Nested(BreachAnswer))
    next_cursor = fields.String(allow_none=True)


class MessagesAnswer(Answer):
    queued = fields.Integer()
