"""The programme's SupplyRequest and SupplyDelivery, read: what names or reaches a person is left unread.

Their shapes are those of its public `dv_order` documents. Addresses, the text for people and every key that
is not asked for here are dropped before anything is kept.
"""

import re
from dataclasses import dataclass, field
from datetime import date

from biobank.core.moments import Told
from biobank.core.personal_shapes import personal_shape
from biobank.exchange.json_document import Value, canonical, parse
from biobank.exchange.personal_text import REMOVED
from biobank.supplies.choices import (
    CALLED_OFF,
    FULFILMENT,
    FULFILMENT_ID,
    ORDER_ID,
    OUR_PARTICIPANT,
    PARTICIPANT_ID,
    PRODUCT_CODE,
    STAGES,
    SYSTEM,
    TRACKING,
    TRACKING_ID,
    Leg,
    Stage,
    as_word,
)
from biobank.supplies.inputs import DeliveryTold, RequestTold

DOCUMENT = "The document"
"""What a refusal calls what came without a file."""
ORDER_NUMBER = re.compile(r"[A-Za-z0-9.-]{1,40}")
PROGRAMME_NUMBER = re.compile(r"[A-Z][0-9]{1,19}")
OUR_CODE = re.compile(r"[A-Z][A-Z0-9-]{1,15}")
LONGEST, MOST = 80, 100
TELLING_DIGITS = 6
"""Fewer digits than this of a participant's number are as likely anything else."""


@dataclass
class Codes:
    """Keeps short codes and words, and leaves out what seems to point at a person."""

    participant: str
    removed: bool = field(default=False)

    def kept(self, value: Value | None) -> str | None:
        if value is None:
            return None
        text = value.text()
        if len(text) > LONGEST or not text.isprintable():
            value.refuse(f"this is no code: it has more than {LONGEST} characters or several lines")
        if personal_shape(text) or self.names_participant(text):
            self.removed = True
            return REMOVED
        return text

    def code(self, value: Value | None) -> str | None:
        """The same, with nothing where it was left out."""
        kept = self.kept(value)
        return None if kept == REMOVED else kept

    def names_participant(self, text: str) -> bool:
        digits = re.sub(r"\D", "", self.participant)
        return len(digits) >= TELLING_DIGITS and digits in text


def read_request(content: bytes) -> RequestTold:
    """Raises `FileRefused`."""
    document = _document(content, "SupplyRequest")
    patient = _contained(document, "Patient") or document.need("contained")
    programme, code = _participant(_identified(patient))
    codes = Codes(programme)
    device, supplier = _contained(document, "Device"), _contained(document, "Organization")
    status = _extension(document, "fulfillment-status") or document.need("status")
    word, stage = as_word(status.text()), _requested(document, status)
    return RequestTold(
        order=_order(codes, document, document.need("identifier").entries()),
        programme_participant=programme,
        participant_code=code,
        content=canonical(document),
        status=codes.kept(status) or word,
        stage=stage,
        order_type=codes.kept(_extension(document, "order-type")),
        fulfilment=codes.code(_of_system(_entries(document, "identifier"), FULFILMENT_ID)),
        barcode=codes.code(_extension(document, "barcode")),
        product_code=codes.kept(_of_system(_entries(device, "identifier"), PRODUCT_CODE)),
        product_name=codes.kept(_device_name(device)),
        supplier=codes.kept(supplier.get("name") if supplier else None),
        quantity=_quantity(document),
        ordered_on=_day(document.get("authoredOn")),
        removed=codes.removed,
    )


def read_delivery(content: bytes) -> DeliveryTold:
    """Raises `FileRefused`."""
    document = _document(content, "SupplyDelivery")
    programme, code = _participant([document.need("patient").need("identifier")])
    codes = Codes(programme)
    based_on = [each.need("identifier") for each in document.need("basedOn").entries()]
    out_number = codes.code(_of_system(_identifiers_in(document, "partOf"), TRACKING_ID))
    leg = Leg.BACK if out_number or _goes_to_work(document) else Leg.OUT
    status = _extension(document, "tracking-status") or document.need("status")
    there = TRACKING.get(as_word(status.text()))
    occurred = document.get("occurrenceDateTime")
    return DeliveryTold(
        order=_order(codes, document, based_on),
        programme_participant=programme,
        participant_code=code,
        content=canonical(document),
        status=codes.kept(status) or "",
        stage=STAGES[leg, there] if there is not None else None,
        order_type=codes.kept(_extension(document, "order-type")),
        leg=leg,
        tracking_number=codes.code(_of_system(_entries(document, "identifier"), TRACKING_ID)),
        out_number=out_number,
        carrier=codes.kept(_extension(document, "carrier")),
        expected_on=_day(_extension(document, "expected-delivery-date")),
        at=_moment(occurred),
        removed=codes.removed,
    )


