"""The scan box that takes anything, and an item's page with its whole life."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request
from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import OtherSite, seen_by
from biobank.custody.models import Discrepancy, Hold
from biobank.custody.queries import item_now
from biobank.custody.states import Kind
from biobank.custody.steps import ItemNow
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.destruction.queries import lines_of_item, order_named, stage
from biobank.items.identifiers import Letter, looks_like_ours, normalise, printed, read_identifier
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.ledger.queries import entry_of
from biobank.participants.queries import participant_seen_by
from biobank.web.cards import card, family, identity, names_of_people, page_of
from biobank.web.frame import zone_of
from biobank.web.permission import reads
from biobank.web.refused_scans import keeping_refused_forms
from biobank.web.step_buttons import open_to_anybody, step_buttons
from biobank.web.timeline import newest_entries, proof, timeline
from biobank.web.words import HELD, in_zone, spoken

blueprint = Blueprint("item_pages", __name__)
MOST_INSIDE = 200
MOST_CASES = 10


@blueprint.post("/scan")
@keeping_refused_forms
@reads(Permission.SEE_WORK)
def scan(*, work: Work, by: Actor) -> Response:
    """Anything that bears a code leads to its page; what is refused is kept, with the text that was seen."""
    url = _leads_to(work, by, request.form.get("text", ""))
    return current_app.make_response(redirect(url, 303))


def _leads_to(work: Work, by: Actor, text: str) -> str:
    code = normalise(text) or read_identifier(text)  # which says that nothing was scanned
    if by.may(Permission.SEE_PARTICIPANTS) and re.fullmatch(work.settings.participant_code_pattern, code):
        return f"/participants/{participant_seen_by(work, by, code).code}"
    if looks_like_ours(code) and code[0] in (Letter.ORDER, Letter.CERTIFICATE):
        return f"/destruction-orders/{_order_behind(work, read_identifier(code)).identifier}"
    return page_of(found_by(work, by, text), by)


def _order_behind(work: Work, identifier: str) -> DestructionOrder:
    """The order of that code, or of the certificate of that code. Raises `OrderUnknown`."""
    certificate = work.session.scalar(select(Certificate).where(Certificate.identifier == identifier))
    if certificate is not None:
        return work.session.get_one(DestructionOrder, certificate.order_id)
    return order_named(work, identifier)


def found_by(work: Work, by: Actor, text: str) -> ItemNow:
    """The item, if `by` may see it. Raises `OtherSite` with what may be recorded of it all the same."""
    item = item_now(work, text)
    try:
        seen_by(by, item)
    except OtherSite as refusal:
        steps = [action.value for action in open_to_anybody(item, by)]
        raise OtherSite(refusal.detail, **refusal.extra, allowed_actions=steps) from refusal
    return item


@blueprint.get("/items/<identifier>")
@reads(Permission.SEE_ITEMS)
def item(identifier: str, *, work: Work, by: Actor) -> str:
    found = found_by(work, by, identifier)
    row, zone = work.session.get_one(Item, found.id), zone_of(work, by)
    life = newest_entries(work, found.identifier, request.args.get("before", type=int))
    older = f"/items/{found.identifier}?before={life.older_before}" if life.older_before else None
    return render_template(
        "items/item.html",
        item=identity(work, row, by, zone),
        holds=_holds(work, found, zone),
        alerts=_alerts(work, found, by),
        steps=step_buttons(work, found, by),
        family=family(work, row, by),
        tubes=_tubes(work, row, by) if found.kind is Kind.KIT else [],
        contents=_inside(work, row, by),
        events=timeline(work, life, zone),
        older_url=older,
        proof=proof(work, row, life),
        labels=[],
    )


def _holds(work: Work, found: ItemNow, zone: str) -> list[dict[str, Any]]:
    standing = select(Hold).where(Hold.item_id == found.id, Hold.lifted_sequence.is_(None))
    return [_hold(work, found, hold, zone) for hold in work.session.scalars(standing.order_by(Hold.id))]


def _hold(work: Work, found: ItemNow, hold: Hold, zone: str) -> dict[str, Any]:
    entry = entry_of(work, found.identifier, hold.placed_sequence)
    by = entry.event.get("recorded_by", "")
    told = f" ({spoken(hold.reason)})" if hold.reason else ""
    return {
        "reason": hold.kind,
        "sentence": f"{HELD[hold.kind]}{told}",
        "by": names_of_people(work, {by}).get(by, by),
        "at": in_zone(entry.recorded_at, zone),
    }


def _alerts(work: Work, found: ItemNow, by: Actor) -> list[dict[str, Any]]:
    """Open questions about it, and the orders it is on."""
    cases = select(Discrepancy).where(Discrepancy.item_id == found.id, Discrepancy.state == "open")
    told = [
        {"tone": "late", "word": spoken(case.kind).capitalize(), "sentence": case.sentence, "url": None}
        for case in work.session.scalars(cases.order_by(Discrepancy.id.desc()).limit(MOST_CASES))
    ]
    return [*_orders(work, found, by), *told]


def _orders(work: Work, found: ItemNow, by: Actor) -> list[dict[str, Any]]:
    lines = [line for line in lines_of_item(work, found.id) if line.outcome is None]
    orders = [work.session.get_one(DestructionOrder, line.order_id) for line in lines]
    return [
        {
            "tone": "wrong",
            "word": f"On destruction order {printed(order.identifier)}",
            "sentence": f"The order is {spoken(stage(order))}.",
            "url": f"/destruction-orders/{order.identifier}" if by.may(Permission.SEE_DESTRUCTION) else None,
        }
        for order in orders
    ]


def _tubes(work: Work, kit: Item, by: Actor) -> list[dict[str, Any]]:
    return [
        {**card(work, tube, by), "draw_order": tube.draw_order, "code": tube.specification, "labels": 1}
        for tube in tubes_of_kit(work, kit.id)
    ]


def _inside(work: Work, row: Item, by: Actor) -> list[dict[str, Any]]:
    question = select(Item).where(Item.container_id == row.id).order_by(Item.position, Item.id)
    found = work.session.scalars(question.limit(MOST_INSIDE))
    return [{**card(work, inside, by), "position": inside.position} for inside in found]
