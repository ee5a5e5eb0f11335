"""What of each list waits for somebody: a question, which is asked with all others at once, or the number."""

from collections.abc import Callable, Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, or_, select, union_all

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.custodians.models import Attestation
from biobank.custody.models import Discrepancy
from biobank.custody.states import Kind, State
from biobank.destruction import queries as destruction
from biobank.destruction.choices import BatchState, Stage
from biobank.destruction.models import DestructionOrder
from biobank.destruction.outside import attestations_seen_by
from biobank.destruction.walk import count_late_lines, without_work
from biobank.discrepancies.queries import standing_cases
from biobank.inventories.choices import CheckState
from biobank.inventories.models import InventoryCheck
from biobank.inventories.queries import checks_seen_by, overdue_checks
from biobank.items.models import Item
from biobank.kits.stock import levels_of, on_the_shelf, on_the_way, running_low, today
from biobank.messages.models import Message
from biobank.messages.queries import messages_seen_by
from biobank.offline.models import OfflineScan
from biobank.offline.queries import conflicts_seen_by
from biobank.processing.bench import late_at_the_bench, to_aliquot, to_freeze
from biobank.processing.queries import to_spin, to_spin_late
from biobank.recalls.queries import items_to_find, standing_recalls
from biobank.retrieval.queries import late_out, lists_to_walk
from biobank.shipments.models import Shipment
from biobank.supplies.models import SupplyOrder
from biobank.supplies.queries import SHOWN as SUPPLIES
from biobank.supplies.queries import orders_seen_by
from biobank.visits.choices import VisitState
from biobank.visits.models import Visit
from biobank.visits.queries import visits_asked_for
from biobank.web.waiting import Asked, how_many, is_exactly
from biobank.withdrawals.models import RecordedDecision
from biobank.withdrawals.queries import is_overdue, undecided_decisions
from biobank.withdrawals.reportable import cases_seen_by

Asking = Callable[[Work, Actor], Asked]
"""What waits for somebody; a number where there are few enough to count them all."""


def inventories(state: CheckState) -> Asking:
    """Inventory checks of somebody's sites that are in `state`."""
    return lambda _, by: checks_seen_by(by, state).with_only_columns(InventoryCheck.id)


def inventories_overdue(_: Work, by: Actor) -> Select[int]:
    return overdue_checks(by).with_only_columns(InventoryCheck.id)


def parcels(*states: State, older_than: timedelta | None = None) -> Asking:
    """Parcels from or to somebody's sites that are in one of `states`."""

    def numbers(_: Work, by: Actor) -> Select[int]:
        question = (
            select(Item.id)
            .join(Shipment, Shipment.item_id == Item.id)
            .where(
                is_exactly(Item.kind, Kind.PARCEL.value), Item.state.in_([state.value for state in states])
            )
        )
        if by.sites is not None:
            question = question.where(or_(Shipment.origin.in_(by.sites), Shipment.destination.in_(by.sites)))
        if older_than is not None:
            question = question.where(Shipment.dispatched_at < now() - older_than)
        return question

    return numbers


def unfinished(work: Work, by: Actor) -> Sequence[DestructionOrder]:
    """Asked once a page, although seven lists count them: it looks at the lines of every order."""
    asked = work.session.info.setdefault("unfinished orders", {})
    if by.sites not in asked:
        asked[by.sites] = destruction.unfinished_orders(work, by)
    orders: Sequence[DestructionOrder] = asked[by.sites]
    return orders


def orders_overdue(work: Work, by: Actor) -> int:
    return sum(destruction.is_overdue(order) for order in unfinished(work, by))


def lines_overdue(work: Work, by: Actor) -> int:
    return count_late_lines(work, unfinished(work, by))


def nothing_to_fetch(work: Work, by: Actor) -> int:
    return len(without_work(work, unfinished(work, by)))


def orders_unsettled(work: Work, by: Actor) -> int:
    return sum(destruction.is_unsettled(order) for order in unfinished(work, by))


def orders_reopened(work: Work, by: Actor) -> int:
    return sum(destruction.stage(order) is Stage.REOPENED for order in unfinished(work, by))


def orders_to_carry_out(work: Work, by: Actor) -> int:
    orders = unfinished(work, by)
    complete = {order.id for order in destruction.complete_orders(work, orders)}
    ready = (Stage.READY, Stage.IN_PROGRESS)
    return sum(destruction.stage(order) in ready and order.id not in complete for order in orders)


