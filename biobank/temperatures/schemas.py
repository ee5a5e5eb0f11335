"""Logger files in and out."""

from marshmallow import fields, validate

from biobank.temperatures.choices import MOST_AT_ONCE
from biobank.temperatures.inputs import Releasing
from biobank.temperatures.layouts import NAMED
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text


class LoggerFilesQuery(Paging):
    pass


class LoggerFileQuery(Query):
    parcel = Text(longest=64, required=True)
    zone = Text(longest=64, load_default="UTC", metadata={"description": "Where the file names none."})
    layout = fields.String(load_default=None, validate=validate.OneOf(sorted(NAMED)))
    confirmation = Text(longest=200, load_default=None)


class ExcursionAnswer(Answer):
    item = fields.String()
    side = fields.String()
    limit_celsius = fields.Integer()
    allowed_minutes = fields.Integer()
    minutes = fields.Integer()
    peak_hundredths = fields.Integer(metadata={"description": "Hundredths of a degree Celsius."})
    peak_at = Moment()
    released_at = Moment(allow_none=True)
    released_by = fields.String(allow_none=True)
    reason = fields.String(allow_none=True)


class LoggerFileAnswer(Answer):
    number = fields.Integer()
    parcel = fields.String()
    logger = fields.String(allow_none=True)
    layout = fields.String()
    sha256 = fields.String()
    count = fields.Integer(metadata={"description": "Readings."})
    first_at = Moment()
    last_at = Moment()
    lowest_hundredths = fields.Integer(metadata={"description": "Hundredths of a degree Celsius."})
    highest_hundredths = fields.Integer()
    mean_kinetic_hundredths = fields.Integer()
    beyond = fields.Integer(metadata={"description": "Tubes that were beyond a limit."})
    open = fields.Integer(metadata={"description": "Of these, not released."})


class ToldLoggerFileAnswer(LoggerFileAnswer):
    excursions = fields.List(fields.Nested(ExcursionAnswer))


class LoggerFilesAnswer(Answer):
    files = fields.List(fields.Nested(LoggerFileAnswer))
    next_cursor = fields.String(allow_none=True)


class ReleasingShape(Shape):
    into = Releasing

    items = fields.List(
        Text(longest=13),
        load_default=list,
        validate=validate.Length(0, MOST_AT_ONCE),
        metadata={"description": "Left out: all that are not released."},
    )
    reason = Text(longest=500, required=True)
