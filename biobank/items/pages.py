"""The scan box that takes anything, and an item's page with its whole life."""

import re
from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request
from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.states import ENDS, Kind, State
from biobank.custody.steps import ItemNow
from biobank.destruction.models import Certificate, DestructionOrder
from biobank.destruction.queries import order_named
from biobank.items.identifiers import Letter, read_identifier, read_scan
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.participants.queries import participant_seen_by
from biobank.printing.queries import prints_of
from biobank.web.cards import card, family, identity, names_of_people, page_of, specification_of
from biobank.web.found_items import alerts_shown, found_by, holds_shown
from biobank.web.frame import zone_of
from biobank.web.permission import reads
from biobank.web.scan_log import logging_look_ups
from biobank.web.step_buttons import step_buttons
from biobank.web.timeline import newest_entries, proof, timeline
from biobank.web.words import in_zone, spoken

blueprint = Blueprint("item_pages", __name__)
MOST_INSIDE = 200
GONE = ENDS - {State.LOST, State.NEVER_RECEIVED}
"""Nothing is left in the hand, so no hold has to be cried out."""
MOST_PRINTS = 20


@blueprint.post("/scan")
@logging_look_ups
@reads(Permission.SEE_WORK)
def scan(*, work: Work, by: Actor) -> Response:
    """Anything that bears a code leads to its page; every scan is kept, with the text that was seen."""
    url = _leads_to(work, by, request.form.get("text", ""))
    return current_app.make_response(redirect(url, 303))


def _leads_to(work: Work, by: Actor, text: str) -> str:
    reading = read_scan(text)
    code = reading.code or read_identifier(text)  # which says that nothing was scanned
    if by.may(Permission.SEE_PARTICIPANTS) and re.fullmatch(work.settings.participant_code_pattern, code):
        return f"/participants/{participant_seen_by(work, by, code).code}"
    if reading.is_ours and code[0] in (Letter.ORDER, Letter.CERTIFICATE):
        return f"/destruction-orders/{_order_behind(work, read_identifier(code)).identifier}"
    return page_of(found_by(work, by, text), by)


def _order_behind(work: Work, identifier: str) -> DestructionOrder:
    """The order of that code, or of the certificate of that code. Raises `OrderUnknown`."""
    certificate = work.session.scalar(select(Certificate).where(Certificate.identifier == identifier))
    if certificate is not None:
        return work.session.get_one(DestructionOrder, certificate.order_id)
    return order_named(work, identifier)


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
        holds=[] if found.state in GONE else holds_shown(work, found, zone),
        alerts=alerts_shown(work, found, by),
        steps=step_buttons(work, found, by),
        family=family(work, row, by),
        tubes=_tubes(work, row, by) if found.kind is Kind.KIT else [],
        contents=_inside(work, row, by),
        events=timeline(work, life, zone),
        older_url=older,
        proof=proof(work, row, life),
        labels=_labels(work, found, zone),
        downloads=_downloads(found, by),
    )


def _labels(work: Work, found: ItemNow, zone: str) -> list[dict[str, Any]]:
    """The newest prints of its labels."""
    prints = prints_of(work, found.id)[-MOST_PRINTS:]
    people = names_of_people(work, {job.printed_by for job, _ in prints})
    return [
        {
            "template": spoken(label.template),
            "copy_number": label.copy,
            "printed_at": in_zone(job.printed_at, zone),
            "printed_by": people.get(job.printed_by, job.printed_by),
            "voided": None,
            "url": None,
        }
        for job, label in reversed(prints)
    ]


def _downloads(found: ItemNow, by: Actor) -> list[dict[str, str]]:
    """Labels to print; each document that is made is logged as a print."""
    if found.kind is not Kind.KIT or not by.may(Permission.PRINT_LABELS):
        return []
    url = f"/api/v1/kits/{found.identifier}/labels"
    return [
        {"label": "Labels of the kit as PDF sheets", "url": f"{url}.pdf"},
        {"label": "Labels of the kit for a label printer (ZPL)", "url": f"{url}.zpl"},
    ]


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
