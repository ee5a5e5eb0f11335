"""What waits that has a list of its own: how many, for whom, how urgent, and the address of the list.

A feature adds a line to `LISTS`; piles of items are lines of `waiting.PILES`.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import ColumnElement, or_, select

from biobank.access.actors import Actor
from biobank.access.failed_signings import alarms_open
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.moments import now
from biobank.custodians.models import Attestation
from biobank.custody.models import Discrepancy
from biobank.custody.states import Kind, State
from biobank.destruction import queries as destruction
from biobank.destruction.choices import BatchState, Stage
from biobank.destruction.models import DestructionOrder
from biobank.destruction.outside import attestations_seen_by
from biobank.destruction.rechecking import pieces_to_recheck
from biobank.destruction.walk import count_late_lines, without_work
from biobank.disclosures.queries import to_approve, to_hand_out, to_tell_today, undecided_demands
from biobank.distribution.queries import holders_to_ask, requests_to_approve
from biobank.items.models import Item
from biobank.journal.orders import to_enter_seen_by
from biobank.kits.stock import levels_of, on_the_shelf, on_the_way, running_low, today
from biobank.messages.models import Message
from biobank.messages.queries import is_failed, is_for_post, messages_seen_by
from biobank.messages.standing import late_ones
from biobank.offline.models import OfflineScan
from biobank.offline.queries import conflicts_seen_by
from biobank.processing.queries import to_spin, to_spin_late
from biobank.recalls.queries import items_to_find, standing_recalls
from biobank.shipments.choices import TRAVELLING_AT_MOST
from biobank.shipments.models import Shipment
from biobank.visits.choices import VisitState
from biobank.visits.models import Visit
from biobank.visits.queries import visits_asked_for
from biobank.web.waiting import how_many, is_exactly
from biobank.withdrawals.queries import overdue_decisions, undecided_decisions, waiting_requests
from biobank.withdrawals.reportable import cases_seen_by

Counting = Callable[[Work, Actor], int]
"""How many wait for somebody; few enough that all are counted, or as `how_many` counts."""


@dataclass(frozen=True)
class WaitingList:
    """A list with things to do: its label, who sees it, where it is, and its tone: wrong, late or wait."""

    label: str
    permission: Permission
    url: str
    tone: str
    count: Counting
    note: str | None = None


def parcels(*states: State, older_than: timedelta | None = None) -> Counting:
    """Parcels from or to somebody's sites that are in one of `states`."""

    def count(work: Work, by: Actor) -> int:
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
        return how_many(work, question)

    return count


def _unfinished(work: Work, by: Actor) -> Sequence[DestructionOrder]:
    """Asked once a page, although seven lists count them: it looks at the lines of every order."""
    asked = work.session.info.setdefault("unfinished orders", {})
    if by.sites not in asked:
        asked[by.sites] = destruction.unfinished_orders(work, by)
    orders: Sequence[DestructionOrder] = asked[by.sites]
    return orders


def _overdue(work: Work, by: Actor) -> int:
    return sum(destruction.is_overdue(order) for order in _unfinished(work, by))


def _lines_overdue(work: Work, by: Actor) -> int:
    return count_late_lines(work, _unfinished(work, by))


def _nothing_to_fetch(work: Work, by: Actor) -> int:
    return len(without_work(work, _unfinished(work, by)))


def _unsettled(work: Work, by: Actor) -> int:
    return sum(destruction.is_unsettled(order) for order in _unfinished(work, by))


def _reopened(work: Work, by: Actor) -> int:
    return sum(destruction.stage(order) is Stage.REOPENED for order in _unfinished(work, by))


def _to_carry_out(work: Work, by: Actor) -> int:
    orders = _unfinished(work, by)
    complete = {order.id for order in destruction.complete_orders(work, orders)}
    ready = (Stage.READY, Stage.IN_PROGRESS)
    return sum(destruction.stage(order) in ready and order.id not in complete for order in orders)


def _complete(work: Work, by: Actor) -> int:
    return len(destruction.complete_orders(work, _unfinished(work, by)))


def _to_sign(work: Work, by: Actor) -> int:
    counted = [each for each in destruction.batches_unfinished(work) if each.state == BatchState.COUNTED]
    return sum(by.works_at(destruction.bag_of(work, batch).site or "") for batch in counted)


