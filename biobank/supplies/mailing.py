"""The kit behind an order: found or registered when mailed, on its way back, empty when opened."""

from collections.abc import Iterator
from datetime import UTC, datetime, time

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import Told
from biobank.custody.births import Birth, register
from biobank.custody.holds import open_discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import Action, Kind, State
from biobank.custody.steps import ItemNow, Source
from biobank.exchange.recording import NOBODY_TOLD
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.choices import AS_ORDERED, Fill
from biobank.shipments.choices import Carrier
from biobank.supplies.choices import MERELY_NOTED, SYSTEM, TUBE_OF_A_MAILED_KIT, Odd
from biobank.supplies.inputs import DeliveryTold, SupplyFlag
from biobank.supplies.models import SupplyOrder

FREE = frozenset({State.REGISTERED, State.ISSUED, State.RETURNED})
"""States of a kit that nobody has yet."""
TOLD_BY = {"told_by": "supply_order"}
EMPTY = "mailed_kit_empty"


def source_of(order: SupplyOrder) -> Source:
    return Source("file", f"supply order {order.number}")


def link_mailed_kit(work: Work, order: SupplyOrder, *, by: Actor) -> list[SupplyFlag]:
    """Give the kit that bears the barcode to the participant; one that is not of ours is registered now."""
    if order.barcode is None or order.kit_id is not None:
        return []
    kit = _kit_that_bears(work, order.barcode) or _registered(work, order, by)
    if kit.participant != order.participant:
        if kit.kind is not Kind.KIT or kit.state not in FREE:
            return [_not_free(order, kit)]
        _assign(work, order, kit, by)
    order.kit_id = kit.id
    return []


def _kit_that_bears(work: Work, barcode: str) -> ItemNow | None:
    """The kit itself or the one of its tube; whatever else bears it is told as it is."""
    try:
        found = item_now(work, barcode)
    except DomainError:
        return None
    return item_by_id(work, found.kit_id) if found.kit_id is not None else found


def _not_free(order: SupplyOrder, kit: ItemNow) -> SupplyFlag:
    what = f"{printed(kit.identifier)}, a {kit.kind.replace('_', ' ')} that is {kit.state.replace('_', ' ')}"
    return SupplyFlag(Odd.KIT_NOT_FREE, f"{order.barcode} is on {what}; which kit was mailed is not known.")


def _registered(work: Work, order: SupplyOrder, by: Actor) -> ItemNow:
    """A kit of its supplier's with its one tube, which is what bears the barcode when it comes back."""
    source, at = source_of(order), _earliest(order)
    box = Birth(kind=Kind.KIT, specification=AS_ORDERED, site=order.site, details=TOLD_BY)
    kit = register(work, box, by=by, source=source, at=at)
    tube = Birth(
        kind=Kind.TUBE,
        specification=TUBE_OF_A_MAILED_KIT,
        site=order.site,
        kit=kit,
        draw_order=1,
        aliases=((f"{SYSTEM}barcode", order.barcode or ""),),
        details=TOLD_BY,
    )
    register(work, tube, by=by, source=source, at=at)
    return kit


def _earliest(order: SupplyOrder) -> Told | None:
    """When its day began: no kit of an order is older."""
    if order.ordered_on is None or order.ordered_on >= moments.now().date():
        return None
    return moments.told(datetime.combine(order.ordered_on, time(), UTC))


def _assign(work: Work, order: SupplyOrder, kit: ItemNow, by: Actor) -> None:
    source = source_of(order)
    if kit.state is not State.ISSUED:
        site = {**TOLD_BY, "site": kit.site or order.site}
        record(work, kit.identifier, Action.ISSUE, by=by, source=source, at=None, details=site)
    told = {**TOLD_BY, "participant": order.participant, "order": order.number}
    record(
        work, kit.identifier, Action.ASSIGN, by=by, source=source, at=None, performed_by=NOBODY_TOLD,
        details=told,
    )  # fmt: skip


def send_back(work: Work, order: SupplyOrder, told: DeliveryTold, at: Told | None, *, by: Actor) -> None:
    """What waited in the kit is filled and on its way, as far as anybody can tell from a parcel."""
    for tube in _tubes(work, order):
        if tube.state == State.EXPECTED:
            source, filled = source_of(order), {**TOLD_BY, "fill": Fill.UNKNOWN.value}
            record(
                work, tube.identifier, Action.COLLECT, by=by, source=source, at=None,
                performed_by=NOBODY_TOLD, details=filled,
            )  # fmt: skip
            record(
                work, tube.identifier, Action.DISPATCH, by=by, source=source, at=at,
                performed_by=NOBODY_TOLD, details=TOLD_BY,
                changes={"custodian": f"carrier:{_carrier(told.carrier)}", "sent_to": order.site},
            )  # fmt: skip


def _carrier(named: str | None) -> str:
    """One that brings no number of its own is a courier."""
    word = (named or "").strip().lower()
    return word if word in list(Carrier) else Carrier.COURIER.value


def find_empty(work: Work, order: SupplyOrder, at: Told | None, *, by: Actor, source: Source) -> None:
    """No tube was in it: none of them was ever received, and somebody asks what became of them."""
    for tube in _tubes(work, order):
        if tube.state in (State.EXPECTED, State.COLLECTED, State.IN_TRANSIT):
            record(work, tube.identifier, Action.REPORT_NEVER_RECEIVED, by=by, source=source, at=at)
    if order.kit_id is not None:
        sentence = f"The mailed kit of order {order.number} came back without its sample."
        open_discrepancy(work, item_by_id(work, order.kit_id), EMPTY, sentence, by=by)


def _tubes(work: Work, order: SupplyOrder) -> Iterator[Item]:
    return iter(tubes_of_kit(work, order.kit_id) if order.kit_id is not None else [])


def ask_about(work: Work, order: SupplyOrder, flags: list[SupplyFlag], *, by: Actor) -> None:
    """A case of the kit for each flag that somebody has to explain."""
    if order.kit_id is None:
        return
    for flag in flags:
        if flag.code not in MERELY_NOTED:
            kit = item_by_id(work, order.kit_id)
            open_discrepancy(work, kit, f"mailed_kit_{flag.code}"[:40], flag.sentence, by=by)
