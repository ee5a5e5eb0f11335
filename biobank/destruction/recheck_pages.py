"""Pieces to check again as a page: the rest of each batch of which one was called destroyed and found."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.destruction import rechecking
from biobank.destruction.models import RecheckLine, WasteBatch
from biobank.destruction.queries import bag_of, batch_named
from biobank.destruction.records import last_place
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.web.addresses import sent_to
from biobank.web.cards import card
from biobank.web.feedback import refused, tell, tell_of
from biobank.web.field_errors import errors_of_form
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.words import Sign, in_zone

blueprint = Blueprint("recheck_pages", __name__, url_prefix="/rechecks")
SIGNS: dict[str | None, Sign] = {
    None: {"word": "To look for", "tone": "wrong"},
    rechecking.Finding.FOUND: {"word": "Found", "tone": "wrong"},
    rechecking.Finding.NOT_FOUND: {"word": "Looked for, not there", "tone": "right"},
}


@blueprint.get("")
@reads(Permission.SEE_DESTRUCTION)
def listed(*, work: Work, by: Actor) -> str:
    """Batches with a piece that nobody has looked for yet."""
    batches = [(batch, bag_of(work, batch)) for batch in rechecking.batches_to_recheck(work, by)]
    return render_template(
        "destruction/rechecks.html",
        batches=[_listed(work, batch, bag) for batch, bag in batches],
    )


def _listed(work: Work, batch: WasteBatch, bag: Item) -> dict[str, Any]:
    lines = rechecking.lines_of_recheck(work, batch)
    return {
        "printed": printed(bag.identifier),
        "url": f"/rechecks/{bag.identifier}",
        "total": len(lines),
        "left": sum(line.finding is None for line in lines),
    }


@blueprint.get("/<identifier>")
@reads(Permission.SEE_DESTRUCTION)
def of_a_batch(identifier: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, identifier=identifier)


def _page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    found_by(work, by, identifier)
    batch, bag = batch_named(work, identifier)
    zone, errors = zone_of(work, by), errors_of_form(refusal)
    lines = rechecking.lines_of_recheck(work, batch)
    return render_template(
        "destruction/recheck.html",
        printed=printed(bag.identifier),
        url=f"/rechecks/{bag.identifier}",
        batch_url=f"/waste-batches/{bag.identifier}",
        may_tell=by.may(Permission.RECORD_STEPS),
        left=sum(line.finding is None for line in lines),
        lines=[_line(work, line, by, zone) for line in lines],
        form=request.form if refusal else {},
        errors=errors,
        **({"feedback": refused(refusal)} if refusal and not errors else {}),
    )


def _line(work: Work, line: RecheckLine, by: Actor, zone: str) -> dict[str, Any]:
    item = work.session.get_one(Item, line.item_id)
    place = last_place(work, item)
    return {
        **card(work, item, by),
        "sign": SIGNS[line.finding],
        "open": line.finding is None,
        "last_place": f"{printed(place['place'])} {place['position'] or ''}".strip() if place else None,
        "checked_at": in_zone(line.checked_at, zone) if line.checked_at else None,
        "checked_by": line.checked_by,
    }


@blueprint.post("/<identifier>/found")
@shown_again(Permission.RECORD_STEPS, _page)
@writes(Permission.RECORD_STEPS)
def found(identifier: str, *, work: Work, by: Actor) -> Response:
    place = request.form.get("place", "").strip() or None
    text = request.form.get("text", "")
    tell_of(rechecking.tell_found(work, by, identifier, text, place=place))
    return sent_to(f"/rechecks/{identifier}")


@blueprint.post("/<identifier>/not-found")
@shown_again(Permission.RECORD_STEPS, _page)
@writes(Permission.RECORD_STEPS)
def not_found(identifier: str, *, work: Work, by: Actor) -> Response:
    line = rechecking.tell_not_found(work, by, identifier, request.form.get("item", ""))
    item = work.session.get_one(Item, line.item_id)
    tell("Noted", f"{printed(item.identifier)} was looked for, and is not there.")
    return sent_to(f"/rechecks/{identifier}")
