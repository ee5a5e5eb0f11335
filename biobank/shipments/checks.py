"""What must hold before something is packed, sent or received."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.custody.checks import called
from biobank.custody.queries import is_or_holds
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.custody.transitions import TRANSITIONS
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.queries import specification_of_tube
from biobank.shipments.choices import Carrier, Condition, possible_conditions, read_tracking_number
from biobank.shipments.models import Shipment
from biobank.shipments.nesting import goes_in, shipment_about, specimens_within
from biobank.shipments.queries import hurdles, line_of, used_before
from biobank.storage.queries import lock_unit

LONGEST_TEXT = 40
MOST_DRY_ICE = 1_000_000
DRY_ICE_OF_A_PACKAGE = 200_000
"""Grams: the most of one package by air (IATA packing instruction 954)."""

TAKEN_BACK = "conditions_taken_back"
"""Detail of a correction: what was told of a specimen and is not so."""


class NotAParcel(Invalid):
    """Things are packed into parcels, and nothing else is sent."""

    title = "Not a parcel"


class ParcelHasLeft(Conflict):
    """Something is scanned into a parcel that is closed, by who receives nothing."""

    title = "This parcel has left"


class ShippingRefused(Invalid):
    """What was told of carrier, seal, logger or ice cannot be so."""

    title = "Shipping details"


class ConditionRefused(Invalid):
    """A condition that is not in the list, or that this kind of specimen cannot have."""

    title = "Condition"


@dataclass(frozen=True)
class Shipping:
    """By whom and how a parcel goes."""

    carrier: Carrier | None
    tracking_number: str | None
    seal: str | None
    logger: str | None
    dry_ice_grams: int | None


def shipping_told(told: Mapping[str, Any], shipment: Shipment | None = None) -> Shipping:
    """What was told now, else what was told when the parcel was started.

    Raises `ShippingRefused`, `TrackingNumberRefused`.
    """
    known = {name: told.get(name) or getattr(shipment, name, None) for name in Shipping.__annotations__}
    carrier = _carrier(known["carrier"])
    number = known["tracking_number"]
    if number and carrier is None:
        raise ShippingRefused("Say which carrier this tracking number is of.", field="carrier")
    return Shipping(
        carrier,
        read_tracking_number(carrier, number) if carrier else None,
        _text(known["seal"], "seal"),
        _text(known["logger"], "logger"),
        _grams(known["dry_ice_grams"]),
    )


def place_is_a_parcel(_: Work, attempt: Attempt) -> None:
    if attempt.place is not None and attempt.place.kind is not Kind.PARCEL:
        raise NotAParcel(
            f"{printed(attempt.place.identifier)} is a {attempt.place.kind.replace('_', ' ')}; "
            "scan the parcel's label.",
            field="place",
        )
    if attempt.position is not None:
        raise NotAParcel("A parcel has no positions; leave the position out.", field="position")


def parcel_is_not_in_itself(work: Work, attempt: Attempt) -> None:
    """Raises `NotAParcel`."""
    if attempt.item.kind is not Kind.PARCEL or attempt.place is None:
        return
    if is_or_holds(work, attempt.item, attempt.place):
        raise NotAParcel(
            f"{printed(attempt.item.identifier)} cannot lie in itself or in what lies in it; "
            "scan another parcel.",
            field="place",
        )


def who_scans_receives(by: Actor, parcel: ItemNow) -> None:
    """Raises `ParcelHasLeft` for the sender, who means to pack what lies beside it."""
    if not by.roles & TRANSITIONS[Kind.TUBE, Action.RECEIVE].roles:
        raise ParcelHasLeft(
            f"Parcel {printed(parcel.identifier)} is {parcel.state.replace('_', ' ')}, so nothing more goes "
            "into it; start another parcel and scan the tube into that one.",
            item=parcel.identifier,
        )


def parcel_is_being_packed(_: Work, attempt: Attempt) -> list[Flag]:
    if attempt.place is None or attempt.place.state is State.PACKING:
        return []
    return attempt.ask_back(
        "parcel_closed",
        f"Parcel {printed(attempt.place.identifier)} is {attempt.place.state.replace('_', ' ')} already.",
    )


def was_sent(work: Work, attempt: Attempt) -> list[Flag]:
    """A parcel that arrives although nobody dispatched it, or begun at the dock for want of a manifest."""
    shipment = work.session.get(Shipment, attempt.item.id) if attempt.item.kind is Kind.PARCEL else None
    if shipment is None or attempt.item.state is not State.PACKING:
        return []
    parcel = printed(attempt.item.identifier)
    if shipment.unannounced:
        return attempt.ask_back("no_manifest", f"{parcel} came without a manifest.")
    return attempt.ask_back("not_dispatched", f"{parcel} arrived, and nobody said that it was sent.")


def shipping_is_told(work: Work, attempt: Attempt) -> list[Flag]:
    """A parcel goes by a carrier with a number of that carrier; a number used again is only a warning.

    An inner parcel goes as the outer one does.
    """
    shipment = work.session.get(Shipment, attempt.item.id)
    if shipment is None or goes_in(work, attempt):
        return []
    shipping = shipping_told(attempt.details, shipment)
    if shipping.carrier is None:
        raise ShippingRefused(f"Say who carries the parcel: {', '.join(sorted(Carrier))}.", field="carrier")
    number = shipping.tracking_number
    other = used_before(work, shipment, number) if number else None
    if other is None:
        return []
    parcel = called(attempt.by, other)
    sentence = f"The tracking number {number} is also that of {parcel}; the parcels' codes decide."
    return [Flag("tracking_number_used", sentence, is_doubt=False)]


def carrier_comes_in_time(work: Work, attempt: Attempt) -> list[Flag]:
    """After the cut-off, or towards a closed door: asked back once and kept, and a question to nobody."""
    shipment = work.session.get(Shipment, attempt.item.id)
    carrier = shipping_told(attempt.details, shipment).carrier if shipment else None
    if shipment is None or carrier is None or attempt.at is None:
        return []
    sentences = hurdles(work, shipment, carrier, attempt.at.at)
    if not sentences:
        return []
    return [_warning(flag) for flag in attempt.ask_back("outside_the_calendar", " ".join(sentences))]


def is_packed_by_the_rules(work: Work, attempt: Attempt) -> list[Flag]:
    """UN 3373 by IATA packing instruction 650, where somebody was asked; dry ice by 954."""
    shipment = work.session.get(Shipment, attempt.item.id)
    if shipment is None:
        return []
    flags: list[Flag] = []
    if attempt.details.get("un3373") is False:
        parcel = printed(attempt.item.identifier)
        sentence = f"It is not stated that {parcel} is packed and marked as UN 3373."
        flags += attempt.ask_back("un3373_not_stated", sentence)
    grams = shipping_told(attempt.details, shipment).dry_ice_grams
    if grams is not None and grams > DRY_ICE_OF_A_PACKAGE:
        sentence = f"{grams / 1000:g} kg of dry ice are more than the 200 kg of one package by air."
        flags += map(_warning, attempt.ask_back("much_dry_ice", sentence))
    return flags


def _warning(flag: Flag) -> Flag:
    return replace(flag, is_doubt=False)


def parcel_holds_something(work: Work, attempt: Attempt) -> list[Flag]:
    """Asked back; from now on nothing more is packed into it."""
    lock_unit(work, attempt.item)
    shipment = work.session.get(Shipment, attempt.item.id)
    if shipment is None or specimens_within(work, shipment):
        return []
    sentence = f"{printed(attempt.item.identifier)} is empty: nothing is packed into it."
    return attempt.ask_back("empty_parcel", sentence)


def is_on_the_manifest(work: Work, attempt: Attempt) -> list[Flag]:
    """What was found in a parcel and is not on its manifest is received, with a question to the sender.

    Of a parcel without a manifest that is asked once, for the parcel.
    """
    shipment = shipment_about(work, attempt)
    if shipment is None or not shipment.manifest_frozen or line_of(work, shipment, attempt.item.id):
        return []
    sentence = f"{printed(attempt.item.identifier)} was in the parcel and is not on its manifest."
    return [Flag("not_on_manifest", sentence, is_doubt=not shipment.unannounced)]


def conditions_are_possible(work: Work, attempt: Attempt) -> None:
    """Raises `ConditionRefused` for what this kind of specimen cannot have."""
    told = conditions_told(attempt.details)
    conditions_told(attempt.details, TAKEN_BACK)
    if not told:
        return
    possible = conditions_of(work, attempt.item)
    impossible = [condition for condition in told if condition not in possible]
    if impossible:
        raise ConditionRefused(
            f"{printed(attempt.item.identifier)} ({attempt.item.specification}) cannot be "
            f"{_words(impossible)}; it can be {_words(sorted(possible))}.",
            field="conditions",
        )


def conditions_told(details: Mapping[str, Any], name: str = "conditions") -> list[Condition]:
    """Raises `ConditionRefused` for a word that is no condition."""
    told = details.get(name) or []
    known = list(Condition)
    if not isinstance(told, list | tuple) or any(word not in known for word in told):
        raise ConditionRefused(f"Conditions are a list of these: {_words(sorted(known))}.", field=name)
    return [Condition(word) for word in dict.fromkeys(told)]


def conditions_of(work: Work, item: ItemNow | Item) -> frozenset[Condition]:
    """What can be wrong with this specimen."""
    specification = specification_of_tube(work, item) if item.kind == Kind.TUBE else None
    if specification is None:
        return possible_conditions(specimen=None, additive=None)
    return possible_conditions(specimen=specification.specimen, additive=specification.additive)


def _words(conditions: list[Condition]) -> str:
    return ", ".join(condition.replace("_", " ") for condition in conditions)


def _carrier(told: Any) -> Carrier | None:
    if not told:
        return None
    if told not in list(Carrier):
        raise ShippingRefused(
            f"{str(told)[:LONGEST_TEXT]!r} is no carrier; use {', '.join(sorted(Carrier))}.", field="carrier"
        )
    return Carrier(told)


def _text(told: Any, name: str) -> str | None:
    if told is None:
        return None
    if not isinstance(told, str) or len(told.strip()) > LONGEST_TEXT:
        raise ShippingRefused(f"The {name} is a text of at most {LONGEST_TEXT} characters.", field=name)
    return told.strip() or None


def _grams(told: Any) -> int | None:
    if told is None:
        return None
    if type(told) is not int or not 0 < told <= MOST_DRY_ICE:
        raise ShippingRefused("Dry ice is told in whole grams.", field="dry_ice_grams")
    return told
