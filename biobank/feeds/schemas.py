"""The feeds over HTTP: rows of withdrawals in, their acknowledgements and destruction results out."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.destruction.choices import Ceremony
from biobank.feeds.inputs import FeedRow
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text

MOST_ROWS = 1_000
ROW_NAME = validate.Regexp(r"[A-Za-z0-9._:-]{1,40}\Z")
CODE = validate.Regexp(
    r"(?!P[0-9]{9}\Z)[A-Z]{1,3}[0-9]{3,15}\Z", error="Write the biobank id: a letter and digits."
)


class WithdrawalRowShape(Shape):
    """Somebody who leaves; an answer that is not known is sent as `undecided`."""

    row = fields.String(
        load_default=None,
        allow_none=True,
        validate=ROW_NAME,
        metadata={"description": "What you call the row; a number of yours, nothing about a person."},
    )
    participant = fields.String(required=True, validate=CODE, metadata={"description": "The biobank id."})
    withdrawal_time = Moment(required=True)
    information = fields.Enum(InformationAnswer, by_value=True, required=True)
    samples = fields.Enum(SamplesAnswer, by_value=True, required=True)
    ceremony = fields.Enum(Ceremony, by_value=True, required=True)
    deceased = fields.Boolean(load_default=False)
    site = Text(longest=64, load_default=None, allow_none=True)


class FeedDeliveryShape(Shape):
    rows = fields.List(
        fields.Nested(WithdrawalRowShape), required=True, validate=validate.Length(1, MOST_ROWS)
    )

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> dict[str, Any]:
        return {"rows": [FeedRow(line=line, **row) for line, row in enumerate(data["rows"], 1)]}


class AcknowledgementsQuery(Paging):
    delivery = fields.Integer(load_default=None, metadata={"description": "Of this delivery alone."})


class AcknowledgementAnswer(Answer):
    """What became of a row."""

    acknowledgement = fields.Integer()
    delivery = fields.Integer()
    line = fields.Integer()
    row = fields.String(allow_none=True)
    participant = fields.String()
    withdrawal_time = fields.String()
    outcome = fields.String(
        metadata={"description": "recorded, known (nothing changed), compliance_decides or not_ours."}
    )
    decision = fields.Integer(allow_none=True)
    death = fields.Integer(allow_none=True)
    new_participant = fields.Boolean(metadata={"description": "Nobody had this code before."})
    ceremony_differs = fields.Boolean()
    entered_at = fields.String(allow_none=True, metadata={"description": "When the decision was entered."})


class FeedDeliveryAnswer(Answer):
    delivery = fields.Integer()
    already_known = fields.Boolean(metadata={"description": "The very same rows had come before."})
    acknowledgements = fields.List(fields.Nested(AcknowledgementAnswer))


class AcknowledgementsAnswer(Answer):
    acknowledgements = fields.List(fields.Nested(AcknowledgementAnswer))
    next_cursor = fields.String(allow_none=True)


class ResultsQuery(Query):
    after = fields.Integer(
        load_default=-1,
        validate=validate.Range(-1, 2**53),
        metadata={"description": "`position` of the page before; -1 for the beginning."},
    )
    limit = fields.Integer(load_default=500, validate=validate.Range(1, 5_000))


class DestructionResultAnswer(Answer):
    """One specimen, as one certificate states it or since it is in question."""

    row = fields.String(metadata={"description": "By which the line is acknowledged."})
    status = fields.String(metadata={"description": "stands or in_question."})
    participant = fields.String()
    item = fields.String()
    outcome = fields.String(allow_none=True)
    grade = fields.String(allow_none=True)
    occurred_at = fields.String(allow_none=True)
    certificate = fields.String()
    certificate_sha256 = fields.String()
    replaces = fields.String(allow_none=True)
    order = fields.String()
    recorded_at = fields.String()


class DestructionResultsAnswer(Answer):
    results = fields.List(fields.Nested(DestructionResultAnswer))
    position = fields.Integer(metadata={"description": "Send it as `after` for the next page."})


class ReceivedShape(Shape):
    rows = fields.List(
        fields.String(validate=validate.Length(1, 40)), required=True, validate=validate.Length(1, 5_000)
    )


class ReceivedAnswer(Answer):
    acknowledged = fields.Integer(attribute="taken")
    known = fields.Integer()
    not_ours = fields.List(fields.String(), attribute="unknown")
