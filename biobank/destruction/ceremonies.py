"""Ceremonies before destruction: an event that several orders join; once it was held they can go on."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import Select, or_, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.days import day_can_be
from biobank.core.errors import Conflict, Invalid, NotFound
from biobank.core.rows import row_numbered
from biobank.destruction import checks
from biobank.destruction.choices import Settlement
from biobank.destruction.clock import keep_time
from biobank.destruction.models import CeremonyEvent, CeremonyOrder, DestructionOrder
from biobank.destruction.operations import note_event
from biobank.destruction.pauses import OUTSIDE, CeremonyState
from biobank.destruction.queries import (
    is_unsettled,
    locked_order,
    order_seen_by,
    orders_seen_by,
    unfinished_orders,
)
from biobank.items.identifiers import printed
from biobank.ledger.operations import append_to
from biobank.sites.queries import site_named


class CeremonyUnknown(NotFound):
    """None of that number, or none that who asks may know of: both answers are the same."""

    title = "Ceremony unknown"

    def __init__(self) -> None:
        super().__init__("There is no ceremony of that number; look at the list of ceremonies.")


class CeremonyOver(Conflict):
    title = "Over already"


class JoinedAnother(Conflict):
    title = "Joined another"


class HeldTooEarly(Invalid):
    title = "Not held yet"


def plan_ceremony(work: Work, by: Actor, *, on: date, place: str, orders: Sequence[str]) -> CeremonyEvent:
    """A ceremony on a day, at a site or `outside`, for the orders that join it.

    Raises `OnlyCompliance`, `DayRefused`, `SiteUnknown`, `OrderUnknown`, `CeremonyNotOpen`, `JoinedAnother`.
    """
    checks.compliance_decides(by, "A ceremony is planned by compliance; ask them.")
    day_can_be("on", on)
    site = None if place.strip() == OUTSIDE else site_named(work, place).code
    ceremony = CeremonyEvent(
        on=on,
        site=site,
        state=CeremonyState.PLANNED.value,
        planned_at=moments.now(),
        planned_by=by.person,
    )
    work.session.add(ceremony)
    work.flush()
    _log(work, ceremony, "planned", by, on=on.isoformat(), site=site)
    join_ceremony(work, by, ceremony.id, orders)
    return ceremony


def join_ceremony(work: Work, by: Actor, number: int, orders: Sequence[str]) -> CeremonyEvent:
    """Raises `CeremonyUnknown`, `CeremonyOver`, `OnlyCompliance`, and of an order what planning raises."""
    checks.compliance_decides(by, "A ceremony is planned by compliance; ask them.")
    ceremony = _open(work, by, number)
    for order in _locked(work, by, orders):
        checks.ceremony_is_open(order)
        _waits_for_no_other(work, ceremony, order)
        if work.session.get(CeremonyOrder, (ceremony.id, order.id)) is None:
            _join(work, by, ceremony, order)
    return ceremony


def record_ceremony_held(work: Work, by: Actor, number: int, *, on: date | None = None) -> CeremonyEvent:
    """It was held, on the day it was planned for or another; the lines of its orders can be destroyed.

    Raises `CeremonyUnknown`, `CeremonyOver`, `OnlyCompliance`, `DayRefused`, `HeldTooEarly`.
    """
    checks.compliance_decides(by, "That a ceremony was held is recorded by compliance; ask them.")
    ceremony = _open(work, by, number)
    held_on = on or ceremony.on
    day_can_be("on", held_on)
    if held_on > moments.now().date():
        raise HeldTooEarly(f"{held_on} has not come yet; record the ceremony once it was held.", field="on")
    ceremony.on = held_on
    _end(work, by, ceremony, CeremonyState.HELD)
    for order in orders_of_ceremony(work, ceremony):
        locked = locked_order(work, order.id)
        if is_unsettled(locked):
            _settle(work, by, locked, Settlement.HELD, ceremony)
    return ceremony


def call_off_ceremony(work: Work, by: Actor, number: int) -> CeremonyEvent:
    """It is not held; its orders wait as before and can join another.

    Raises `CeremonyUnknown`, `CeremonyOver`, `OnlyCompliance`.
    """
    checks.compliance_decides(by, "A ceremony is called off by compliance; ask them.")
    ceremony = _open(work, by, number)
    _end(work, by, ceremony, CeremonyState.CALLED_OFF)
    return ceremony


def settle_ceremony(work: Work, by: Actor, order: str, settlement: Settlement) -> DestructionOrder:
    """Compliance says of one order that its ceremony was held today, or that none is wanted.

    Raises `OrderUnknown`, `OnlyCompliance`, `CeremonyNotOpen`, `JoinedAnother`.
    """
    checks.compliance_decides(by)
    found = locked_order(work, order_seen_by(work, by, order).id)
    checks.ceremony_is_open(found)
    if settlement is Settlement.HELD:
        today = moments.now().date()
        ceremony = plan_ceremony(work, by, on=today, place=OUTSIDE, orders=[found.identifier])
        record_ceremony_held(work, by, ceremony.id)
    else:
        _settle(work, by, found, settlement, None)
    return found


def ceremony_numbered(work: Work, number: int, *, locked: bool = False) -> CeremonyEvent:
    """Raises `CeremonyUnknown`."""
    found = row_numbered(work, CeremonyEvent, number, locked=locked)
    if found is None:
        raise CeremonyUnknown
    return found


def ceremony_seen_by(work: Work, by: Actor, number: int, *, locked: bool = False) -> CeremonyEvent:
    """Raises `CeremonyUnknown` also for one that nobody at a site of `by` has to do with."""
    found = ceremony_numbered(work, number, locked=locked)
    if work.session.scalar(_seen_by(by).where(CeremonyEvent.id == number)) is None:
        raise CeremonyUnknown
    return found


def ceremonies(work: Work, by: Actor | None = None, limit: int = 100) -> list[CeremonyEvent]:
    """The newest first, those that are still planned before all others; as `by` sees them, if given."""
    planned = CeremonyEvent.state == CeremonyState.PLANNED.value
    seen = select(CeremonyEvent) if by is None else _seen_by(by)
    asked = seen.order_by(planned.desc(), CeremonyEvent.on.desc(), CeremonyEvent.id.desc())
    return list(work.session.scalars(asked.limit(limit)))


def _seen_by(by: Actor) -> Select[CeremonyEvent]:
    """At a site of `by`, planned by them, or joined by an order that they see."""
    if by.sites is None:
        return select(CeremonyEvent)
    orders = orders_seen_by(by).with_only_columns(DestructionOrder.id)
    joined = select(CeremonyOrder.ceremony_id).where(CeremonyOrder.order_id.in_(orders))
    theirs = (CeremonyEvent.site.in_(by.sites), CeremonyEvent.planned_by == by.person)
    return select(CeremonyEvent).where(or_(*theirs, CeremonyEvent.id.in_(joined)))


def orders_of_ceremony(
    work: Work, ceremony: CeremonyEvent, by: Actor | None = None
) -> list[DestructionOrder]:
    """Those that joined it, by number, so that two people never wait for each other; as `by` sees them."""
    theirs = select(CeremonyOrder.order_id).where(CeremonyOrder.ceremony_id == ceremony.id)
    seen = select(DestructionOrder) if by is None else orders_seen_by(by)
    asked = seen.where(DestructionOrder.id.in_(theirs)).order_by(DestructionOrder.id)
    return list(work.session.scalars(asked))


def planned_ceremony_of(work: Work, order: DestructionOrder) -> CeremonyEvent | None:
    """The ceremony that an order waits for."""
    asked = (
        select(CeremonyEvent)
        .join(CeremonyOrder, CeremonyOrder.ceremony_id == CeremonyEvent.id)
        .where(CeremonyOrder.order_id == order.id, CeremonyEvent.state == CeremonyState.PLANNED.value)
    )
    return work.session.scalar(asked)


def orders_to_join(work: Work, by: Actor) -> list[DestructionOrder]:
    """Orders that wait for compliance to settle a ceremony and have joined none."""
    waiting = [order for order in unfinished_orders(work, by) if is_unsettled(order)]
    return [order for order in waiting if planned_ceremony_of(work, order) is None]


def _open(work: Work, by: Actor, number: int) -> CeremonyEvent:
    found = ceremony_seen_by(work, by, number, locked=True)
    if found.state != CeremonyState.PLANNED:
        if found.state == CeremonyState.HELD:
            raise CeremonyOver(f"Ceremony {number} was held; plan another one.")
        raise CeremonyOver(f"Ceremony {number} was called off; plan another one.")
    return found


def _locked(work: Work, by: Actor, orders: Sequence[str]) -> list[DestructionOrder]:
    numbers = {order_seen_by(work, by, order).id for order in orders}
    return [locked_order(work, number) for number in sorted(numbers)]


def _waits_for_no_other(work: Work, ceremony: CeremonyEvent, order: DestructionOrder) -> None:
    other = planned_ceremony_of(work, order)
    if other is not None and other.id != ceremony.id:
        raise JoinedAnother(
            f"Order {printed(order.identifier)} waits for ceremony {other.id} on {other.on}; record that one "
            "as held, or call it off first."
        )


def _join(work: Work, by: Actor, ceremony: CeremonyEvent, order: DestructionOrder) -> None:
    joined = CeremonyOrder(
        ceremony_id=ceremony.id, order_id=order.id, joined_at=moments.now(), joined_by=by.person
    )
    work.session.add(joined)
    work.flush()
    _log(work, ceremony, "joined", by, order=order.identifier)
    note_event(work, order, "ceremony_joined", by, event=ceremony.id)


def _end(work: Work, by: Actor, ceremony: CeremonyEvent, state: CeremonyState) -> None:
    ceremony.state, ceremony.settled_at, ceremony.settled_by = state.value, moments.now(), by.person
    work.flush()
    _log(work, ceremony, state.value, by, on=ceremony.on.isoformat(), site=ceremony.site)


def _settle(
    work: Work,
    by: Actor,
    order: DestructionOrder,
    settlement: Settlement,
    ceremony: CeremonyEvent | None,
) -> None:
    """The caller holds the order; its clock goes on by the time for which it waited."""
    keep_time(work, order)  # one that was opened before clocks were kept stands still without saying so
    order.ceremony_settled, order.ceremony_settled_at = settlement.value, moments.now()
    told = {"settlement": settlement.value, "event": ceremony.id if ceremony else None}
    note_event(work, order, "ceremony_settled", by, **told, **keep_time(work, order))
    work.flush()


def subject_of(ceremony: CeremonyEvent) -> str:
    """Under which subject the ledger keeps what concerns a ceremony."""
    return f"ceremony:{ceremony.id}"


def _log(work: Work, ceremony: CeremonyEvent, change: str, by: Actor, **content: Any) -> None:
    append_to(
        work,
        subject=subject_of(ceremony),
        kind="ceremony",
        content={"change": change, "recorded_by": by.person, **content},
    )
