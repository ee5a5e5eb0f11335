"""What must hold before something is taken out of a parcel, told of it, taken back, or counted."""

from collections.abc import Mapping, Sequence
from typing import Any

from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.custody.queries import NothingToUndo
from biobank.custody.states import ENDS, SPECIMENS, Action, Kind, State
from biobank.custody.steps import Attempt, ItemNow
from biobank.items.identifiers import printed
from biobank.ledger.queries import entry_of
from biobank.shipments.choices import Presence
from biobank.shipments.inputs import Counted
from biobank.shipments.models import ManifestLine, Shipment
from biobank.shipments.queries import Line, items_unseen, line_of, manifest, shipment_named

FOUND = frozenset({Presence.FOUND.value, Presence.EXTRA.value})
BY_A_WRONG_SCAN = frozenset({Action.ARRIVE.value, Action.OPEN.value})
"""Steps of a parcel that can be taken back: they moved nothing but the parcel itself."""
NOT_IN_HAND = ENDS | {State.IN_TRANSIT, State.SENT_OUT}


class NotOfAReceipt(Invalid):
    """What was scanned is neither a specimen nor a parcel."""

    title = "Not a tube"


class NotFoundHere(Conflict):
    """Something is said of a specimen that was not found in this parcel."""

    title = "Not found in this parcel"


class FoundTubeRefused(Invalid):
    """What was told of a tube without a record cannot be so."""

    title = "Found tube"


class CountDoesNotFit(Conflict):
    """A count stands for scans only where it fits the list and the seal is the one that was told."""

    title = "Scan each tube"


def can_be_found(parcel: ItemNow, item: ItemNow) -> None:
    """Raises `NotOfAReceipt`."""
    if item.id == parcel.id:
        raise NotOfAReceipt("This is the label of this parcel itself; scan what lies in it.", field="text")
    if item.kind is Kind.KIT:
        raise NotOfAReceipt(
            f"{printed(item.identifier)} is the label of a kit; scan its tubes one by one.", field="text"
        )
    if item.kind not in SPECIMENS and item.kind is not Kind.PARCEL:
        raise NotOfAReceipt(
            f"{printed(item.identifier)} is a {item.kind.replace('_', ' ')}; scan a tube, or a parcel that "
            "lies in this one.",
            field="text",
        )


def is_found(work: Work, parcel: ItemNow, item: ItemNow) -> bool:
    """Whether it was ticked off in this parcel, and is in hand since. Raises `NoParcel`."""
    line = line_of(work, shipment_named(work, parcel.identifier), item.id)
    return line is not None and line.presence in FOUND and item.state not in NOT_IN_HAND


def found_line(work: Work, parcel: ItemNow, item: ItemNow) -> ManifestLine:
    """Raises `NoParcel`, `NotFoundHere`."""
    line = line_of(work, shipment_named(work, parcel.identifier), item.id)
    if line is None or line.presence not in FOUND:
        raise NotFoundHere(
            f"{printed(item.identifier)} was not found in {printed(parcel.identifier)} so far; "
            "scan it first.",
            item=item.identifier,
        )
    return line


def was_scanned(item: ItemNow, event: Mapping[str, Any] | None) -> int:
    """The number of its receipt. Raises `NotFoundHere` for what was registered here, which has none."""
    if event is None:
        raise NotFoundHere(
            f"{printed(item.identifier)} was registered here and never scanned as received; "
            "ask a biobank lead.",
            item=item.identifier,
        )
    return int(event["sequence"])


def is_still_the_newest(event: Mapping[str, Any], parcel: ItemNow, step: Action) -> int:
    """Its number. Raises `NothingToUndo` where the parcel has gone on, or back, since the page was shown."""
    if parcel.state is State.RECEIVED:
        raise NothingToUndo(
            f"The receipt of {printed(parcel.identifier)} is closed, so that its arrival cannot be taken "
            "back; what was wrong with it is told in its cases.",
            item=parcel.identifier,
        )
    if event["action"] != step.value:
        raise NothingToUndo(
            f"Something else was recorded of {printed(parcel.identifier)} since; look at the parcel again.",
            item=parcel.identifier,
        )
    return int(event["sequence"])


def parcel_is_as_it_came(work: Work, attempt: Attempt) -> None:
    """That it is here, or open, is taken back as long as nothing came out of it. Raises `NothingToUndo`."""
    parcel = attempt.item
    if parcel.kind is not Kind.PARCEL:
        return
    if step_taken_back(work, attempt) not in BY_A_WRONG_SCAN:
        raise NothingToUndo(
            f"Of a parcel only its arrival and its opening can be taken back, not this of "
            f"{printed(parcel.identifier)}.",
            item=parcel.identifier,
        )
    if any(line.presence for line in manifest(work, shipment_named(work, parcel.identifier))):
        raise NothingToUndo(
            f"Something out of {printed(parcel.identifier)} was received since; take that scan back first, "
            "or close the receipt.",
            item=parcel.identifier,
        )


def step_taken_back(work: Work, attempt: Attempt) -> str | None:
    """What the step did that a correction takes back; None for one that takes nothing back."""
    if not attempt.details.get("undo") or not attempt.corrects:
        return None
    action: str | None = entry_of(work, attempt.item.identifier, attempt.corrects).event.get("action")
    return action


def count_fits(shipment: Shipment, lines: Sequence[Line], counted: Counted) -> None:
    """Raises `CountDoesNotFit`."""
    listed = [line for line in lines if line.presence is not Presence.EXTRA]
    if not shipment.seal:
        raise CountDoesNotFit("No seal was told when this parcel was sent; scan each tube.", field="seal")
    if counted.seal.strip().casefold() != shipment.seal.casefold():
        raise CountDoesNotFit(
            f"The seal that was told is {shipment.seal}; with another seal scan each tube.", field="seal"
        )
    if counted.pieces != len(listed):
        raise CountDoesNotFit(
            f"You counted {counted.pieces} and the manifest names {len(listed)}; scan each tube.",
            field="pieces",
        )
    if any(item.kind == Kind.PARCEL.value for item in items_unseen(lines)):
        raise CountDoesNotFit(
            "Another parcel lies in this one; scan that one first, then count.", field="pieces"
        )
