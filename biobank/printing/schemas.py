"""What is asked of printing over HTTP, and what is answered."""

from typing import Any

from marshmallow import fields, post_load, validate

from biobank.custody.schemas import LONGEST_SCAN
from biobank.kits.choices import VoidReason
from biobank.printing.choices import CopyReason, Medium, SeenAtPrinter
from biobank.printing.copies import LONGEST_REMARK
from biobank.printing.inputs import MOST_COPIES, NewPrint
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text

MOST_ITEMS = 500
MOST_KITS = 50
"""Each label is read back while the job is made: about five milliseconds, and others wait."""
REASON = "Why an item that has its labels gets more."


def _reason(**named: Any) -> fields.Enum[CopyReason]:
    return fields.Enum(CopyReason, by_value=True, metadata={"description": REASON}, **named)


def _remark() -> Text:
    return Text(longest=LONGEST_REMARK, load_default="", metadata={"description": "Nothing about a person."})


def _codes(most: int) -> fields.List[str]:
    code = fields.String(validate=validate.Length(0, LONGEST_SCAN))
    return fields.List(code, load_default=list, validate=validate.Length(max=most))


class PrintShape(Shape):
    """Items or whole kits, and where and how; what is left out the rules say."""

    items = _codes(MOST_ITEMS)
    kits = _codes(MOST_KITS)
    printer = Text(longest=40, load_default=None, metadata={"description": "A name of GET /printers."})
    medium = fields.Enum(Medium, by_value=True, load_default=None)
    template = Text(longest=20, load_default=None)
    stock = Text(
        longest=40, load_default=None, metadata={"description": "In an office printer's tray, by its name."}
    )
    start = fields.Integer(strict=True, load_default=1, metadata={"description": "First label of the sheet."})
    copies = fields.Integer(strict=True, load_default=1, validate=validate.Range(1, MOST_COPIES))
    reason = _reason(load_default=None)
    remark = _remark()

    @post_load
    def _made(self, data: dict[str, Any], **_: object) -> Any:
        send = data.pop("send", False)
        asked = NewPrint(**{**data, "items": tuple(data["items"]), "kits": tuple(data["kits"])})
        return {"asked": asked, "send": send}


class NewJobShape(PrintShape):
    send = fields.Boolean(load_default=False, metadata={"description": "To a network printer, at once."})


class KitLabelsQuery(Query):
    reason = _reason(load_default=None)


class JobsQuery(Paging):
    item = fields.String(
        load_default=None,
        validate=validate.Length(1, LONGEST_SCAN),
        metadata={"description": "Jobs with a label of this item."},
    )


class ReprintShape(Shape):
    reason = _reason(required=True)
    remark = _remark()
    send = fields.Boolean(load_default=False)


class SendShape(Shape):
    """Nothing has to be said: the job knows its printer."""


class VoidShape(Shape):
    reason = fields.Enum(VoidReason, by_value=True, required=True)
    remark = _remark()


class SettlementShape(Shape):
    outcome = fields.Enum(SeenAtPrinter, by_value=True, required=True)
    remark = _remark()


class ChoiceShape(Shape):
    printer = Text(longest=40, allow_none=True, required=True)


class PrinterAnswer(Answer):
    name = fields.String()
    title = fields.String()
    kind = fields.String()
    medium = fields.String()
    stock = fields.String(attribute="stock.name")
    dpi = fields.Integer()
    site = fields.String(allow_none=True)


class RuleAnswer(Answer):
    site = fields.String(allow_none=True)
    kind = fields.String(allow_none=True)
    specification = fields.String(allow_none=True)
    template = fields.String(allow_none=True)
    printer = fields.String(allow_none=True)


class PrintersAnswer(Answer):
    printers = fields.List(fields.Nested(PrinterAnswer))
    own = fields.String(allow_none=True, metadata={"description": "The one that you chose."})
    rules = fields.List(fields.Nested(RuleAnswer))


class PrintedLabelAnswer(Answer):
    item = fields.String()
    template = fields.String()
    template_version = fields.Integer()
    lines = fields.List(fields.String(), allow_none=True)
    copy = fields.Integer(metadata={"description": "Counted over all jobs of the item."})
    reason = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)


class JobEventAnswer(Answer):
    state = fields.String()
    at = Moment()
    by = fields.String()
    station = fields.String(allow_none=True)
    remark = fields.String(allow_none=True)


class DocumentAnswer(Answer):
    name = fields.String()
    sha256 = fields.String()
    href = fields.String()


class JobLineAnswer(Answer):
    """A job in a list."""

    id = fields.Integer()
    state = fields.String()
    medium = fields.String()
    printer = fields.String(allow_none=True)
    stock = fields.String(allow_none=True)
    dpi = fields.Integer()
    start = fields.Integer()
    count = fields.Integer(metadata={"description": "Labels."})
    printed_at = Moment()
    printed_by = fields.String()
    station = fields.String(allow_none=True)
    site = fields.String(allow_none=True)
    reprint_of = fields.Integer(allow_none=True)


class JobAnswer(JobLineAnswer):
    labels = fields.List(fields.Nested(PrintedLabelAnswer))
    documents = fields.List(fields.Nested(DocumentAnswer), metadata={"description": "Proved before stored."})
    events = fields.List(fields.Nested(JobEventAnswer), metadata={"description": "Oldest first."})


class JobsAnswer(Answer):
    jobs = fields.List(fields.Nested(JobLineAnswer))
    next_cursor = fields.String(allow_none=True)


class PreviewAnswer(Answer):
    item = fields.String()
    template = fields.String()
    svg = fields.String()


class PreviewsAnswer(Answer):
    printer = fields.String(allow_none=True)
    stock = fields.String(allow_none=True)
    count = fields.Integer()
    labels = fields.List(fields.Nested(PreviewAnswer))


class VoidedAnswer(Answer):
    voided = fields.List(fields.String())
