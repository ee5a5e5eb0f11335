"""Decisions in, and what they set in motion out."""

from marshmallow import fields

from biobank.destruction.choices import Ceremony
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.web.shapes import Answer, Moment, Shape, Text
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision


class DecisionShape(Shape):
    """What a participant decided; no answer has a default, what was not answered is `undecided`."""

    into = Decision

    participant = Text(longest=16, required=True)
    leaves = fields.Boolean(required=True, truthy={True}, falsy={False})
    information = fields.Enum(InformationAnswer, by_value=True, required=True)
    samples = fields.Enum(SamplesAnswer, by_value=True, required=True)
    requested_by = Text(
        longest=80, required=True, metadata={"description": "A code or a role; never a name."}
    )
    capacity = fields.Enum(Capacity, by_value=True, required=True)
    ceremony = fields.Enum(
        Ceremony,
        by_value=True,
        required=True,
        metadata={"description": "`yes` and `unanswered` block destruction until compliance settles it."},
    )
    channel = fields.Enum(Channel, by_value=True, required=True)
    decided_at = Moment(required=True)
    evidence = Text(longest=120, load_default=None, metadata={"description": "Number of a form or letter."})
    language = Text(longest=12, load_default="en", metadata={"description": "Of the confirming message."})


class DecisionAnswer(Answer):
    decision = fields.Integer(attribute="recorded.id", metadata={"description": "Its number."})
    participant = fields.String(attribute="recorded.participant")
    leaves = fields.Boolean(attribute="recorded.leaves")
    information = fields.String(attribute="recorded.information")
    samples = fields.String(attribute="recorded.samples")
    ceremony = fields.String(attribute="recorded.ceremony")
    decided_at = Moment(attribute="recorded.decided_at")
    recorded_at = Moment(attribute="recorded.recorded_at")
    due_on = fields.Date(
        attribute="recorded.due_on",
        allow_none=True,
        metadata={"description": "Ask for what is undecided by then."},
    )
    order = fields.String(allow_none=True, metadata={"description": "The destruction order, if any."})
    hold_until = Moment(allow_none=True, metadata={"description": "Nothing is destroyed before."})
    specimens = fields.Integer(metadata={"description": "Lines of the order."})