def _attested(work: Work, by: Actor) -> int:
    return how_many(work, attestations_seen_by(by, waiting=True).with_only_columns(Attestation.id))


def _to_spin(work: Work, by: Actor) -> int:
    return how_many(work, to_spin(work, by.sites).with_only_columns(Item.id))


def _too_late_to_spin(work: Work, by: Actor) -> int:
    return how_many(work, to_spin_late(work, by.sites, now()).with_only_columns(Item.id))


def _open_visits(work: Work, by: Actor) -> int:
    return how_many(work, visits_asked_for(by, state=VisitState.OPEN).with_only_columns(Visit.id))


def _offline_conflicts(work: Work, by: Actor) -> int:
    question = conflicts_seen_by(by).where(OfflineScan.received_at > now() - LOOKED_AT_WITHIN)
    return how_many(work, question.with_only_columns(OfflineScan.id))


LOOKED_AT_WITHIN = timedelta(days=7)
"""What was scanned without network and is in no list of items stays here for as long."""


def _reportable(work: Work, by: Actor) -> int:
    return how_many(work, cases_seen_by(by, standing=True).with_only_columns(Discrepancy.id))


def _left_to_find(work: Work, by: Actor) -> int:
    """At somebody's own sites, over all recalls that stand; nearly always there is none."""
    left = [items_to_find(recall, by.sites) for recall in standing_recalls(work)]
    return sum(how_many(work, items.with_only_columns(Item.id)) for items in left)


def _kits_coming(work: Work, by: Actor) -> int:
    return sum(shelf.kits for shelf in on_the_way(work, by.sites))


def _kits_expiring(work: Work, by: Actor) -> int:
    days, day = work.settings.kit_expiry_warning_days, today()
    return sum(shelf.kits for shelf in on_the_shelf(work, by.sites) if shelf.expires_within(days, day))


def _kits_low(work: Work, by: Actor) -> int:
    levels = levels_of(work, by.sites)
    return len(running_low(work, levels, on_the_shelf(work, by.sites), today())) if levels else 0


def _messages(which: Callable[[], ColumnElement[bool]]) -> Counting:
    return lambda work, by: how_many(work, messages_seen_by(by, which()).with_only_columns(Message.id))


