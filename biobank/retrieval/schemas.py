"""Pick lists, picks and returns in and out."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.custody.schemas import LONGEST_POSITION, LONGEST_SCAN, AlertAnswer, OccurrenceShape
from biobank.custody.states import SPECIMENS, Kind
from biobank.retrieval.choices import CancelledBecause, Dates, LabDid, ListStanding, PickPurpose, Rule
from biobank.retrieval.inputs import NewPickList, Wish
from biobank.web.shapes import Answer, Moment, Paging, Shape, Text

MOST_PIECES = 2000


def a_scan(**more: Any) -> fields.String:
    return fields.String(validate=validate.Length(1, LONGEST_SCAN), **more)


class WishShape(Shape):
    into = Wish

    kind = fields.Enum(
        Kind, by_value=True, required=True, validate=validate.OneOf(sorted(SPECIMENS, key=str))
    )
    specification = Text(longest=64, load_default="", metadata={"description": "Left out: any."})
    count = fields.Integer(strict=True, required=True, validate=validate.Range(1, MOST_PIECES))


class PickListShape(Shape):
    """Either `wishes` or `items`."""

    purpose = fields.Enum(PickPurpose, by_value=True, required=True)
    site = Text(longest=64, required=True)
    request = Text(longest=40, load_default=None)
    goes_to = Text(longest=40, load_default="", metadata={"description": "A bench or a custodian's code."})
    wishes = fields.List(fields.Nested(WishShape), load_default=list, validate=validate.Length(0, 20))
    items = fields.List(a_scan(), load_default=list, validate=validate.Length(0, MOST_PIECES))
    rule = fields.Enum(Rule, by_value=True, load_default=Rule.OLDEST)
    one_each = fields.Boolean(load_default=False)
    least_microlitres = fields.Integer(strict=True, load_default=0, validate=validate.Range(0, 1_000_000))
    collected_at = Text(longest=64, load_default=None, metadata={"description": "Code of a clinic."})
    out_hours = fields.Integer(strict=True, load_default=None, allow_none=True)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> NewPickList:
        return NewPickList(**{**data, "wishes": tuple(data["wishes"]), "items": tuple(data["items"])})


class PickListsQuery(Paging):
    request = Text(longest=40, load_default=None, metadata={"description": "Number of a study's request."})


class PickShape(OccurrenceShape):
    item = a_scan(required=True)


class NotThereShape(Shape):
    item = a_scan(required=True)


class InsteadShape(Shape):
    item = a_scan(required=True, metadata={"description": "The piece that cannot be picked."})
    instead = a_scan(load_default=None, metadata={"description": "Left out: the nearest that may be."})


class PickListCancelShape(Shape):
    because = fields.Enum(CancelledBecause, by_value=True, required=True)


class HandOnShape(OccurrenceShape):
    pass


class BackShape(OccurrenceShape):
    item = a_scan(required=True)
    place = a_scan(load_default=None, metadata={"description": "Left out: where it was, or is proposed."})
    position = Text(longest=LONGEST_POSITION, load_default=None)
    kept_cold = fields.Boolean(load_default=False)
    taken_microlitres = fields.Integer(strict=True, load_default=None, allow_none=True)
    lab_did = fields.Enum(LabDid, by_value=True, load_default=None, allow_none=True)
    confirmation = Text(longest=500, load_default=None, allow_none=True)


class StudyManifestShape(Shape):
    dates = fields.Enum(Dates, by_value=True, load_default=Dates.NONE)


class PickListAnswer(Answer):
    number = fields.Integer()
    purpose = fields.String()
    request = fields.String(allow_none=True)
    site = fields.String()
    goes_to = fields.String()
    rule = fields.String()
    wanted = fields.Integer()
    standing = fields.Enum(ListStanding, by_value=True)
    lines = fields.Dict(keys=fields.String(), values=fields.Integer())
    made_at = Moment()
    made_by = fields.String()


class PickListsAnswer(Answer):
    lists = fields.List(fields.Nested(PickListAnswer))
    next_cursor = fields.String(allow_none=True)


class PieceAnswer(Answer):
    item = fields.String()
    kind = fields.String()
    specification = fields.String(allow_none=True)
    position = fields.String(allow_none=True)
    volume_microlitres = fields.Integer(allow_none=True)


class StopAnswer(Answer):
    place = fields.List(fields.String(), metadata={"description": "Codes from the outside inwards."})
    pieces = fields.List(fields.Nested(PieceAnswer))


class PieceGoneAnswer(Answer):
    item = fields.String()
    because = fields.String()


class WalkAnswer(Answer):
    doors = fields.Integer()
    pieces = fields.Integer()
    stops = fields.List(fields.Nested(StopAnswer))
    gone = fields.List(fields.Nested(PieceGoneAnswer))


class PickedAnswer(Answer):
    item = fields.String()
    picked = fields.Boolean(metadata={"description": "False: it was taken off the list."})
    refusal = fields.String(allow_none=True)
    alerts = fields.List(fields.Nested(AlertAnswer))


class PieceNamedAnswer(Answer):
    item = fields.String()


class StayedAnswer(Answer):
    item = fields.String()
    because = fields.String()


class HandedOnAnswer(Answer):
    went = fields.List(fields.String())
    stayed = fields.List(fields.Nested(StayedAnswer))
    distribution = fields.Integer(allow_none=True)


class CheckedOutAnswer(Answer):
    item = fields.String()
    since = Moment()
    due_at = Moment()
    late = fields.Boolean()
    pick_list = fields.Integer(allow_none=True)
    goes_to = fields.String(allow_none=True)
    by = fields.String(allow_none=True)


class CheckOutsAnswer(Answer):
    out = fields.List(fields.Nested(CheckedOutAnswer))


class BackAnswer(Answer):
    item = fields.String()
    state = fields.String()
    thawed = fields.Boolean()
    alerts = fields.List(fields.Nested(AlertAnswer))
