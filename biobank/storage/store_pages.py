"""The storing station: scan what is in the hand, see its position lit, scan the box; then the next one."""

from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request
from sqlalchemy import func, select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.checks import is_specimen
from biobank.custody.queries import item_now
from biobank.custody.states import SPECIMENS, State
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.positions import is_written_as_a_position, normalise_position
from biobank.storage.checks import NoSuchPosition, celsius
from biobank.storage.needs import is_to_be_spun_first
from biobank.storage.proposals import Proposal
from biobank.storage.queries import Unit, is_storage, map_of, unit_named
from biobank.storage.reserved import kept_from, standing_at
from biobank.storage.storing import NothingInHand, put, refuse_full, where_to
from biobank.storage.surroundings import surroundings_of
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.box_maps import JUST_STORED, box_map
from biobank.web.cards import card, identity, place
from biobank.web.feedback import LOUDEST, QUIET, tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by, holds_shown
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.words import in_zone

blueprint = Blueprint("store_pages", __name__, url_prefix="/storage/store")
Shown = dict[str, Any]
SENT = ("text", "item", "box", "position")
MOST_WAITING = 12


@blueprint.get("")
@reads(Permission.SEE_STORAGE)
def store(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    """With `item` in the hand, `box` and `position` as they were chosen, or `stored` a moment ago."""
    told = request.form if request.method == "POST" else request.args
    item = found_by(work, by, told["item"]) if told.get("item") else None
    proposal = _shown_place(work, by, item, told.get("box"), told.get("position")) if item else None
    stored = found_by(work, by, told["stored"]) if told.get("stored") and not item else None
    return render_template(
        "storage/store.html",
        item=_in_hand(work, item, by) if item else None,
        holds=holds_shown(work, item, by, zone_of(work, by)) if item and is_specimen(item) else [],
        proposal=_proposal(work, item, proposal, by) if item and proposal else None,
        spin_url=_spin_url(work, item, by) if item else None,
        last=_last(work, stored, by) if stored else None,
        waiting=_waiting(work, by),
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal, *SENT),
    )


def _in_hand(work: Work, item: ItemNow, by: Actor) -> Shown:
    row = work.session.get_one(Item, item.id)
    return identity(work, row, by, zone_of(work, by)) | {"is_place": is_storage(item)}


def _spin_url(work: Work, item: ItemNow, by: Actor) -> str | None:
    """Where a tube is scanned into the centrifuge that is not kept before it was in one."""
    if not is_to_be_spun_first(work, item) or not by.may(Permission.RUN_CENTRIFUGE):
        return None
    return f"/centrifuge/runs?{urlencode({'tube': item.identifier})}"


def _shown_place(
    work: Work, by: Actor, item: ItemNow, box: str | None, position: str | None
) -> Proposal | None:
    """What was chosen, else what is proposed."""
    unit = unit_named(work, found_by(work, by, box).identifier) if box else None
    proposal = where_to(work, item, by, unit)
    chosen = normalise_position(position)
    if proposal and chosen and chosen in (proposal.unit.fittings.grid or ()):
        return Proposal(proposal.unit, chosen)
    return Proposal(unit, None) if unit and proposal is None else proposal


def _proposal(work: Work, item: ItemNow, proposal: Proposal, by: Actor) -> Shown:
    unit = proposal.unit
    identifier = unit.item.identifier
    here = surroundings_of(work, unit.item.id).temperature_celsius
    kept = standing_at(work, unit.item.id, moments.now())
    return {
        "identifier": identifier,
        "printed": printed(identifier),
        "name": unit.name,
        "position": proposal.position,
        "place": place(work, unit.item, by),
        "temperature": celsius(here) if here is not None else None,
        "grid": box_map(
            work,
            map_of(work, identifier),
            by,
            lit=proposal.position,
            kept=kept_from(work, item, by.person, kept),
            choose=lambda position: _url(item.identifier, identifier, position),
        ),
    }


def _url(item: str, box: str | None = None, position: str | None = None) -> str:
    asked = {"item": item, "box": box, "position": position}
    return f"/storage/store?{urlencode({name: text for name, text in asked.items() if text})}"


def _last(work: Work, stored: ItemNow, by: Actor) -> Shown | None:
    """The box into which something was put a moment ago, as it is now."""
    row = work.session.get_one(Item, stored.id)
    outer = work.session.get(Item, row.container_id) if row.container_id else None
    if outer is None:
        return None
    shown = map_of(work, outer.identifier)
    return {
        "name": shown.unit.name,
        "url": f"/storage/units/{outer.identifier}",
        "undo_url": f"/items/{row.identifier}/steps/correct" if is_specimen(stored) else None,
        "grid": box_map(work, shown, by, marked={row.id: JUST_STORED}),
    }


def _waiting(work: Work, by: Actor) -> Shown:
    """What was received and lies in nothing yet, the oldest first."""
    question = select(Item).where(
        Item.state == State.RECEIVED.value,
        Item.kind.in_(sorted(kind.value for kind in SPECIMENS)),
        Item.container_id.is_(None),
    )
    if by.sites is not None:
        question = question.where(Item.custodian.in_([f"site:{site}" for site in by.sites]))
    since = func.coalesce(Item.occurred_at, Item.recorded_at)
    found = list(work.session.scalars(question.order_by(since, Item.id).limit(MOST_WAITING + 1)))
    zone = zone_of(work, by)
    return {
        "items": [_waiting_item(work, item, by, zone) for item in found[:MOST_WAITING]],
        "more": len(found) > MOST_WAITING,
    }


