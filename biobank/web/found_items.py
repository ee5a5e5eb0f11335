"""An item that somebody looks at: whether they may, what stands in its way, what has to be known of it."""

from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.cases import case_stands
from biobank.custody.checks import OtherSite, seen_by
from biobank.custody.models import Discrepancy, Hold
from biobank.custody.queries import item_now
from biobank.custody.steps import ItemNow
from biobank.destruction.models import DestructionOrder
from biobank.destruction.queries import lines_of_item, stage
from biobank.items.identifiers import printed
from biobank.ledger.queries import entry_of
from biobank.web.cards import names_of_people
from biobank.web.case_words import kind_word
from biobank.web.others_codes import hidden_codes, without
from biobank.web.step_buttons import open_to_anybody
from biobank.web.words import HELD, in_zone, spoken

MOST_CASES = 10
SAID_ALREADY = frozenset({"", "withdrawn"})
"""Reasons that the hold's own sentence gives."""


def found_by(work: Work, by: Actor, text: str) -> ItemNow:
    """The item, if `by` may see it. Raises `OtherSite` with what may be recorded of it all the same."""
    item = item_now(work, text)
    try:
        seen_by(work, by, item)
    except OtherSite as refusal:
        steps = [action.value for action in open_to_anybody(item, by)]
        raise OtherSite(refusal.detail, **refusal.extra, allowed_actions=steps) from refusal
    return item


def is_of_another_site(by: Actor, item: ItemNow) -> bool:
    """Whether somebody at none of its sites has it in hand."""
    sites = item.sites()
    return bool(sites) and not any(by.works_at(site) for site in sites)


def holds_shown(work: Work, found: ItemNow, by: Actor, zone: str) -> list[dict[str, Any]]:
    hidden = hidden_codes(work, by, found.id, found.kind)
    standing = select(Hold).where(Hold.item_id == found.id, Hold.lifted_sequence.is_(None))
    holds = work.session.scalars(standing.order_by(Hold.id))
    return [without(_hold(work, found, hold, zone), hidden) for hold in holds]


def _hold(work: Work, found: ItemNow, hold: Hold, zone: str) -> dict[str, Any]:
    entry = entry_of(work, found.identifier, hold.placed_sequence)
    by = entry.event.get("recorded_by", "")
    told = f" ({spoken(hold.reason)})" if hold.reason not in SAID_ALREADY else ""
    return {
        "reason": hold.kind,
        "sentence": f"{HELD[hold.kind]}{told}",
        "by": names_of_people(work, {by}).get(by, by),
        "at": in_zone(entry.recorded_at, zone),
    }


def alerts_shown(work: Work, found: ItemNow, by: Actor) -> list[dict[str, Any]]:
    """Open questions about it, and the orders it is on."""
    cases = select(Discrepancy).where(Discrepancy.item_id == found.id, case_stands())
    told = [
        {
            "tone": "late",
            "word": kind_word(case.kind),
            "sentence": case.sentence,
            "url": f"/discrepancies/{case.id}",
        }
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
