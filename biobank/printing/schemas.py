"""What is asked of printing over HTTP, and what is answered."""

from marshmallow import fields, validate

from biobank.printing.choices import CopyReason
from biobank.web.shapes import Query

REASON = "Why an item that has its labels gets more."


class KitLabelsQuery(Query):
    reason = fields.String(
        load_default=None,
        validate=validate.OneOf([reason.value for reason in CopyReason]),
        metadata={"description": f"{REASON} With it there is always a new job."},
    )
