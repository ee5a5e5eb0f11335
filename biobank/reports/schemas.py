"""Reports in and out."""

from marshmallow import fields

from biobank.web.shapes import Answer, Query, Text


class ReportQuery(Query):
    first = fields.Date(load_default=None, metadata={"description": "First day, at each site's midnight."})
    last = fields.Date(load_default=None, metadata={"description": "Last day; at most 92 days in all."})
    site = Text(longest=64, load_default="", metadata={"description": "Else every site that you see."})


class ReportRow(Answer):
    label = fields.String(metadata={"description": "A day or a reason."})
    cells = fields.List(fields.Float(allow_none=True))


class ReportAnswer(Answer):
    report = fields.String()
    unit = fields.String()
    columns = fields.List(fields.String(), metadata={"description": "What each cell of a row counts."})
    rows = fields.List(fields.Nested(ReportRow))
