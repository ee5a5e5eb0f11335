"""What a carrier's number at the dock must lead to: exactly one parcel that is not received yet."""

from collections.abc import Sequence

from biobank.core.errors import Conflict, NotFound
from biobank.items.identifiers import printed
from biobank.items.models import Item

MOST_NAMED = 3


class NoParcelOfNumber(NotFound):
    """A carrier's number that is on no parcel which is on its way or here."""

    title = "No parcel with this number"


class SeveralParcels(Conflict):
    """Carriers use numbers again: the parcel's own code decides."""

    title = "Several parcels"


def one_of_number(parcels: Sequence[Item]) -> Item:
    """Raises `NoParcelOfNumber`, `SeveralParcels`."""
    if not parcels:
        raise NoParcelOfNumber(
            "No parcel that is on its way here bears this carrier's number; scan the parcel's own label, or "
            "begin a parcel without a manifest.",
        )
    if len(parcels) > 1:
        named = ", ".join(printed(parcel.identifier) for parcel in parcels[:MOST_NAMED])
        raise SeveralParcels(f"This carrier's number is on {named}; scan the parcel's own label.")
    return parcels[0]
