"""Decisions in, and what they set in motion out."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.access.schemas import WhoSignsShape
from biobank.destruction.choices import Ceremony
from biobank.destruction.inputs import Credentials
from biobank.participants.choices import InformationAnswer, SamplesAnswer, Scope
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text
from biobank.withdrawals.choices import Capacity, Channel, DeclinedBecause
from biobank.withdrawals.inputs import Decision, TwoPeople


class AskingShape(Shape):
    """Who asks or tells, in which capacity, how and when."""

    requested_by = Text(
        longest=80, required=True, metadata={"description": "A code or a role; never a name."}
    )
    capacity = fields.Enum(Capacity, by_value=True, required=True)
    channel = fields.Enum(Channel, by_value=True, required=True)
    decided_at = Moment(required=True)
    evidence = Text(longest=120, load_default=None, metadata={"description": "Number of a form or letter."})
    proved = fields.Boolean(
        load_default=None,
        allow_none=True,
        metadata={"description": "Whether the evidence shows that they may ask; null: where some is named."},
    )


LANGUAGE = {"description": "Of the confirming message."}


class DecisionShape(AskingShape):
    """What a participant decided; no answer has a default, what was not answered is `undecided`."""

    into = Decision

    participant = Text(longest=16, required=True)
    leaves = fields.Boolean(required=True, truthy={True}, falsy={False})
    information = fields.Enum(InformationAnswer, by_value=True, required=True)
    samples = fields.Enum(SamplesAnswer, by_value=True, required=True)
    ceremony = fields.Enum(
        Ceremony,
        by_value=True,
        required=True,
        metadata={"description": "`yes` and `unanswered` block destruction until compliance settles it."},
    )
    language = Text(longest=12, load_default="en", metadata=LANGUAGE)


class CompletionShape(Shape):
    evidence = Text(longest=120, required=True, metadata={"description": "The papers that came."})
    accepted_at = Moment(required=True)


class DeclineShape(Shape):
    because = fields.Enum(DeclinedBecause, by_value=True, required=True)


class DeathShape(AskingShape):
    """`requested_by` is who told of it."""

    died_on = fields.Date(load_default=None, allow_none=True, metadata={"description": "null: not known."})


class PeriodShape(Shape):
    """The new consent with which somebody who had left takes part again."""

    form_version = Text(longest=64, required=True)
    language = Text(longest=12, load_default="en")
    scopes = fields.List(fields.Enum(Scope, by_value=True), required=True, validate=validate.Length(min=1))
    effective_at = Moment(required=True)
    source = Text(longest=120, required=True, metadata={"description": "Number of the form."})


class RefusedScopesShape(AskingShape):
    scopes = fields.List(fields.Enum(Scope, by_value=True), required=True, validate=validate.Length(min=1))
    language = Text(longest=12, load_default="en", metadata=LANGUAGE)


class SignerShape(WhoSignsShape):
    into = Credentials


class ChangeShape(AskingShape):
    """What two people sign in one request: compliance first, with the SHA-256 of what both were shown."""

    first = fields.Nested(SignerShape, required=True)
    second = fields.Nested(SignerShape, required=True)
    sha256 = fields.String(required=True, validate=validate.Length(equal=64))
    language = Text(longest=12, load_default="en", metadata=LANGUAGE)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        signed = TwoPeople(data.pop("first"), data.pop("second"), data.pop("sha256"))
        return {**data, "signed": signed}


class MistakeShape(ChangeShape):
    other = Text(
        longest=16, load_default=None, allow_none=True, metadata={"description": "Whose decision it was."}
    )


class SamePersonShape(ChangeShape):
    other = Text(longest=16, required=True, metadata={"description": "The code that goes on."})


class OtherQuery(Query):
    other = Text(longest=16, load_default=None)


class SamePersonQuery(Query):
    other = Text(longest=16, required=True)


class ReportableQuery(Paging):
    standing = fields.Boolean(load_default=True, metadata={"description": "Only what nobody explained."})


class DecisionAnswer(Answer):
    decision = fields.Integer(
        attribute="recorded.id", metadata={"description": "Its number; absent for a request that waits."}
    )
    request = fields.Integer(
        allow_none=True,
        metadata={"description": "Number of the request that waits for papers; then nothing was done."},
    )
    participant = fields.String(attribute="recorded.participant")
    leaves = fields.Boolean(attribute="recorded.leaves")
    information = fields.String(attribute="recorded.information")
    samples = fields.String(attribute="recorded.samples")
    ceremony = fields.String(attribute="recorded.ceremony")
    proved = fields.Boolean(attribute="recorded.proved", allow_none=True)
    decided_at = Moment(attribute="recorded.decided_at")
    recorded_at = Moment(attribute="recorded.recorded_at")
    due_on = fields.Date(
        attribute="recorded.due_on",
        allow_none=True,
        metadata={"description": "Ask for what is undecided, or for the papers, by then."},
    )
    order = fields.String(allow_none=True, metadata={"description": "The destruction order, if any."})
    hold_until = Moment(allow_none=True, metadata={"description": "Nothing is destroyed before."})
    specimens = fields.Integer(metadata={"description": "Lines of the order."})


class AskedForAnswer(Answer):
    """A request without papers, or a decision whose answers are open."""

    number = fields.Integer(attribute="id")
    participant = fields.String()
    leaves = fields.Boolean()
    information = fields.String()
    samples = fields.String()
    requested_by = fields.String()
    capacity = fields.String()
    channel = fields.String()
    decided_at = Moment()
    recorded_at = Moment()
    due_on = fields.Date()


class StillOpenAnswer(Answer):
    undecided = fields.List(fields.Nested(AskedForAnswer))
    requests = fields.List(fields.Nested(AskedForAnswer))


class EndedAnswer(Answer):
    request = fields.Integer(attribute="request_id")
    ending = fields.String()
    decision = fields.Integer(attribute="decision_id", allow_none=True)
    reason = fields.String(allow_none=True)
    recorded_at = Moment()


class DeathAnswer(Answer):
    death = fields.Integer(attribute="id")
    participant = fields.String()
    died_on = fields.Date(allow_none=True)
    requested_by = fields.String(metadata={"description": "Who told of it."})
    decided_at = Moment(metadata={"description": "When it was told."})
    recorded_at = Moment()


class PeriodAnswer(Answer):
    period = fields.Integer(attribute="id")
    participant = fields.String()
    begins_at = Moment()
    recorded_at = Moment()


class RefusedScopesAnswer(Answer):
    participant = fields.String()
    scopes = fields.Function(lambda end: sorted(end.ends), metadata={"type": "array"})
    decided_at = Moment()
    recorded_at = Moment()


class RecordAnswer(Answer):
    """What two people are to sign, as it is now."""

    record = fields.Dict()
    sha256 = fields.String()
    until = Moment(allow_none=True, metadata={"description": "A reversal is possible until then."})


class ChangeAnswer(Answer):
    change = fields.Integer(attribute="id")
    participant = fields.String()
    kind = fields.String()
    order = fields.String(attribute="order_identifier", allow_none=True)
    recorded_at = Moment()
    signatures = fields.Function(
        lambda change: [change.first_signature, change.second_signature], metadata={"type": "array"}
    )


class ReportableAnswer(Answer):
    kind = fields.String(attribute="case.kind")
    item = fields.String(attribute="item.identifier")
    participant = fields.String(attribute="item.participant", allow_none=True)
    sentence = fields.String(attribute="case.sentence")
    state = fields.String(attribute="case.state")
    opened_at = Moment(attribute="case.opened_at")


class ReportableListAnswer(Answer):
    events = fields.List(fields.Nested(ReportableAnswer))
    next_cursor = fields.String(allow_none=True)
