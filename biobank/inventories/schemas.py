"""Inventory checks in, and their readings, differences and figures out."""

from marshmallow import fields, validate

from biobank.custody.schemas import LONGEST_SCAN, AlertAnswer
from biobank.inventories.checks import LONGEST_SEED, MOST_DRAWN
from biobank.inventories.choices import CheckState, Difference, Reason, Seen
from biobank.inventories.inputs import NewCheck, NewSample
from biobank.storage.rack_layouts import NAMED
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text

SEEN = [seen.value for seen in (Seen.CODE, Seen.EMPTY, Seen.NO_READ)]


class ChecksQuery(Paging):
    state = fields.Enum(CheckState, by_value=True, load_default=None)


class PlanCheckShape(Shape):
    into = NewCheck

    unit = Text(longest=LONGEST_SCAN, required=True, metadata={"description": "A box, rack, freezer."})
    reason = fields.Enum(Reason, by_value=True, load_default=Reason.ROUTINE)
    due_on = fields.Date(load_default=None)
    whole = fields.Boolean(load_default=False, metadata={"description": "Everything inside it, too."})


class DueShape(Shape):
    site = Text(longest=64, required=True)
    most = fields.Integer(strict=True, required=True, validate=validate.Range(1, 500))
    due_on = fields.Date(load_default=None)


class SampleShape(Shape):
    into = NewSample

    site = Text(longest=64, required=True)
    size = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST_DRAWN))
    seed = Text(longest=LONGEST_SEED, required=True)
    due_on = fields.Date(load_default=None)


class ReadingShape(Shape):
    text = fields.String(load_default="", validate=validate.Length(0, LONGEST_SCAN))
    position = Text(longest=8, load_default=None, metadata={"description": "None in a unit without a grid."})
    seen = fields.String(load_default=Seen.CODE.value, validate=validate.OneOf(SEEN))
    confirmation = Text(load_default=None, metadata={"description": "Why one code is on two things."})


class FileQuery(Query):
    layout = fields.String(load_default=None, validate=validate.OneOf(list(NAMED)))
    file_name = Text(longest=200, load_default="")


class CloseShape(Shape):
    expected = Text(
        longest=64,
        load_default=None,
        metadata={"description": "`fingerprint` of the differences that were looked at."},
    )
    because = Text(load_default=None, metadata={"description": "Why nobody counts a second time; a lead's."})


class CancelCheckShape(Shape):
    because = Text(required=True)


class AccuracyQuery(Query):
    from_at = Moment(data_key="from", required=True)
    until_at = Moment(data_key="until", required=True)
    reason = fields.Enum(Reason, by_value=True, load_default=None)


class InventoryCheckAnswer(Answer):
    number = fields.Integer(attribute="check.id")
    unit = fields.String()
    site = fields.String(attribute="check.site")
    reason = fields.String(attribute="check.reason")
    state = fields.String(attribute="check.state")
    turn = fields.Integer(attribute="check.turn")
    within = fields.Integer(attribute="check.within_id", allow_none=True)
    sample = fields.Integer(attribute="check.sample_id", allow_none=True)
    due_on = fields.Date(attribute="check.due_on", allow_none=True)
    planned_at = Moment(attribute="check.planned_at")
    planned_by = fields.String(attribute="check.planned_by")
    counted_at = Moment(attribute="check.counted_at", allow_none=True)
    counted_by = fields.String(attribute="check.counted_by", allow_none=True)
    closed_at = Moment(attribute="check.closed_at", allow_none=True)
    closed_by = fields.String(attribute="check.closed_by", allow_none=True)


class InventoryChecksAnswer(Answer):
    checks = fields.List(fields.Nested(InventoryCheckAnswer))
    next_cursor = fields.String(allow_none=True)


class DifferenceAnswer(Answer):
    kind = fields.Enum(Difference, by_value=True)
    position = fields.String(allow_none=True)
    item = fields.String(allow_none=True)
    code = fields.String(allow_none=True)
    sentence = fields.String()
    step = fields.String(allow_none=True, metadata={"description": "What closing records of it."})
    look_again = fields.Boolean(metadata={"description": "The log changed after it was looked at."})
    case = fields.Integer(allow_none=True, metadata={"description": "Once the check is closed."})


class CountResultAnswer(Answer):
    agreed = fields.Integer()
    differences = fields.List(fields.Nested(DifferenceAnswer))
    disputed = fields.List(fields.String(), metadata={"description": "Where two counts do not agree."})
    fingerprint = fields.String(allow_none=True)


class ToldCheckAnswer(Answer):
    check = fields.Nested(InventoryCheckAnswer)
    read = fields.Integer(metadata={"description": "How many positions or things this turn has read."})
    result = fields.Nested(
        CountResultAnswer, allow_none=True, metadata={"description": "null while it is counted: it is blind."}
    )
    alerts = fields.List(fields.Nested(AlertAnswer))


class ReadingAnswer(Answer):
    position = fields.String(attribute="reading.position", allow_none=True)
    seen = fields.String(attribute="reading.seen")
    code = fields.String(attribute="reading.code", allow_none=True)
    repeated = fields.Boolean()
    out_of_place = fields.Boolean(attribute="is_out_of_place")


class TakenBackAnswer(Answer):
    taken_back = fields.Boolean()
    position = fields.String(allow_none=True)
    code = fields.String(allow_none=True)


class BoxesDueAnswer(Answer):
    units = fields.List(fields.String())
    next_cursor = fields.String(allow_none=True)


class PlannedAnswer(Answer):
    checks = fields.List(fields.Integer())


class SampleAccuracyAnswer(Answer):
    checks = fields.Integer()
    checked = fields.Integer()
    differences = fields.Integer()
    share = fields.Float(allow_none=True, metadata={"description": "Of a hundred, as the log says."})
    bounds = fields.List(fields.Float(), allow_none=True, metadata={"description": "Wilson, 95 %."})


class InventoryAccuracyAnswer(SampleAccuracyAnswer):
    by_kind = fields.Dict(keys=fields.String(), values=fields.Integer())


class SampleAnswer(Answer):
    number = fields.Integer(attribute="sample.id")
    site = fields.String(attribute="sample.site")
    seed = fields.String(attribute="sample.seed")
    size = fields.Integer(attribute="sample.size")
    population = fields.Integer(attribute="sample.population")
    population_sha256 = fields.String(attribute="sample.population_sha256")
    drawn_at = Moment(attribute="sample.drawn_at")
    drawn_by = fields.String(attribute="sample.drawn_by")
    figures = fields.Nested(SampleAccuracyAnswer)
