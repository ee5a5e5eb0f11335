"""Scans in, and what came of them out."""

from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from biobank.access.actors import Actor
from biobank.access.checks import USERNAME
from biobank.core.moments import NotAMoment, read_moment, told
from biobank.custody.inputs import Scan
from biobank.custody.states import Action
from biobank.custody.steps import Recorded, Source
from biobank.web.shapes import Answer, Details, Moment, Shape, Text, refuse_unfit

MOST_SCANS = 1000
LONGEST_SCAN = 400
LONGEST_POSITION = 24
KNOWN_SOURCES = ("scan", "keyed", "paper", "offline")
"""What somebody at a bench or a station can say; files and commands have their own door."""


class SourceShape(Shape):
    into = Source

    kind = fields.String(required=True, validate=validate.OneOf(KNOWN_SOURCES))
    reference = Text(longest=120, load_default="", metadata={"description": "Form number, counter."})


class OccurrenceShape(Shape):
    """When something was done and how we know; becomes `at` and `source`."""

    occurred_at = Moment(
        required=True,
        allow_none=True,
        metadata={"description": "When it was done, with its offset; null says that nobody knows."},
    )
    zone = Text(longest=64, metadata={"description": "Where that time was told: America/Chicago."})
    source = fields.Nested(SourceShape, load_default=lambda: Source("scan"))

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> Any:
        at, zone = data.pop("occurred_at"), data.pop("zone", None)
        if at is not None and zone is not None:
            try:
                at = told(at.at, zone)
            except NotAMoment as refusal:
                raise ValidationError(refusal.detail, "zone") from refusal
        data["at"] = at
        return data if self.into is None else self.into(**data)


class ScanShape(OccurrenceShape):
    """One step of one item, told by who did it or saw it.

    A plain scan is read by hand, at a tenth of the cost; whatever is unusual goes through the fields, which
    have the messages.
    """

    into = Scan

    def load(self, data: Any, **named: Any) -> Any:
        return plain_scan(data) or super().load(data, **named)

    item = fields.String(
        required=True,
        validate=validate.Length(1, LONGEST_SCAN),
        metadata={"description": "What was scanned or keyed: the printed identifier or an alias."},
    )
    action = fields.Enum(Action, by_value=True, required=True)
    performed_by = fields.String(
        load_default=None,
        validate=validate.Regexp(rf"{USERNAME.pattern}\Z", error="This is no user name."),
        metadata={"description": "User name of who did it; the holder of the token when left out."},
    )
    place = fields.String(
        load_default=None,
        validate=validate.Length(1, LONGEST_SCAN),
        metadata={"description": "The box, parcel, unit or waste batch: identifier or alias."},
    )
    position = Text(longest=LONGEST_POSITION, load_default=None, metadata={"description": "For example A1."})
    details = Details(load_default=dict, metadata={"description": "What the step needs besides."})
    confirmation = Text(load_default=None, metadata={"description": "Why a surprising fact is true."})
    corrects = fields.Integer(
        strict=True,
        load_default=None,
        metadata={"description": "Number of the event that this corrects."},
    )


class BatchShape(Shape):
    """The scans stay as they came: each is looked at by itself, and has its own result."""

    each_by_itself = True

    scans = fields.List(fields.Raw(allow_none=True), required=True, validate=validate.Length(1, MOST_SCANS))


ACTIONS = {action.value: action for action in Action}
LONGEST_PLAIN = {
    "item": LONGEST_SCAN,
    "action": 40,
    "occurred_at": 64,
    "place": LONGEST_SCAN,
    "position": LONGEST_POSITION,
}
PLAIN = LONGEST_PLAIN.keys() | {"details"}
NEEDED = {"item", "action", "occurred_at"}


def plain_scan(data: Any) -> Scan | None:
    """The scan, when nothing about it is unusual; else None: ask the fields."""
    if type(data) is not dict or not NEEDED <= data.keys() <= PLAIN:
        return None
    details = data.get("details", {})
    for name, text in data.items():
        if name != "details" and not _is_plain(text, LONGEST_PLAIN[name]):
            return None
    try:
        refuse_unfit(details)
        action, at = ACTIONS[data["action"]], read_moment(data["occurred_at"])
    except (KeyError, ValidationError, NotAMoment):
        return None
    place, position = data.get("place"), data.get("position")
    return Scan(item=data["item"], action=action, at=at, place=place, position=position, details=details)


def _is_plain(text: Any, longest: int) -> bool:
    return type(text) is str and 0 < len(text) <= longest and text.isprintable()


class AlertAnswer(Answer):
    kind = fields.String()
    text = fields.String(metadata={"description": "One sentence for the person at the bench."})


class ScannedItem(Answer):
    identifier = fields.String()
    kind = fields.String()
    specification = fields.String(allow_none=True)
    state = fields.String()
    sequence = fields.Integer(metadata={"description": "Number of its newest event."})
    site = fields.String(allow_none=True)
    custodian = fields.String(allow_none=True)
    sent_to = fields.String(allow_none=True)
    position = fields.String(allow_none=True)
    participant = fields.String(allow_none=True)
    volume_microlitres = fields.Integer(allow_none=True)


class RecordedAnswer(Answer):
    event = fields.Raw(metadata={"description": "The event exactly as the ledger holds it."})
    item = fields.Nested(ScannedItem)
    alerts = fields.List(fields.Nested(AlertAnswer))


ITEM_FIELDS = tuple(ScannedItem().fields)


def recorded_answer(done: Recorded, by: Actor) -> dict[str, Any]:
    """`RecordedAnswer` by hand, for orjson: words of a vocabulary are texts.

    A fact is taken from any site; whose the item is stays with its own.
    """
    item = {name: getattr(done.item, name) for name in ITEM_FIELDS}
    sites = done.item.sites()
    if sites and not any(by.works_at(site) for site in sites):
        item["participant"] = None
    return {
        "event": done.event,
        "item": item,
        "alerts": [{"kind": alert.kind, "text": alert.text} for alert in done.alerts],
    }


class ResultAnswer(RecordedAnswer):
    status = fields.Integer(metadata={"description": "What the scan alone would have been answered with."})
    title = fields.String()
    detail = fields.String()
    error = fields.String()


class BatchAnswer(Answer):
    recorded = fields.Integer()
    refused = fields.Integer()
    results = fields.List(fields.Nested(ResultAnswer), metadata={"description": "In the order sent."})
