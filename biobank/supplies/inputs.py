"""What the programme's documents about mailed kits say, in codes: no address and no name gets this far."""

from dataclasses import dataclass, field
from datetime import date
from typing import Any

from biobank.core.moments import Told, to_text
from biobank.supplies.choices import Leg, Odd, Stage, Telling

Document = dict[str, Any]


@dataclass(frozen=True, slots=True)
class SupplyFlag:
    """Something odd that was kept, in a sentence with codes only."""

    code: Odd
    sentence: str

    @property
    def told(self) -> dict[str, str]:
        return {"code": self.code.value, "sentence": self.sentence}


@dataclass(frozen=True, slots=True, kw_only=True)
class SupplyTold:
    """What both documents say. Of participant number and code one is empty.

    `status` is the sender's word, `stage` what it means here, None for a word that nobody knows. `content` is
    the document as canonical JSON, to tell by a keyed hash whether it brings anything new; it is not stored.
    `removed` says that a text was left out, since it seemed to point at a person.
    """

    order: str
    programme_participant: str = field(repr=False)
    participant_code: str
    content: bytes = field(repr=False)
    status: str
    stage: Stage | None
    order_type: str | None = None
    removed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestTold(SupplyTold):
    """A SupplyRequest: what is to be mailed, and how far its supplier is."""

    fulfilment: str | None = None
    barcode: str | None = None
    product_code: str | None = None
    product_name: str | None = None
    supplier: str | None = None
    quantity: int = 1
    ordered_on: date | None = None

    telling = Telling.REQUEST
    leg = None
    tracking_number = None

    def as_document(self) -> Document:
        """What a version keeps of it."""
        return {
            "status": self.status,
            "order_type": self.order_type,
            "fulfilment": self.fulfilment,
            "barcode": self.barcode,
            "product_code": self.product_code,
            "product_name": self.product_name,
            "supplier": self.supplier,
            "quantity": self.quantity,
            "ordered_on": self.ordered_on.isoformat() if self.ordered_on else None,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class DeliveryTold(SupplyTold):
    """A SupplyDelivery: where a parcel of an order is; `out_number` is that of the parcel it answers."""

    leg: Leg
    tracking_number: str | None = None
    out_number: str | None = None
    carrier: str | None = None
    expected_on: date | None = None
    at: Told | None = None

    telling = Telling.DELIVERY

    def as_document(self) -> Document:
        """What a version keeps of it."""
        return {
            "status": self.status,
            "order_type": self.order_type,
            "tracking_number": self.tracking_number,
            "out_number": self.out_number,
            "carrier": self.carrier,
            "expected_on": self.expected_on.isoformat() if self.expected_on else None,
            "occurred_at": to_text(self.at.at) if self.at else None,
        }
