"""Items, their histories and their proofs, as they go out."""

from marshmallow import fields, validate

from biobank.items.choices import ScanOutcome
from biobank.web.shapes import Answer, Moment, Paging, Shape

LONGEST_EXPLAINED = 10_000


class PlaceAnswer(Answer):
    identifier = fields.String()
    kind = fields.String()
    specification = fields.String(allow_none=True, metadata={"description": "Its name."})
    position = fields.String(allow_none=True, metadata={"description": "In the place around it."})


class AliasAnswer(Answer):
    issuer = fields.String()
    value = fields.String()


class ItemAnswer(Answer):
    identifier = fields.String()
    kind = fields.String()
    specification = fields.String(allow_none=True)
    state = fields.String()
    sequence = fields.Integer(metadata={"description": "Number of its newest event."})
    site = fields.String(allow_none=True)
    custodian = fields.String(allow_none=True, metadata={"description": "Who is accountable now."})
    sent_to = fields.String(allow_none=True)
    position = fields.String(allow_none=True)
    places = fields.List(
        fields.Nested(PlaceAnswer), metadata={"description": "What it lies in, innermost first; often none."}
    )
    place_unknown_since = Moment(allow_none=True)
    participant = fields.String(allow_none=True)
    kit = fields.String(allow_none=True)
    parents = fields.List(fields.String())
    children = fields.List(fields.String())
    draw_order = fields.Integer(allow_none=True)
    lot = fields.String(allow_none=True)
    expires_on = fields.Date(allow_none=True)
    volume_microlitres = fields.Integer(allow_none=True, metadata={"description": "null: unknown."})
    collected_at = Moment(allow_none=True)
    occurred_at = Moment(allow_none=True, metadata={"description": "Of its newest step, as told."})
    recorded_at = Moment()
    aliases = fields.List(
        fields.Nested(AliasAnswer), metadata={"description": "Other codes on it, such as its maker's."}
    )
    holds = fields.List(fields.String())
    allowed_actions = fields.List(
        fields.String(), metadata={"description": "Steps that the table offers whoever asks."}
    )


class EntryAnswer(Answer):
    sequence = fields.Integer()
    kind = fields.String()
    recorded_at = Moment()
    leaf_hash = fields.String(
        metadata={"description": "SHA-256 of a zero byte and the entry's bytes, base64."}
    )
    leaf_index = fields.Integer(allow_none=True, metadata={"description": "null until it is sealed."})
    event = fields.Raw(
        metadata={"description": "As the ledger holds it, but for codes of what went into a pool elsewhere."}
    )


class EventsAnswer(Answer):
    item = fields.String()
    events = fields.List(fields.Nested(EntryAnswer))


class ProofAnswer(Answer):
    sequence = fields.Integer()
    event = fields.Raw()
    body = fields.String(
        metadata={"description": "The entry's exact bytes, base64: what the leaf hash is of."}
    )
    leaf_index = fields.Integer()
    leaf_hash = fields.String()
    size = fields.Integer()
    root = fields.String()
    hashes = fields.List(fields.String(), metadata={"description": "RFC 9162 inclusion proof, base64."})
    checkpoint = fields.String(allow_none=True, metadata={"description": "The signed note that covers it."})


class ProofsAnswer(Answer):
    item = fields.String()
    proofs = fields.List(fields.Nested(ProofAnswer))
    unsealed = fields.List(
        fields.Integer(), metadata={"description": "Events that get their place in the tree within a second."}
    )
    withheld = fields.List(
        fields.Integer(),
        metadata={"description": "Events of a pool that name what is of other sites than yours."},
    )


class ScansQuery(Paging):
    text = fields.String(
        load_default=None,
        validate=validate.Length(1, 400),
        metadata={"description": "Scans of this code alone, however it was written."},
    )
    refused = fields.Boolean(load_default=False, metadata={"description": "Refused ones alone."})
    station = fields.String(load_default=None, metadata={"description": "Code of a station, SITE/NAME."})
    person = fields.String(load_default=None, metadata={"description": "User name."})


class ScanAnswer(Answer):
    id = fields.Integer()
    at = Moment()
    text_seen = fields.String(
        metadata={"description": "Control characters as their pictures; of what may be personal a note only."}
    )
    read_as = fields.String(allow_none=True)
    damage = fields.String(allow_none=True, metadata={"description": "What was undone to read it."})
    item = fields.String(allow_none=True, metadata={"description": "The item that bears it, if one does."})
    action = fields.String(allow_none=True)
    outcome = fields.String(validate=validate.OneOf([outcome.value for outcome in ScanOutcome]))
    refusal = fields.String(allow_none=True, metadata={"description": "The sentence that was answered."})
    person = fields.String()
    station = fields.String(allow_none=True)
    site = fields.String(allow_none=True)


class ScansAnswer(Answer):
    scans = fields.List(fields.Nested(ScanAnswer))
    next_cursor = fields.String(allow_none=True)


class ExplanationShape(Shape):
    text = fields.String(
        required=True,
        validate=validate.Length(max=LONGEST_EXPLAINED),
        metadata={"description": "As the scanner sent it, with whatever it adds."},
    )


class FindingAnswer(Answer):
    tone = fields.String(metadata={"description": "right, wrong, ask, late or plain."})
    word = fields.String()
    sentence = fields.String()


class ExplanationAnswer(Answer):
    seen = fields.String(metadata={"description": "Every character to be seen."})
    read_as = fields.String(allow_none=True)
    findings = fields.List(fields.Nested(FindingAnswer), metadata={"description": "Step by step."})
    item = fields.String(allow_none=True)
    url = fields.String(allow_none=True, metadata={"description": "The page that it leads to."})
    possible = fields.List(fields.String(), metadata={"description": "Steps that you may take now."})
