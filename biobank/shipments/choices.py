"""Carriers and their tracking numbers, presence and conditions of what arrives: plain rules."""

import re
from datetime import timedelta
from enum import StrEnum

from biobank.core.errors import Invalid
from biobank.items.scanned_text import announced, with_separators


class Carrier(StrEnum):
    FEDEX = "fedex"
    UPS = "ups"
    USPS = "usps"
    COURIER = "courier"


CARRIER_NAMES = {
    Carrier.FEDEX: "FedEx",
    Carrier.UPS: "UPS",
    Carrier.USPS: "USPS",
    Carrier.COURIER: "Courier",
}
"""As people write them."""

NUMBERS: dict[Carrier, tuple[re.Pattern[str], str]] = {
    Carrier.FEDEX: (re.compile(r"[0-9]{12,14}"), "12 to 14 digits"),
    Carrier.UPS: (re.compile(r"[0-9A-Z]{18}"), "18 letters and digits"),
    Carrier.USPS: (re.compile(r"[0-9]{20,22}"), "20 to 22 digits"),
    # Letters alone are a name, and a name is nobody's number.
    Carrier.COURIER: (re.compile(r"(?=.*[0-9])[0-9A-Z._/-]{1,40}"), "at most 40 letters and digits"),
}
"""What a tracking number of a carrier looks like, for the machine and for people."""

FEDEX_BARCODE = re.compile(r"[0-9]{34}")
USPS_BARCODE = re.compile(r"420(?:[0-9]{5}|[0-9]{9})([0-9]{20,22})")
"""Where it goes stands before the number: 420 and a ZIP code of 5 or 9 digits."""
_BETWEEN = re.compile(r"[\s()\[\]\x1d-]")


class TrackingNumberRefused(Invalid):
    """Not a number of this carrier."""

    title = "Wrong tracking number"


def read_tracking_number(carrier: Carrier, text: str | None) -> str | None:
    """The number as the carrier knows it; a courier may have none. Raises `TrackingNumberRefused`.

    Spaces, hyphens, the brackets of GS1 and what a scanner says of the symbol go. FedEx's barcode of 34
    digits ends in the number, padded to 14 digits with up to two zeros.
    """
    sent = with_separators(text or "").strip()
    number = _BETWEEN.sub("", sent.removeprefix(announced(sent)).upper())
    if not number and carrier is Carrier.COURIER:
        return None
    if carrier is Carrier.FEDEX and FEDEX_BARCODE.fullmatch(number):
        number = re.sub("^0{1,2}", "", number[-14:])
    if carrier is Carrier.USPS and (routed := USPS_BARCODE.fullmatch(number)):
        number = routed[1]
    name, (shape, words) = CARRIER_NAMES[carrier], NUMBERS[carrier]
    if not shape.fullmatch(number):
        raise TrackingNumberRefused(
            f"A {name} tracking number has {words}; scan the carrier's barcode again.",
            field="tracking_number",
        )
    return number


TRAVELLING_AT_MOST = timedelta(days=3)
"""Carriers that bring specimens promise two days at the most; one more for the weekend."""


class Presence(StrEnum):
    """Whether what the manifest names was in the parcel; `extra` was there and is not on it."""

    FOUND = "found"
    MISSING = "missing"
    EXTRA = "extra"


class Condition(StrEnum):
    """What may be wrong with a specimen that is there; several may be at once."""

    BROKEN = "broken"
    LEAKED = "leaked"
    LOW_VOLUME = "low_volume"
    HAEMOLYSED = "haemolysed"
    CLOTTED = "clotted"
    FAILED_GEL = "failed_gel"
    TOO_WARM = "too_warm"
    FROZEN = "frozen"
    MISLABELLED = "mislabelled"
    LABEL_UNREADABLE = "label_unreadable"
    EXPIRED = "expired"


OF_BLOOD = frozenset({Condition.HAEMOLYSED, Condition.CLOTTED})
OF_GEL = frozenset({Condition.FAILED_GEL})


def possible_conditions(*, specimen: str | None, additive: str | None) -> frozenset[Condition]:
    """What can be wrong with a specimen of this kind; where the kind is unknown, everything can."""
    possible = frozenset(Condition)
    if specimen is not None and specimen != "blood":
        possible -= OF_BLOOD
    if additive is not None and "gel" not in additive.lower():
        possible -= OF_GEL
    return possible