P = Permission
ORDERS = "/destruction-orders"
LISTS: tuple[WaitingList, ...] = (
    WaitingList("Orders reopened", P.SEE_DESTRUCTION, ORDERS, "wrong", _reopened, "something turned up late"),
    WaitingList(
        "Pieces to look for again",
        P.SEE_DESTRUCTION,
        "/rechecks",
        "wrong",
        pieces_to_recheck,
        "one of their batch was found",
    ),
    WaitingList(
        "Orders with open lines and nothing to fetch", P.SEE_DESTRUCTION, ORDERS, "wrong", _nothing_to_fetch
    ),
    WaitingList("Orders overdue", P.SEE_DESTRUCTION, ORDERS, "late", _overdue),
    WaitingList("Lines of orders overdue", P.SEE_DESTRUCTION, ORDERS, "late", _lines_overdue),
    WaitingList("Orders that wait for a handling instruction", P.SEE_DESTRUCTION, ORDERS, "late", _unsettled),
    WaitingList(
        "Parcels on their way for over three days",
        P.SEE_SHIPMENTS,
        "/shipments?state=in_transit",
        "late",
        parcels(State.IN_TRANSIT, older_than=TRAVELLING_AT_MOST),
    ),
    WaitingList(
        "Signings that failed several times",
        P.SEE_SIGNING_ALARMS,
        "/signing-alarms",
        "wrong",
        lambda work, _: alarms_open(work),
    ),
    WaitingList(
        "Legal demands not decided",
        P.MAKE_DISCLOSURES,
        "/legal-demands",
        "late",
        lambda work, by: len(undecided_demands(work, by)),
    ),
    WaitingList(
        "Disclosures whose participant was not told",
        P.MAKE_DISCLOSURES,
        "/disclosures",
        "late",
        lambda work, by: len(to_tell_today(work, by)),
    ),
    WaitingList(
        "Disclosures that wait for your approval",
        P.MAKE_DISCLOSURES,
        "/disclosures",
        "wait",
        to_approve,
    ),
    WaitingList("Disclosures to hand out", P.READ_IDENTITY, "/disclosures", "wait", to_hand_out),
    WaitingList(
        "Studies to ask",
        P.ASK_HOLDERS,
        "/holders",
        "wait",
        lambda work, by: len(holders_to_ask(work, by)),
        "they have pieces of participants who withdrew",
    ),
    WaitingList(
        "Studies that wait for their approval",
        P.APPROVE_STUDIES,
        "/study-requests",
        "wait",
        lambda work, _: requests_to_approve(work),
    ),
    WaitingList(
        "To enter again after a restore",
        P.CONFIRM_DESTRUCTION,
        "/restore/to-enter",
        "wrong",
        lambda work, by: len(to_enter_seen_by(work, by)),
    ),
    WaitingList("Reportable events", P.CONFIRM_DESTRUCTION, "/reportable-events", "wrong", _reportable),
    WaitingList(
        "Messages that failed", P.SEND_MESSAGES, "/messages?show=failed", "wrong", _messages(is_failed)
    ),
    WaitingList(
        "Messages to hand over on paper",
        P.SEND_MESSAGES,
        "/messages?show=post",
        "late",
        _messages(is_for_post),
    ),
    WaitingList("Messages that are late", P.SEND_MESSAGES, "/messages", "late", late_ones),
    WaitingList(
        "Answers overdue",
        P.CONFIRM_DESTRUCTION,
        "/decisions/open",
        "wrong",
        lambda work, by: len(overdue_decisions(work, by)),
    ),
    WaitingList(
        "Requests that wait for papers",
        P.CONFIRM_DESTRUCTION,
        "/requests",
        "late",
        lambda work, by: len(waiting_requests(work, by)),
    ),
    WaitingList(
        "Answers still open",
        P.CONFIRM_DESTRUCTION,
        "/decisions/open",
        "wait",
        lambda work, by: len(undecided_decisions(work, by)),
    ),
    WaitingList("Tubes too late for the centrifuge", P.RUN_VISITS, "/centrifuge", "late", _too_late_to_spin),
    WaitingList("Tubes to spin", P.RUN_VISITS, "/centrifuge", "wait", _to_spin),
    WaitingList(
        "Scans without network that did not fit",
        P.RUN_VISITS,
        "/offline/conflicts",
        "late",
        _offline_conflicts,
        "in the last 7 days",
    ),
    WaitingList("Things of a recalled lot to find", P.RECORD_STEPS, "/recalls", "wrong", _left_to_find),
    WaitingList("Kinds of kit that run low", P.MANAGE_STOCK, "/kits#low", "late", _kits_low),
    WaitingList(
        "Kits that expire soon or have expired", P.MANAGE_STOCK, "/kits#shelf", "late", _kits_expiring
    ),
    WaitingList("Kits on their way here", P.MANAGE_STOCK, "/kits#coming", "wait", _kits_coming),
    WaitingList("Visits still open", P.RUN_VISITS, "/visits?show=open", "wait", _open_visits),
    WaitingList(
        "Parcels being packed", P.MAKE_SHIPMENTS, "/shipments?state=packing", "wait", parcels(State.PACKING)
    ),
    WaitingList(
        "Parcels on their way",
        P.RECEIVE_SHIPMENTS,
        "/shipments?state=in_transit",
        "wait",
        parcels(State.IN_TRANSIT),
    ),
    WaitingList(
        "Parcels to receive",
        P.RECEIVE_SHIPMENTS,
        "/shipments?state=arrived",
        "wait",
        parcels(State.ARRIVED, State.OPENED),
    ),
    WaitingList("Orders to carry out", P.SEE_DESTRUCTION, ORDERS, "wait", _to_carry_out),
    WaitingList("Waste batches to sign", P.SEE_DESTRUCTION, "/waste-batches", "wait", _to_sign),
    WaitingList(
        "What custodians attested, to accept",
        P.CONFIRM_DESTRUCTION,
        "/custodians/outside",
        "wait",
        _attested,
    ),
    WaitingList("Orders to confirm", P.CONFIRM_DESTRUCTION, f"{ORDERS}/confirm", "wait", _complete),
)


def lists_of(by: Actor) -> list[WaitingList]:
    return [each for each in LISTS if by.may(each.permission)]
