"""Starting parcels, packing, sending and receiving them."""

from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.births import Birth, register
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import Alert, ItemNow, Recorded, Source
from biobank.shipments.checks import shipping_told
from biobank.shipments.choices import Presence
from biobank.shipments.inputs import NewShipment, ReceiptLine
from biobank.shipments.models import Shipment
from biobank.shipments.nesting import things_inside
from biobank.shipments.queries import line_of, shipment_named
from biobank.sites.queries import site_named
from biobank.storage.queries import lock_unit


@dataclass(frozen=True)
class Receipt:
    """What a receipt did: the parcel after it, one result a line, and what to say at the dock."""

    parcel: ItemNow
    lines: tuple[Recorded, ...]
    alerts: tuple[Alert, ...]


def start_shipment(
    work: Work, shipment: NewShipment, *, by: Actor, source: Source, at: Told | None = None
) -> ItemNow:
    """Register a parcel that is to be packed, with a new barcode; begun now without `at`.

    Raises `SiteUnknown`, `SiteNotYours`, `ShippingRefused`, `TrackingNumberRefused`.
    """
    origin, destination = site_named(work, shipment.origin), site_named(work, shipment.destination)
    at_own_site(by, origin.code)
    shipping = shipping_told(asdict(shipment))
    told = asdict(shipment) | {"carrier": shipping.carrier.value if shipping.carrier else None}
    details = {name: value for name, value in told.items() if value is not None}
    custodian = f"site:{origin.code}"
    birth = Birth(kind=Kind.PARCEL, site=origin.code, custodian=custodian, details=details)
    parcel = register(work, birth, by=by, source=source, at=at)
    work.session.add(
        Shipment(item_id=parcel.id, origin=origin.code, destination=destination.code, **asdict(shipping)),
    )
    work.flush()
    return parcel


def pack(
    work: Work, parcel: str, items: Iterable[str], *, by: Actor, source: Source, at: Told | None
) -> list[Recorded]:
    """Put specimens into a parcel, all or none. Raises what `record` does."""
    packed = list(items)
    lock_unit(work, item_now(work, parcel))
    lock_in_order(work, [item_now(work, item).id for item in packed])
    return [record(work, item, Action.PACK, by=by, source=source, at=at, place=parcel) for item in packed]


def receive_parcel(
    work: Work,
    parcel: str,
    lines: Sequence[ReceiptLine],
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    closes: bool = True,
) -> Receipt:
    """A whole receipt, or nothing of it: arrival, opening, each line, and the close.

    With `closes` the receipt ends, and what was not found is reported as not in the parcel; a line that
    turns up later can still be received.
    """
    shipment = shipment_named(work, parcel)
    identifier = item_now(work, parcel).identifier
    steps = [
        record(work, identifier, step, by=by, source=source, at=at) for step in steps_until_open(work, parcel)
    ]
    received = [item_now(work, line.item).id for line in lines]
    lock_in_order(work, received + ([each.id for each in things_inside(work, shipment)] if closes else []))
    told = [_receive(work, shipment, identifier, line, by, source, at) for line in lines]
    if closes:
        steps.append(record(work, identifier, Action.RECEIVE, by=by, source=source, at=at))
    results = tuple(result for result in told if result is not None)
    alerts = tuple(alert for result in (*results, *steps) for alert in result.alerts)
    return Receipt(item_now(work, identifier), results, alerts)


def steps_until_open(work: Work, parcel: str) -> tuple[Action, ...]:
    """What it needs before something is taken out; of two who begin one receipt the second sees the first."""
    if not steps_before(item_now(work, parcel).state):
        return ()
    lock_unit(work, item_now(work, parcel))
    return steps_before(item_now(work, parcel).state)


def steps_before(state: State) -> tuple[Action, ...]:
    """What a parcel still needs before something is received out of it."""
    if state in (State.OPENED, State.RECEIVED):
        return ()
    return (Action.OPEN,) if state is State.ARRIVED else (Action.ARRIVE, Action.OPEN)


def _receive(
    work: Work,
    shipment: Shipment,
    parcel: str,
    line: ReceiptLine,
    by: Actor,
    source: Source,
    at: Told | None,
) -> Recorded | None:
    item = item_now(work, line.item)
    if line.presence is not Presence.MISSING:
        details = {"parcel": parcel, "conditions": [condition.value for condition in line.conditions]}
        return record(
            work, item.identifier, Action.RECEIVE, by=by, source=source, at=at, place=line.place,
            position=line.position, details={name: value for name, value in details.items() if value},
        )  # fmt: skip
    known = line_of(work, shipment, item.id)
    if known is not None and known.presence == Presence.MISSING:
        return None
    details = {"parcel": parcel}
    return record(work, item.identifier, Action.REPORT_MISSING, by=by, source=source, at=at, details=details)
