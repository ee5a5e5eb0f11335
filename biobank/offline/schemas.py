"""Queues in, and what is answered to each scan of one."""

import re
from typing import Any

from marshmallow import ValidationError, fields, post_load, validate

from biobank.access.checks import USERNAME
from biobank.custody.schemas import LONGEST_SCAN
from biobank.custody.states import Action
from biobank.offline.choices import WITHOUT_NETWORK
from biobank.offline.inputs import QueuedScan
from biobank.web.shapes import Details, Moment, Shape, Text

MOST_SCANS = 200
KEY = re.compile(r"[A-Za-z0-9_-]{16,64}\Z")
IS_KEY = validate.Regexp(KEY, error="A key has 16 to 64 letters, digits, - or _.")
SECONDS_OF_A_YEAR = 366 * 24 * 3600
CLOCKS = validate.Range(-50 * SECONDS_OF_A_YEAR, 50 * SECONDS_OF_A_YEAR)


class QueueShape(Shape):
    """The scans stay as they came: one that cannot be read must not keep the others waiting."""

    site = Text(longest=64, required=True)
    sent_at = Moment(required=True, metadata={"description": "By the station's clock."})
    scans = fields.List(fields.Raw(allow_none=True), required=True, validate=validate.Length(1, MOST_SCANS))


class QueuedScanShape(Shape):
    key = fields.String(required=True, validate=IS_KEY)
    counter = fields.Integer(strict=True, required=True, validate=validate.Range(1, 2**53))
    item = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))
    action = fields.Enum(Action, by_value=True, required=True)
    occurred_at = Moment(required=True, allow_none=True)
    clock_offset_seconds = fields.Integer(strict=True, load_default=None, allow_none=True, validate=CLOCKS)
    performed_by = fields.String(
        load_default=None,
        allow_none=True,
        validate=validate.Regexp(rf"{USERNAME.pattern}\Z", error="This is no user name."),
    )
    details = Details(load_default=dict)

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> QueuedScan:
        if data["action"] not in WITHOUT_NETWORK:
            raise ValidationError("This is not done without network.", "action")
        return QueuedScan(at=data.pop("occurred_at"), **data)
