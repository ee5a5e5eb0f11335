"""Counts and signatures in; orders, walks and batches out."""

from marshmallow import fields, post_load, validate

from biobank.access.schemas import WhoSignsShape
from biobank.destruction.choices import Method, Settlement, SigningRole
from biobank.destruction.inputs import Count, Credentials, Shown
from biobank.items.schemas import PlaceAnswer
from biobank.web.shapes import Answer, Moment, Paging, Shape, Text

MOST_ORDERS = 200


class OrdersQuery(Paging):
    unfinished = fields.Boolean(load_default=True, metadata={"description": "Only those with work left."})


class WasteBatchShape(Shape):
    site = Text(longest=64, required=True)


class CountShape(Shape):
    into = Count

    pieces = fields.Integer(strict=True, required=True, validate=validate.Range(0, 100_000))
    method = fields.Enum(Method, by_value=True, required=True)
    cycle = Text(longest=64, required=True, metadata={"description": "Cycle, or container and manifest."})
    place = Text(longest=80, required=True)
    at = Moment(required=True)
    contractor = Text(
        longest=40, load_default=None, metadata={"description": "Who takes the container to incinerate it."}
    )
    manifest = Text(longest=64, load_default=None, metadata={"description": "With which they take it."})


class BatchSignatureShape(WhoSignsShape):
    role = fields.Enum(SigningRole, by_value=True, required=True)
    sha256 = fields.String(
        required=True, validate=validate.Length(equal=64), metadata={"description": "Of the batch as shown."}
    )

    @post_load
    def _made(self, data: dict[str, object], **_: object) -> dict[str, object]:
        return _with_credentials(data)


class ShownShape(Shape):
    into = Shown

    order = fields.String(required=True, validate=validate.Length(1, 80))
    sha256 = fields.String(required=True, validate=validate.Length(equal=64))


class ConfirmationShape(WhoSignsShape):
    orders = fields.List(fields.Nested(ShownShape), required=True, validate=validate.Length(1, MOST_ORDERS))

    @post_load
    def _made(self, data: dict[str, object], **_: object) -> dict[str, object]:
        return _with_credentials(data)


def _with_credentials(data: dict[str, object]) -> dict[str, object]:
    credentials = Credentials(str(data.pop("username")), str(data.pop("password")))
    return {**data, "credentials": credentials}


class CeremonyShape(Shape):
    settlement = fields.Enum(Settlement, by_value=True, required=True)


class OrderAnswer(Answer):
    identifier = fields.String()
    participant = fields.String()
    stage = fields.String()
    opened_at = Moment()
    hold_until = Moment(metadata={"description": "Nothing is destroyed before."})
    due_at = Moment()
    closed_at = Moment(allow_none=True)
    late = fields.Boolean()
    in_question = fields.String(allow_none=True)
    lines = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "By outcome; `open` if none."}
    )


class OrdersAnswer(Answer):
    orders = fields.List(fields.Nested(OrderAnswer))
    next_cursor = fields.String(allow_none=True)


class OrderRecordAnswer(OrderAnswer):
    record = fields.Raw(metadata={"description": "What compliance confirms."})
    sha256 = fields.String(metadata={"description": "Of the record, hexadecimal: sent with a signature."})
    certificates = fields.List(fields.String(), metadata={"description": "Each replaces the one before."})


class PickAnswer(Answer):
    identifier = fields.String(attribute="item.identifier")
    kind = fields.String(attribute="item.kind")
    specification = fields.String(attribute="item.specification", allow_none=True)
    state = fields.String(attribute="item.state")
    custodian = fields.String(attribute="item.custodian", allow_none=True)
    position = fields.String(attribute="item.position", allow_none=True)
    places = fields.List(
        fields.Nested(PlaceAnswer), attribute="path", metadata={"description": "Outermost first."}
    )
    orders = fields.List(fields.String())


class WorklistAnswer(Answer):
    picks = fields.List(fields.Nested(PickAnswer), metadata={"description": "In the order of one walk."})


class WasteBatchAnswer(Answer):
    identifier = fields.String()
    state = fields.String()
    site = fields.String(allow_none=True)
    record = fields.Raw(metadata={"description": "What performer and witness sign."})
    sha256 = fields.String(metadata={"description": "Of the record, hexadecimal: sent with a signature."})
    signed_by = fields.Dict(
        keys=fields.String(),
        values=fields.String(allow_none=True),
        metadata={"description": "User name by role; null while it is open."},
    )


class ConfirmedAnswer(Answer):
    certificates = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"description": "Certificate by order."}
    )
    returned = fields.Dict(
        keys=fields.String(), values=fields.String(), metadata={"description": "Why, by order."}
    )
    signature = fields.Integer(allow_none=True)