def _waiting_item(work: Work, item: Item, by: Actor, zone: str) -> Shown:
    since: datetime = item.occurred_at or item.recorded_at
    return {
        "printed": printed(item.identifier),
        "url": _url(item.identifier),
        "label": card(work, item, by)["label"],
        "since": in_zone(since, zone),
    }


@blueprint.post("/scan")
@shown_again(Permission.SEE_STORAGE, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def scan(*, work: Work, by: Actor) -> Response:
    """What is in the hand, where it goes, or with nothing scanned: the lit position is taken."""
    text = request.form.get("text", "").strip()
    item = found_by(work, by, request.form["item"]) if request.form.get("item") else None
    if item is None:
        return _taken_up(work, by, text)
    shown = _shown_place(work, by, item, request.form.get("box"), request.form.get("position"))
    if not text:
        return _stored_as_shown(work, by, item, shown)
    spot = _position_typed(shown.unit, text) if shown else None
    if shown and spot:
        return _stored(work, by, item, shown.unit, spot)
    return _scanned_over(work, by, item, shown, text)


def _position_typed(unit: Unit, text: str) -> str | None:
    """None for what is a code. Raises `NoSuchPosition`."""
    spot, grid = normalise_position(text), unit.fittings.grid
    if grid is not None and spot in grid:
        return spot
    if not is_written_as_a_position(text):
        return None
    if grid is None:
        raise NoSuchPosition(f"{unit.name} has no positions here; scan it instead.", field="text")
    raise NoSuchPosition(
        f"{unit.name} has no position {spot}; type another ({grid.span}) or scan the place.", field="text"
    )


def _taken_up(work: Work, by: Actor, text: str) -> Response:
    """Raises `NothingInHand`, and what a look-up raises."""
    if not text:
        raise NothingInHand("Scan the tube, box or rack that you have in your hand.", field="text")
    found = found_by(work, by, text)
    if not is_specimen(found) and not is_storage(found):
        raise NothingInHand(
            f"{printed(found.identifier)} is a {found.kind}; scan a tube, a box or a rack.", field="text"
        )
    return sent_to(_url(found.identifier))


def _scanned_over(work: Work, by: Actor, item: ItemNow, shown: Proposal | None, text: str) -> Response:
    """Another place, or another tube: what was in the hand before stays where the log has it."""
    found = found_by(work, by, text)
    if is_specimen(found) and found.id != item.id:
        tell(
            "Another one",
            f"{printed(item.identifier)} was not stored; scan it again when it is its turn.",
            tone="ask",
        )
        return sent_to(_url(found.identifier))
    if not is_storage(found) or found.id == item.id:
        return sent_to(_url(item.identifier))
    unit = unit_named(work, found.identifier)
    if shown and shown.unit.item.id == found.id:
        return _stored(work, by, item, unit, shown.position)
    return _another_place(work, by, item, unit)


def _another_place(work: Work, by: Actor, item: ItemNow, unit: Unit) -> Response:
    """A place without positions takes it at once; of another its next position is shown first."""
    next_one = where_to(work, item, by, unit)
    if next_one is None:
        refuse_full(unit)
    elif next_one.position is None:
        return _stored(work, by, item, unit, None)
    else:
        sentence = (
            f"Put it into {next_one.position} of {unit.name}, then scan {unit.name} again or press Enter."
        )
        tell("Another place", sentence, tone="ask")
    return sent_to(_url(item.identifier, unit.item.identifier))


def _stored_as_shown(work: Work, by: Actor, item: ItemNow, shown: Proposal | None) -> Response:
    """Raises `NothingInHand` when no place is shown."""
    if shown is None:
        raise NothingInHand("No place is proposed; scan the one it goes into.", field="text")
    return _stored(work, by, item, shown.unit, shown.position)


def _stored(work: Work, by: Actor, item: ItemNow, unit: Unit, position: str | None) -> Response:
    text = request.form.get("text", "").strip() or unit.item.identifier
    done = put(
        work,
        item,
        unit.item.identifier,
        position,
        by=by,
        at=now_told(work, by),
        confirmation=confirmation_told(),
    )
    log_taken(work, item.identifier, done, by=by, item=item_now(work, item.identifier))
    _tell(with_scanner_alert(done, text), unit, position)
    return sent_to(f"/storage/store?{urlencode({'stored': item.identifier})}")


def _tell(done: Any, unit: Unit, position: str | None) -> None:
    """Where it is now; whatever else has to be heard is said first."""
    stops = [alert for alert in done.alerts if alert.kind not in QUIET]
    if done.repeated or any(alert.kind in LOUDEST for alert in stops):
        tell_of(done)
        return
    where = f"{printed(done.item.identifier)} is in {unit.name}"
    sentence = f"{where}, {position}." if position else f"{where}."
    doubtful = all(alert.kind == "flag" for alert in stops)
    word = "Stored" if not stops else "Stored. Look again" if doubtful else "Stored. Stop"
    tone = "right" if not stops else "ask" if doubtful else "wrong"
    tell(word, " ".join([sentence, *(alert.text for alert in stops)]), tone=tone)
