"""Cases in and out."""

from marshmallow import fields, validate

from biobank.custody.schemas import LONGEST_SCAN, OccurrenceShape
from biobank.custody.states import HoldKind
from biobank.discrepancies.checks import LONGEST_SENTENCE, MOST_AT_ONCE
from biobank.discrepancies.choices import CaseState, Resolution, SiteAnswer
from biobank.discrepancies.inputs import Answering, Asking, Separating
from biobank.web.shapes import Answer, Moment, Paging, Shape, Text

SITE = 64
PERSON = 40
STANDING = ("standing", "resolved", "all")


class CasesQuery(Paging):
    show = fields.String(load_default="standing", validate=validate.OneOf(STANDING))
    overdue = fields.Boolean(load_default=False, metadata={"description": "Only what is past its day."})
    state = fields.Enum(CaseState, by_value=True, load_default=None)
    kind = Text(longest=40, load_default="")
    site = Text(longest=SITE, load_default="", metadata={"description": "The site that is asked."})
    found_at = Text(longest=SITE, load_default="", metadata={"description": "The site that found it."})
    owner = Text(longest=PERSON, load_default=None, metadata={"description": "Empty: nobody's."})
    older_than_days = fields.Integer(strict=False, load_default=0, validate=validate.Range(0, 36500))
    parcel = Text(longest=LONGEST_SCAN, load_default="", metadata={"description": "On its list."})


class CaseAnswer(Answer):
    number = fields.Integer()
    kind = fields.String()
    sentence = fields.String()
    item = fields.String()
    state = fields.Enum(CaseState, by_value=True)
    site = fields.String(allow_none=True)
    found_at = fields.String(allow_none=True)
    owner = fields.String(allow_none=True)
    due_at = Moment(allow_none=True)
    opened_at = Moment()
    opened_by = fields.String()
    asked_at = Moment(allow_none=True)
    answer = fields.String(allow_none=True)
    answer_sentence = fields.String(allow_none=True)
    answered_at = Moment(allow_none=True)
    answered_by = fields.String(allow_none=True)
    resolved_as = fields.String(allow_none=True)
    resolution = fields.String(allow_none=True)
    resolved_at = Moment(allow_none=True)
    resolved_by = fields.String(allow_none=True)


class CasesAnswer(Answer):
    cases = fields.List(fields.Nested(CaseAnswer))
    next_cursor = fields.String(allow_none=True)


class ManyAnswer(Answer):
    cases = fields.List(fields.Nested(CaseAnswer))


class OwnerShape(Shape):
    owner = Text(
        longest=PERSON, required=True, allow_none=True, metadata={"description": "A user name; null: nobody."}
    )


class ManyShape(Shape):
    cases = fields.List(fields.Integer(strict=True), required=True, validate=validate.Length(1, MOST_AT_ONCE))


class OwnerOfManyShape(OwnerShape, ManyShape):
    pass


class AskingShape(Shape):
    into = Asking

    site = Text(
        longest=SITE, load_default=None, metadata={"description": "Else the one that the case names."}
    )
    sentence = Text(longest=LONGEST_SENTENCE, load_default="")


class AnsweringShape(Shape):
    into = Answering

    answer = fields.Enum(SiteAnswer, by_value=True, required=True)
    sentence = Text(longest=LONGEST_SENTENCE, load_default="")


class ResolvingShape(OccurrenceShape):
    """The end, and when the step that it calls for was done."""

    resolution = fields.Enum(Resolution, by_value=True, required=True)
    sentence = Text(longest=LONGEST_SENTENCE, required=True)
    hold = fields.Enum(
        HoldKind, by_value=True, load_default=None, metadata={"description": "Which one a release lifts."}
    )


class ResolvingManyShape(ResolvingShape, ManyShape):
    pass


class ReopeningShape(Shape):
    sentence = Text(longest=LONGEST_SENTENCE, required=True)


class SameCodeShape(OccurrenceShape):
    item = fields.String(required=True, validate=validate.Length(1, LONGEST_SCAN))


class SameCodeAnswer(Answer):
    case = fields.Nested(CaseAnswer)
    item = fields.String()
    other = fields.String(metadata={"description": "The second one's own code from now on."})


class SeparatingShape(Shape):
    into = Separating

    outcome = fields.Enum(Resolution, by_value=True, required=True)
    sentence = Text(longest=LONGEST_SENTENCE, required=True)
    other = Text(longest=LONGEST_SCAN, load_default=None, metadata={"description": "The second one's code."})


class SeparationAnswer(Answer):
    number = fields.Integer()
    outcome = fields.String()
    sentence = fields.String()
    item = fields.String()
    other = fields.String(allow_none=True)
    proposed_by = fields.String()
    sha256 = fields.String(metadata={"description": "What the second person signs."})
