"""What operations on parcels take."""

from dataclasses import dataclass

from biobank.shipments.choices import Carrier, Condition, Presence


@dataclass(frozen=True, kw_only=True)
class NewShipment:
    """A parcel to be packed; sites by code. What is not known yet is told when it is dispatched."""

    origin: str
    destination: str
    carrier: Carrier | None = None
    tracking_number: str | None = None
    seal: str | None = None
    logger: str | None = None
    dry_ice_grams: int | None = None


@dataclass(frozen=True, kw_only=True)
class ReceiptLine:
    """One specimen as it was found, or not. `item` is its printed identifier or an alias."""

    item: str
    presence: Presence = Presence.FOUND
    conditions: tuple[Condition, ...] = ()
    place: str | None = None
    position: str | None = None
