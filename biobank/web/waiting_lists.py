"""What waits that has a list of its own: how many, for whom, how urgent, and the address of the list.

A feature adds a line to `LISTS`; piles of items are lines of `waiting.PILES`.
"""

from dataclasses import dataclass

from biobank.access.actors import Actor
from biobank.access.failed_signings import alarms_open
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.states import State
from biobank.destruction.rechecking import pieces_to_recheck
from biobank.disclosures.queries import to_approve, to_hand_out, to_tell_today, undecided_demands
from biobank.discrepancies.queries import (
    cases_given_to,
    cases_to_answer,
    overdue_cases,
)
from biobank.distribution.queries import holders_to_ask, requests_to_approve
from biobank.inventories.choices import CheckState
from biobank.journal.orders import to_enter_seen_by
from biobank.messages.queries import is_failed, is_for_post
from biobank.messages.standing import late_ones
from biobank.shipments.choices import TRAVELLING_AT_MOST
from biobank.web import waiting_counts as counts
from biobank.web.waiting import how_many_each
from biobank.web.waiting_counts import Asking
from biobank.withdrawals.queries import waiting_requests


@dataclass(frozen=True)
class WaitingList:
    """A list with things to do: its label, who sees it, where it is, and its tone: wrong, late or wait."""

    label: str
    permission: Permission
    url: str
    tone: str
    asks: Asking
    note: str | None = None

    def count(self, work: Work, by: Actor) -> int:
        return how_many_each(work, [self.asks(work, by)])[0]