def _document(content: bytes, kind: str) -> Value:
    document = parse(content, DOCUMENT)
    named = document.need("resourceType")
    if named.text() != kind:
        named.refuse(f"a {kind} is taken at this address; send other resources to theirs")
    return document


def _entries(value: Value | None, key: str) -> list[Value]:
    found = value.get(key) if value else None
    return found.entries() if found else []


def _contained(document: Value, kind: str) -> Value | None:
    found = (each for each in _entries(document, "contained") if _is(each.get("resourceType"), kind))
    return next(found, None)


def _is(value: Value | None, text: str) -> bool:
    return value is not None and value.content == text


def _identified(patient: Value) -> list[Value]:
    if isinstance(patient.content, list):
        patient.refuse("a Patient with an identifier is missing here; the sender must add it")
    return patient.need("identifier").entries()


def _participant(identifiers: list[Value]) -> tuple[str, str]:
    """By the programme's own number, or by our code; the other one is empty."""
    ours, theirs = _of_system(identifiers, OUR_PARTICIPANT), _of_system(identifiers, PARTICIPANT_ID)
    if ours is not None and OUR_CODE.fullmatch(ours.text()):
        return "", ours.text()
    if theirs is None or not PROGRAMME_NUMBER.fullmatch(theirs.text()):
        (ours or theirs or identifiers[0]).refuse(
            f"this names no participant of the programme; give the number with the system {PARTICIPANT_ID}"
        )
    return theirs.text(), ""


def _order(codes: Codes, document: Value, identifiers: list[Value]) -> str:
    named = _of_system(identifiers, ORDER_ID)
    if named is None:
        document.need("identifier" if document.get("identifier") else "basedOn").refuse(
            f"the number of the order is missing; add it with the system {ORDER_ID}"
        )
    number = named.text()
    if not ORDER_NUMBER.fullmatch(number) or personal_shape(number) or codes.names_participant(number):
        named.refuse("a number of an order has up to 40 letters, digits, dots and dashes, and names nobody")
    return number


def _of_system(identifiers: list[Value], system: str) -> Value | None:
    """The value that is told with this system."""
    found = (each for each in identifiers if _is(each.get("system"), system))
    first = next(found, None)
    return first.need("value") if first else None


def _identifiers_in(document: Value, key: str) -> list[Value]:
    return [named for each in _entries(document, key) if (named := each.get("identifier"))]


def _extension(document: Value, name: str) -> Value | None:
    for each in _entries(document, "extension"):
        if _is(each.get("url"), SYSTEM + name):
            return each.get("valueString") or each.get("valueDateTime")
    return None


def _requested(document: Value, status: Value) -> Stage | None:
    """What the supplier says, unless the request itself was called off."""
    called = document.get("status")
    if called is not None and as_word(called.text()) in CALLED_OFF:
        return Stage.CANCELLED
    return FULFILMENT.get(as_word(status.text()))


def _device_name(device: Value | None) -> Value | None:
    names = _entries(device, "deviceName")
    return names[0].get("name") if names else None


def _quantity(document: Value) -> int:
    told = document.get("quantity")
    value = told.get("value") if told else None
    if value is None:
        return 1
    if isinstance(value.content, bool) or value.content not in range(1, MOST + 1):
        value.refuse(f"a whole number from 1 to {MOST} is expected here")
    return int(str(value.content).removesuffix(".0"))


def _day(value: Value | None) -> date | None:
    """The calendar day that is written, with or without a time behind it."""
    if value is None:
        return None
    try:
        return date.fromisoformat(value.text()[:10])
    except ValueError:
        value.refuse("this is no date; write it like 2026-03-12")


def _moment(value: Value | None) -> Told | None:
    return value.moment() if value else None


def _goes_to_work(document: Value) -> bool:
    """By the use of an address the programme's files say that it is the lab's; nothing else of it is read."""
    place = _contained(document, "Location")
    address = place.get("address") if place else None
    return address is not None and _is(address.get("use"), "work")
