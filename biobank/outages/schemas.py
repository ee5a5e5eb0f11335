"""Outages in and out."""

from marshmallow import fields, validate

from biobank.custody.schemas import LONGEST_SCAN, AlertAnswer, OccurrenceShape
from biobank.outages.choices import EndedHow, Grouping, Outcome
from biobank.outages.inputs import NewDecision
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text

MOST_GROUPS = 1000


class OutagesQuery(Paging):
    standing = fields.Boolean(load_default=None, metadata={"description": "Left out: all."})


class NewOutageShape(OccurrenceShape):
    """`occurred_at` is since when it does not cool; null says that nobody knows."""

    unit = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))
    temperature_celsius = fields.Integer(
        load_default=None, metadata={"description": "What its display shows; whole degrees."}
    )


class CarriedOutShape(OccurrenceShape):
    piece = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))
    place = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))
    position = Text(longest=8, load_default=None)


class OutageTemperatureShape(OccurrenceShape):
    temperature_celsius = fields.Integer(required=True)


class OutageEndShape(Shape):
    how = fields.Enum(EndedHow, by_value=True, required=True)
    occurred_at = Moment(load_default=None, metadata={"description": "Left out: now."})


class OutageGroupsQuery(Query):
    by = fields.Enum(Grouping, by_value=True, load_default=Grouping.RACK)


class NewOutageDecisionShape(Shape):
    into = NewDecision

    outcome = fields.Enum(Outcome, by_value=True, required=True)
    grouping = fields.Enum(Grouping, by_value=True, required=True)
    groups = fields.List(
        Text(longest=64), required=True, validate=validate.Length(1, MOST_GROUPS),
        metadata={"description": "Codes as the list of groups gives them."},
    )  # fmt: skip
    reason = Text(longest=500, required=True)


class OutageAnswer(Answer):
    number = fields.Integer()
    unit = fields.String()
    site = fields.String()
    began_at = Moment(allow_none=True)
    temperature_celsius = fields.Integer(allow_none=True)
    warmest_celsius = fields.Integer(allow_none=True)
    declared_at = Moment()
    declared_by = fields.String()
    ended_at = Moment(allow_none=True)
    ended_how = fields.String(allow_none=True)
    pieces = fields.Integer(metadata={"description": "Racks, boxes and loose things that were in it."})
    carried_out = fields.Integer()
    specimens = fields.Integer()
    undecided = fields.Integer()


class OutagesAnswer(Answer):
    outages = fields.List(fields.Nested(OutageAnswer))
    next_cursor = fields.String(allow_none=True)


class CarriedOutAnswer(Answer):
    outage = fields.Nested(OutageAnswer)
    piece = fields.String()
    place = fields.String()
    position = fields.String(allow_none=True)
    held = fields.Integer(metadata={"description": "Specimens that were put under a hold by it."})
    alerts = fields.List(fields.Nested(AlertAnswer))


class SparePlaceAnswer(Answer):
    piece = fields.String()
    place = fields.String(allow_none=True)
    position = fields.String(allow_none=True)
    temperature_celsius = fields.Integer(allow_none=True)
    not_as_cold = fields.Boolean(allow_none=True)


class SparePlacesAnswer(Answer):
    places = fields.List(fields.Nested(SparePlaceAnswer))


class OutageGroupAnswer(Answer):
    code = fields.String()
    name = fields.String(allow_none=True)
    specimens = fields.Integer()
    outcomes = fields.Dict(
        keys=fields.String(), values=fields.Integer(), metadata={"description": "`open` is not decided."}
    )
    minutes = fields.List(
        fields.Integer(),
        allow_none=True,
        metadata={"description": "Shortest and longest without cooling; null is unknown."},
    )


class OutageGroupsAnswer(Answer):
    groups = fields.List(fields.Nested(OutageGroupAnswer))


class OutageDecisionAnswer(Answer):
    number = fields.Integer()
    outage = fields.Integer()
    outcome = fields.String()
    grouping = fields.String()
    groups = fields.List(fields.String())
    reason = fields.String()
    items = fields.Integer()
    sha256 = fields.String(metadata={"description": "Of what a biobank lead signs."})
    approved_by = fields.String(allow_none=True)