P = Permission
ORDERS = "/destruction-orders"
LISTS: tuple[WaitingList, ...] = (
    WaitingList(
        "Orders reopened",
        P.SEE_DESTRUCTION,
        ORDERS,
        "wrong",
        counts.orders_reopened,
        "something turned up late",
    ),
    WaitingList(
        "Pieces to look for again",
        P.SEE_DESTRUCTION,
        "/rechecks",
        "wrong",
        pieces_to_recheck,
        "one of their batch was found",
    ),
    WaitingList(
        "Orders with open lines and nothing to fetch",
        P.SEE_DESTRUCTION,
        ORDERS,
        "wrong",
        counts.nothing_to_fetch,
    ),
    WaitingList("Orders overdue", P.SEE_DESTRUCTION, ORDERS, "late", counts.orders_overdue),
    WaitingList("Lines of orders overdue", P.SEE_DESTRUCTION, ORDERS, "late", counts.lines_overdue),
    WaitingList(
        "Orders that wait for a handling instruction",
        P.SEE_DESTRUCTION,
        ORDERS,
        "late",
        counts.orders_unsettled,
    ),
    WaitingList(
        "Parcels on their way for over three days",
        P.SEE_SHIPMENTS,
        "/shipments?state=in_transit",
        "late",
        counts.parcels(State.IN_TRANSIT, older_than=TRAVELLING_AT_MOST),
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
    WaitingList(
        "Reportable events", P.CONFIRM_DESTRUCTION, "/reportable-events", "wrong", counts.reportable_events
    ),
    WaitingList(
        "Messages that failed",
        P.SEND_MESSAGES,
        "/messages?show=failed",
        "wrong",
        counts.messages_that(is_failed),
    ),
    WaitingList(
        "Messages to hand over on paper",
        P.SEND_MESSAGES,
        "/messages?show=post",
        "late",
        counts.messages_that(is_for_post),
    ),
    WaitingList("Messages that are late", P.SEND_MESSAGES, "/messages", "late", late_ones),
    WaitingList(
        "Answers overdue",
        P.CONFIRM_DESTRUCTION,
        "/decisions/open",
        "wrong",
        counts.answers_overdue,
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
        counts.answers_open,
    ),
    WaitingList(
        "Tubes too late for the centrifuge", P.RUN_VISITS, "/centrifuge", "late", counts.too_late_to_spin
    ),
    WaitingList("Tubes to spin", P.RUN_VISITS, "/centrifuge", "wait", counts.tubes_to_spin),
    WaitingList(
        "Beyond their limit at the bench", P.PROCESS_SPECIMENS, "/processing", "late", counts.late_at_bench
    ),
    WaitingList("Vials to freeze", P.PROCESS_SPECIMENS, "/processing", "wait", counts.to_be_frozen),
    WaitingList("Tubes to aliquot", P.PROCESS_SPECIMENS, "/processing", "wait", counts.to_be_aliquoted),
    WaitingList(
        "Scans without network that did not fit",
        P.RUN_VISITS,
        "/offline/conflicts",
        "late",
        counts.offline_conflicts,
        "in the last 7 days",
    ),
    WaitingList(
        "Cases that are overdue",
        P.RECORD_STEPS,
        "/discrepancies?overdue=yes",
        "late",
        counts.cases_that(overdue_cases),
    ),
    WaitingList(
        "Cases that ask your site",
        P.RECORD_STEPS,
        "/discrepancies?state=asked",
        "late",
        counts.cases_that(cases_to_answer),
    ),
    WaitingList(
        "Cases given to you",
        P.RECORD_STEPS,
        "/discrepancies?owner=me",
        "wait",
        counts.cases_that(cases_given_to),
    ),
    WaitingList("Cases that stand", P.RECORD_STEPS, "/discrepancies", "wait", counts.cases_standing),
    WaitingList(
        "Counts overdue", P.COUNT_STORAGE, "/inventories?show=overdue", "late", counts.inventories_overdue
    ),
    WaitingList(
        "Counts to look at and close",
        P.COUNT_STORAGE,
        "/inventories",
        "late",
        counts.inventories(CheckState.COUNTED),
    ),
    WaitingList(
        "Counts planned", P.COUNT_STORAGE, "/inventories", "wait", counts.inventories(CheckState.PLANNED)
    ),
    WaitingList("Things of a recalled lot to find", P.RECORD_STEPS, "/recalls", "wrong", counts.left_to_find),
    WaitingList("Pieces that should be back", P.PICK, "/check-outs", "late", counts.pieces_overdue),
    WaitingList("Pick lists to walk", P.PICK, "/pick-lists", "wait", counts.lists_left_to_walk),
    WaitingList("Kinds of kit that run low", P.MANAGE_STOCK, "/kits#low", "late", counts.kits_low),
    WaitingList(
        "Kits that expire soon or have expired", P.MANAGE_STOCK, "/kits#shelf", "late", counts.kits_expiring
    ),
    WaitingList(
        "Mailed kits to stop: their participant withdrew or died",
        P.SEE_SUPPLIES,
        "/supplies?show=to_stop",
        "wrong",
        counts.mailed_kits("to_stop"),
    ),
    WaitingList(
        "Mailed kits back without a sample",
        P.SEE_SUPPLIES,
        "/supplies?show=without_sample",
        "late",
        counts.mailed_kits("without_sample"),
    ),
    WaitingList(
        "Mailed kits late", P.SEE_SUPPLIES, "/supplies?show=late", "late", counts.mailed_kits("late")
    ),
    WaitingList("Kits on their way here", P.MANAGE_STOCK, "/kits#coming", "wait", counts.kits_coming),
    WaitingList("Visits still open", P.RUN_VISITS, "/visits?show=open", "wait", counts.open_visits),
    WaitingList(
        "Parcels being packed",
        P.MAKE_SHIPMENTS,
        "/shipments?state=packing",
        "wait",
        counts.parcels(State.PACKING),
    ),
    WaitingList(
        "Parcels on their way",
        P.RECEIVE_SHIPMENTS,
        "/dock#coming",
        "wait",
        counts.parcels(State.IN_TRANSIT),
    ),
    WaitingList(
        "Parcels to receive",
        P.RECEIVE_SHIPMENTS,
        "/dock",
        "wait",
        counts.parcels(State.ARRIVED, State.OPENED),
    ),
    WaitingList("Orders to carry out", P.SEE_DESTRUCTION, ORDERS, "wait", counts.orders_to_carry_out),
    WaitingList("Waste batches to sign", P.SEE_DESTRUCTION, "/waste-batches", "wait", counts.batches_to_sign),
    WaitingList(
        "What custodians attested, to accept",
        P.CONFIRM_DESTRUCTION,
        "/custodians/outside",
        "wait",
        counts.attested,
    ),
    WaitingList(
        "Orders to confirm", P.CONFIRM_DESTRUCTION, f"{ORDERS}/confirm", "wait", counts.orders_complete
    ),
)


def lists_of(by: Actor) -> list[WaitingList]:
    return [each for each in LISTS if by.may(each.permission)]
