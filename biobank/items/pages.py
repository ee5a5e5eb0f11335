"""The scan box that takes anything, and an item's page with its whole life."""

from typing import Any

from flask import Blueprint, Response, render_template, request
from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.states import ENDS, Kind, State
from biobank.custody.steps import ItemNow
from biobank.distribution.queries import Distributed, distribution_of
from biobank.items.identifiers import read_scan
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.web.addresses import sent_to
from biobank.web.bench_facts import bench_facts
from biobank.web.cards import card, family, identity, mixed_of, specification_of
from biobank.web.feedback import SCANNER_TEST, tell
from biobank.web.found_items import alerts_shown, found_by, holds_shown
from biobank.web.frame import zone_of
from biobank.web.look_ups import page_behind
from biobank.web.others_codes import hidden_codes
from biobank.web.permission import reads
from biobank.web.print_jobs import print_link, prints_shown, voided
from biobank.web.scan_log import logging_look_ups, scanner_sentence
from biobank.web.step_buttons import step_buttons
from biobank.web.timeline import newest_entries, proof, timeline

blueprint = Blueprint("item_pages", __name__)
MOST_INSIDE = 200
GONE = ENDS - {State.LOST, State.NEVER_RECEIVED}
"""Nothing is left in the hand, so no hold has to be cried out."""


@blueprint.post("/scan")
@logging_look_ups
@reads(Permission.SEE_WORK)
def scan(*, work: Work, by: Actor) -> Response:
    """Anything that bears a code leads to its page; every scan is kept, with the text that was seen."""
    text = request.form.get("text", "")
    url = page_behind(work, by, text)
    damage = read_scan(text).damage
    if damage is not None:
        tell("Scanner not set up", scanner_sentence(damage), tone="ask", link=SCANNER_TEST)
    return sent_to(url)


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
        holds=[] if found.state in GONE else holds_shown(work, found, by, zone),
        alerts=alerts_shown(work, found, by),
        steps=step_buttons(work, found, by),
        family=family(work, row, by),
        pooled=mixed_of(work, row, by),
        tubes=_tubes(work, row, by) if found.kind is Kind.KIT else [],
        contents=_inside(work, row, by),
        events=timeline(work, life, zone, hidden_codes(work, by, found.id, found.kind)),
        older_url=older,
        study=_study(work, found, by),
        proof=proof(work, row, life),
        labels=prints_shown(work, found, zone),
        voided=voided(work, [row], zone).get(row.id),
        print_link=print_link(found, by),
        bench=bench_facts(work, found, by, zone),
    )


def _study(work: Work, found: ItemNow, by: Actor) -> Distributed | None:
    """What its study was asked, or says became of it."""
    if found.state is not State.DISTRIBUTED or not by.may(Permission.SEE_DISTRIBUTION):
        return None
    told = distribution_of(work, found.id)
    return told if told and (told.asked_on or told.answer) else None


def _tubes(work: Work, kit: Item, by: Actor) -> list[dict[str, Any]]:
    return [
        {
            **card(work, tube, by),
            "draw_order": tube.draw_order,
            "code": tube.specification,
            "labels": specification.labels if (specification := specification_of(work, tube)) else 1,
        }
        for tube in tubes_of_kit(work, kit.id)
    ]


def _inside(work: Work, row: Item, by: Actor) -> list[dict[str, Any]]:
    question = select(Item).where(Item.container_id == row.id).order_by(Item.position, Item.id)
    found = work.session.scalars(question.limit(MOST_INSIDE))
    return [{**card(work, inside, by), "position": inside.position} for inside in found]
