"""Custodians outside and what they attest, in and out."""

from marshmallow import fields, post_load, validate

from biobank.access.schemas import WhoSignsShape
from biobank.custodians.choices import CustodianKind, RefusedBecause, SignerRole, Wanted
from biobank.custodians.inputs import CustodianChange, Destroyed, Document, NewCustodian
from biobank.web.shapes import Answer, Moment, Paging, Query, Shape, Text

MOST_ITEMS = 500
LARGEST_FILE = 2_000_000
"""Characters of a custodian's file."""


class CustodiansQuery(Query):
    in_use = fields.Boolean(load_default=None, metadata={"description": "Left out: all."})


class CustodianShape(Shape):
    into = NewCustodian

    code = Text(longest=40, required=True, metadata={"description": "Such as LAB-1; never used again."})
    kind = fields.Enum(CustodianKind, by_value=True, required=True)
    organisation = Text(longest=120, required=True)
    agreement = Text(longest=80, required=True, metadata={"description": "Number of the agreement."})


class CustodianChangeShape(Shape):
    into = CustodianChange

    organisation = Text(longest=120, load_default=None)
    agreement = Text(longest=80, load_default=None)
    in_use = fields.Boolean(load_default=None)


class CustodianAnswer(Answer):
    code = fields.String()
    kind = fields.String()
    organisation = fields.String()
    agreement = fields.String()
    in_use = fields.Boolean()
    holds = fields.Integer(metadata={"description": "Specimens of your sites that it has."})


class CustodiansAnswer(Answer):
    custodians = fields.List(fields.Nested(CustodianAnswer))


class QuestionShape(Shape):
    items = fields.List(Text(longest=80), required=True, validate=validate.Length(1, MOST_ITEMS))
    wanted = fields.Enum(Wanted, by_value=True, required=True)


class AskedAnswer(Answer):
    custodian = fields.String()
    wanted = fields.String()
    asked_at = Moment()
    due_at = Moment()


class CustodiansAskedAnswer(Answer):
    asked = fields.List(fields.Nested(AskedAnswer))


class OutsideAnswer(Answer):
    item = fields.String(attribute="item.identifier")
    order = fields.String(attribute="order.identifier")
    custodian = fields.String()
    asked = fields.Nested(AskedAnswer, allow_none=True)
    attestation = fields.Integer(attribute="attestation.id", allow_none=True, dump_default=None)
    to_be_asked = fields.Boolean(attribute="is_to_be_asked")
    late = fields.Boolean(attribute="is_late")


class AllOutsideAnswer(Answer):
    outside = fields.List(fields.Nested(OutsideAnswer))


class DocumentShape(Shape):
    """What every word of a custodian has: the document, who signed it, how and when."""

    document = Text(longest=80, required=True, metadata={"description": "Number under which it is kept."})
    sha256 = fields.String(required=True, metadata={"description": "Of the document's bytes, hexadecimal."})
    signer_role = fields.Enum(SignerRole, by_value=True, required=True)
    destroyed_on = fields.Date(required=True)
    method = Text(longest=16, required=True)
    reference = Text(longest=64, required=True, metadata={"description": "Number of the run or manifest."})

    @post_load
    def _made(self, data: dict[str, object], **_: object) -> dict[str, object]:
        document = Document(
            number=str(data.pop("document")),
            sha256=str(data.pop("sha256")).lower(),
            signer_role=SignerRole(str(data.pop("signer_role"))),
        )
        destroyed = Destroyed(
            on=data.pop("destroyed_on"),  # type: ignore[arg-type]  # marshmallow gives a date
            method=str(data.pop("method")),
            reference=str(data.pop("reference")),
        )
        return {**data, "document": document, "destroyed": destroyed}


class AttestationShape(DocumentShape):
    custodian = Text(longest=40, required=True)
    items = fields.List(Text(longest=80), required=True, validate=validate.Length(1, MOST_ITEMS))


class ManifestShape(DocumentShape):
    batch = Text(longest=80, required=True, metadata={"description": "Code of the container."})


class ReportShape(Shape):
    custodian = Text(longest=40, required=True)
    number = Text(longest=80, required=True, metadata={"description": "Under which the file is kept."})
    content = fields.String(
        required=True,
        validate=validate.Length(1, LARGEST_FILE),
        metadata={"description": "CSV with the columns code, date, method, reference."},
    )


class AcceptanceShape(WhoSignsShape):
    sha256 = fields.String(
        required=True, validate=validate.Length(equal=64), metadata={"description": "Of the record as shown."}
    )
    document_sha256 = fields.String(
        load_default=None, metadata={"description": "Of the document in the signer's hand, to be compared."}
    )


class RefusalShape(Shape):
    because = fields.Enum(RefusedBecause, by_value=True, required=True)


class AttestationsQuery(Paging):
    waiting = fields.Boolean(load_default=None, metadata={"description": "Left out: all."})


class AttestationAnswer(Answer):
    number = fields.Integer()
    state = fields.String(metadata={"description": "`waiting`, `accepted` or `refused`."})
    because = fields.String(allow_none=True)
    received_at = Moment()
    record = fields.Raw(metadata={"description": "What compliance accepts."})
    sha256 = fields.String(metadata={"description": "Of the record, hexadecimal: sent with a signature."})


class AttestationsAnswer(Answer):
    attestations = fields.List(fields.Nested(AttestationAnswer))
    next_cursor = fields.String(allow_none=True)
