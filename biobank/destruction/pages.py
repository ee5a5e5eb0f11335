"""Destruction as pages: the orders, one order with its walk, and what compliance confirms."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission, Role
from biobank.core.database import Work
from biobank.custody.states import State
from biobank.destruction import queries, walk
from biobank.destruction.ceremonies import settle_ceremony
from biobank.destruction.choices import (
    UNFINISHED,
    OrderState,
    Settlement,
    Stage,
)
from biobank.destruction.models import Certificate, DestructionLine, DestructionOrder, WasteBatch
from biobank.destruction.next_steps import CONFIRM, next_steps
from biobank.destruction.outside_records import DISTRIBUTED
from biobank.destruction.rechecking import pieces_to_recheck
from biobank.destruction.walk import Instruction, Pick
from biobank.distribution.queries import newest_distributions
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.web.addresses import sent_to
from biobank.web.cards import card, place
from biobank.web.feedback import tell
from biobank.web.frame import zone_of
from biobank.web.order_cards import listed, outcome_sign, progress_of, stage_sign
from biobank.web.paging import filters
from biobank.web.permission import reads, writes
from biobank.web.typed_fields import chosen
from biobank.web.words import in_zone, millilitres, spoken, state_sign

blueprint = Blueprint("destruction_pages", __name__)
A_PAGE = 50
MOST_LINES = 500
VERIFY = "/certificates/verify"
Told = dict[str, Any]
OUT = State.SENT_OUT.value

FILTERS: Mapping[str, tuple[str, frozenset[OrderState]]] = {
    "open": ("Open", UNFINISHED),
    "closed": ("Closed", frozenset({OrderState.CLOSED})),
    "cancelled": ("Cancelled", frozenset({OrderState.CANCELLED})),
}
HELD = "Nothing of it is destroyed until compliance lifts the hold. Its clock stands still."
UNSETTLED = "Settle it with compliance before anything is put in waste."


@blueprint.get("/destruction-orders")
@reads(Permission.SEE_DESTRUCTION)
def orders(*, work: Work, by: Actor) -> str:
    """Newest first, a page at a time; on each page those with late arrivals stand first."""
    asked = request.args.get("state", "open")
    found = _orders(work, by, asked, request.args.get("before", type=int))
    rows = listed(work, found[:A_PAGE], zone_of(work, by))
    rows.sort(key=lambda row: (not row["late_arrivals"], not row["overdue"]))
    more = len(found) > A_PAGE
    return render_template(
        "destruction/orders.html",
        filters=filters("/destruction-orders?state=", FILTERS, asked),
        orders=rows,
        verify_url=VERIFY if by.may(Permission.SEE_CERTIFICATES) else None,
        confirm_url=CONFIRM if by.may(Permission.CONFIRM_DESTRUCTION) else None,
        alarms=[
            {"printed": printed(order.identifier), "url": f"/destruction-orders/{order.identifier}"}
            for order in walk.orders_without_work(work, by)
        ],
        rechecks_url="/rechecks" if pieces_to_recheck(work, by) else None,
        next_url=f"/destruction-orders?state={asked}&before={found[A_PAGE - 1].id}" if more else None,
    )


def _orders(work: Work, by: Actor, asked: str, before: int | None) -> list[DestructionOrder]:
    _, states = FILTERS.get(asked, FILTERS["open"])
    question = queries.orders_seen_by(by).where(DestructionOrder.state.in_(sorted(states)))
    if before is not None:
        question = question.where(DestructionOrder.id < before)
    return list(work.session.scalars(question.order_by(DestructionOrder.id.desc()).limit(A_PAGE + 1)))


@blueprint.get("/destruction-orders/<identifier>")
@reads(Permission.SEE_DESTRUCTION)
def order(identifier: str, *, work: Work, by: Actor) -> str:
    found, zone = queries.order_seen_by(work, by, identifier), zone_of(work, by)
    lines = queries.lines_of(work, found)
    items = {item.id: item for item in items_numbered(work, [line.item_id for line in lines])}
    left = [line for line in lines if line.outcome is None]
    picks = walk.worklist(work, [found])
    return render_template(
        "destruction/order.html",
        order=_order(found, by, zone),
        next_steps=next_steps(work, found, by, picks, _outside(left, items), left),
        progress=progress_of(lines),
        places=_walk(work, picks, by, {line.item_id: line for line in left}, items),
        ended=_ended(work, [line for line in lines if line.outcome][:MOST_LINES], items, by),
        certificate=_certificate(work, found, zone),
        batches=[batch_shown(work, batch) for batch in queries.batches_of(work, found)],
        settle_url=f"/destruction-orders/{found.identifier}/handling" if _settles(found, by) else None,
        pause_url=f"/destruction-orders/{found.identifier}/pauses" if by.has(Role.COMPLIANCE) else None,
        alarm=NOTHING_TO_FETCH if walk.has_no_work(work, found) else None,
    )


def _outside(left: Sequence[DestructionLine], items: Mapping[int, Item]) -> list[int]:
    return [line.item_id for line in left if items[line.item_id].state == OUT]


NOTHING_TO_FETCH = "It has open lines, and none of them lies where anybody can fetch it. Look for them."


def _settles(found: DestructionOrder, by: Actor) -> bool:
    return queries.is_unsettled(found) and by.has(Role.COMPLIANCE)


def _order(found: DestructionOrder, by: Actor, zone: str) -> Told:
    url = f"/participants/{found.participant}" if by.may(Permission.SEE_PARTICIPANTS) else None
    waits = queries.stage(found) is Stage.WAITING
    return {
        "printed": printed(found.identifier),
        "participant": {"code": found.participant, "url": url},
        "state": stage_sign(queries.stage(found)),
        "opened_at": in_zone(found.opened_at, zone),
        "hold_until": in_zone(found.hold_until, zone) if waits else None,
        "due_on": in_zone(found.due_at, zone).date(),
        "overdue": queries.is_overdue(found),
        "information": spoken(found.information),
        "samples": spoken(found.samples),
        "requested_by": found.requested_by,
        "channel": spoken(found.channel),
        "decided_at": in_zone(found.decided_at, zone),
        "recorded_at": in_zone(found.decision_recorded_at, zone),
        "handling": UNSETTLED if queries.is_unsettled(found) else None,
        "legal_hold": HELD if found.legal_hold else None,
    }


AT_A_CLINIC = {
    Instruction.SHIP: "The clinic ships it to the biobank.",
    Instruction.DESTROY_THERE: "The clinic destroys it, with performer and witness there.",
}


def _walk(
    work: Work,
    picks: Sequence[Pick],
    by: Actor,
    left: Mapping[int, DestructionLine],
    items: Mapping[int, Item],
) -> list[Told]:
    """Open lines by place, in walking order; then what others have or carry; last what nobody knows of."""
    places: dict[tuple[str, ...], Told] = {}
    walked = {pick.item.id for pick in picks}
    others = [item for number in left if number not in walked and _has_a_place(item := items[number])]
    clinic = {pick.item.id: AT_A_CLINIC[pick.instruction] for pick in picks if pick.clinic}
    for item in [pick.item for pick in picks[:MOST_LINES]] + others[:MOST_LINES]:
        path = place(work, item, by, to_the_position=False)
        told = {"path": path, "on_its_way": item.state == State.IN_TRANSIT, "lines": []}
        there = places.setdefault(tuple(step["name"] for step in path), told)
        line = _line(work, left[item.id], item, by)
        there["lines"].append(line | {"note": clinic.get(item.id, line["note"])})
    known = walked | {item.id for item in others}
    lost = [_line(work, line, items[number], by) for number, line in left.items() if number not in known]
    unknown = {"path": [], "on_its_way": False, "lines": lost[:MOST_LINES]}
    return [*places.values(), unknown] if lost else [*places.values()]


def _has_a_place(item: Item) -> bool:
    """With a custodian outside, in a bag, or in a parcel."""
    return item.state == OUT or item.container_id is not None


def _ended(work: Work, lines: Sequence[DestructionLine], items: Mapping[int, Item], by: Actor) -> list[Told]:
    """With what a study says became of what it has."""
    at_studies = [line.item_id for line in lines if line.outcome in DISTRIBUTED]
    studies = newest_distributions(work, at_studies) if at_studies else {}
    return [
        _line(work, line, items[line.item_id], by) | {"study": studies.get(line.item_id)} for line in lines
    ]


def _line(work: Work, line: DestructionLine, item: Item, by: Actor) -> Told:
    ended = outcome_sign(line.outcome, line.grade) if line.outcome else None
    return {
        **card(work, item, by),
        "state": ended or state_sign(item.state),
        "quantity": millilitres(item.volume_microlitres),
        "late": line.late,
        "note": f"Position {item.position}" if item.position and not ended else None,
        "study": None,
    }


def _certificate(work: Work, found: DestructionOrder, zone: str) -> Told | None:
    certificates = queries.certificates_of(work, found)
    return _issued(certificates[-1], found, zone) if certificates else None


def _issued(certificate: Certificate, found: DestructionOrder, zone: str) -> Told:
    reopened = found.state == OrderState.REOPENED
    question = found.in_question or ("The order is open again: something turned up." if reopened else None)
    return {
        "printed": printed(certificate.identifier),
        "url": f"/destruction-orders/{found.identifier}/certificate.pdf",
        "issued_at": in_zone(certificate.issued_at, zone),
        "in_question": question,
    }


def batch_shown(work: Work, batch: WasteBatch) -> Told:
    bag = queries.bag_of(work, batch)
    return {
        "printed": printed(bag.identifier),
        "url": f"/waste-batches/{bag.identifier}",
        "pieces": len(queries.pieces_of(work, batch)),
        "state": {"word": spoken(batch.state), "tone": "right" if batch.state == "destroyed" else "wait"},
    }


@blueprint.get("/destruction-orders/<identifier>/certificate.pdf")
@reads(Permission.SEE_CERTIFICATES)
def certificate(identifier: str, *, work: Work, by: Actor) -> Response:
    """The bytes as they were issued."""
    found = queries.certificate_of(work, queries.order_seen_by(work, by, identifier))
    headers = {"Content-Disposition": f'inline; filename="certificate-{found.identifier}.pdf"'}
    return Response(found.pdf, mimetype="application/pdf", headers=headers)


@blueprint.post("/destruction-orders/<identifier>/handling")
@writes(Permission.CONFIRM_DESTRUCTION)
def settle(identifier: str, *, work: Work, by: Actor) -> Response:
    sentence = "Say how the handling instruction was settled."
    settlement = chosen(request.form, "settlement", Settlement, sentence)
    found = settle_ceremony(work, by, identifier, settlement)
    tell("Settled", f"Destruction of order {printed(found.identifier)} may go on.")
    return sent_to(f"/destruction-orders/{found.identifier}")
