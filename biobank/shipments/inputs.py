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


@dataclass(frozen=True, kw_only=True)
class UnannouncedParcel:
    """What can be told at the dock of a parcel that came without label or manifest; sites by code."""

    destination: str
    origin: str | None = None
    carrier: Carrier | None = None
    tracking_number: str | None = None
    seal: str | None = None
    logger: str | None = None


@dataclass(frozen=True, kw_only=True)
class FoundTube:
    """A tube without any record: what kind it seems to be, and the code on it with whose code that is."""

    specification: str | None = None
    issuer: str = ""
    code: str = ""


@dataclass(frozen=True, kw_only=True)
class Counted:
    """How many pieces lie in a parcel, and the number on its unbroken seal."""

    pieces: int
    seal: str