def orders_complete(work: Work, by: Actor) -> int:
    return len(destruction.complete_orders(work, unfinished(work, by)))


def undecided(work: Work, by: Actor) -> Sequence[RecordedDecision]:
    """Asked once a page, although two lists count them: each is one of its participant's decisions."""
    asked = work.session.info.setdefault("undecided", {})
    if by.sites not in asked:
        asked[by.sites] = undecided_decisions(work, by)
    decisions: Sequence[RecordedDecision] = asked[by.sites]
    return decisions


def answers_open(work: Work, by: Actor) -> int:
    return len(undecided(work, by))


def answers_overdue(work: Work, by: Actor) -> int:
    return sum(map(is_overdue, undecided(work, by)))


def batches_to_sign(work: Work, by: Actor) -> int:
    counted = [each for each in destruction.batches_unfinished(work) if each.state == BatchState.COUNTED]
    return sum(by.works_at(destruction.bag_of(work, batch).site or "") for batch in counted)


def attested(_: Work, by: Actor) -> Select[int]:
    return attestations_seen_by(by, waiting=True).with_only_columns(Attestation.id)


def tubes_to_spin(work: Work, by: Actor) -> Select[int]:
    return to_spin(work, by.sites).with_only_columns(Item.id)


def too_late_to_spin(work: Work, by: Actor) -> Select[int]:
    return to_spin_late(work, by.sites, now()).with_only_columns(Item.id)


def late_at_bench(work: Work, by: Actor) -> Select[int]:
    both = union_all(*late_at_the_bench(work, by.sites, now())).subquery()
    return select(both.c.id)


def to_be_frozen(work: Work, by: Actor) -> Select[int]:
    return to_freeze(work, by.sites).with_only_columns(Item.id)


def to_be_aliquoted(work: Work, by: Actor) -> Select[int]:
    return to_aliquot(work, by.sites).with_only_columns(Item.id)


def open_visits(_: Work, by: Actor) -> Select[int]:
    return visits_asked_for(by, state=VisitState.OPEN).with_only_columns(Visit.id)


def offline_conflicts(_: Work, by: Actor) -> Select[int]:
    question = conflicts_seen_by(by).where(OfflineScan.received_at > now() - LOOKED_AT_WITHIN)
    return question.with_only_columns(OfflineScan.id)


LOOKED_AT_WITHIN = timedelta(days=7)
"""What was scanned without network and is in no list of items stays here for as long."""


def reportable_events(_: Work, by: Actor) -> Select[int]:
    return cases_seen_by(by, standing=True).with_only_columns(Discrepancy.id)


def cases_standing(_: Work, by: Actor) -> Select[int]:
    """By their day, which has an index of those that stand: SQLite else reads all that a site ever had."""
    return standing_cases(by).order_by(Discrepancy.due_at)


def cases_that(which: Callable[[Actor], Select[int]]) -> Asking:
    """Cases of one of their lists."""
    return lambda _, by: which(by)


def left_to_find(work: Work, by: Actor) -> int:
    """At somebody's own sites, over all recalls that stand; nearly always there is none."""
    left = [items_to_find(recall, by.sites) for recall in standing_recalls(work)]
    return sum(how_many(work, items.with_only_columns(Item.id)) for items in left)


def pieces_overdue(work: Work, by: Actor) -> Select[int]:
    return late_out(work, by, now())


def lists_left_to_walk(_: Work, by: Actor) -> Select[int]:
    return lists_to_walk(by)


def kits_coming(work: Work, by: Actor) -> int:
    return sum(shelf.kits for shelf in on_the_way(work, by.sites))


def kits_expiring(work: Work, by: Actor) -> int:
    days, day = work.settings.kit_expiry_warning_days, today()
    return sum(shelf.kits for shelf in on_the_shelf(work, by.sites) if shelf.expires_within(days, day))


def mailed_kits(which: str) -> Asking:
    """Orders of mailed kits in one of their lists."""

    def numbers(work: Work, by: Actor) -> Select[int]:
        question = orders_seen_by(by, SUPPLIES[which][1](work.settings))
        return question.with_only_columns(SupplyOrder.id)

    return numbers


def kits_low(work: Work, by: Actor) -> int:
    levels = levels_of(work, by.sites)
    return len(running_low(work, levels, on_the_shelf(work, by.sites), today())) if levels else 0


def messages_that(which: Callable[[], ColumnElement[bool]]) -> Asking:
    return lambda _, by: messages_seen_by(by, which()).with_only_columns(Message.id)
