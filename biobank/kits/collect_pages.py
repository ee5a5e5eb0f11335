"""The page at the chair: one scan a tube, one answer a scan, the kit in draw order."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.states import Kind, State
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.collecting import collect_scanned
from biobank.printing.choosing import NotAKit
from biobank.web.collect_answers import tell_of_tube
from biobank.web.feedback import refused
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.kit_picture import picture
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again

blueprint = Blueprint("collect_pages", __name__, url_prefix="/kits/<identifier>/collect")
Shown = dict[str, Any]


@blueprint.get("")
@reads(Permission.RECORD_STEPS)
def collect(identifier: str, *, work: Work, by: Actor) -> str:
    """Also for a kit whose tubes all have their answer: it may be looked at, and corrected."""
    return _page(work, by, identifier=identifier)


def _page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    kit = kit_seen_by(work, by, identifier)
    zone = zone_of(work, by)
    tubes = picture(work, kit.id, zone, _selected(refusal))
    page = {"feedback": refused(refusal)} if refusal else {}
    return render_template(
        "kits/collect.html",
        kit=_kit(work.session.get_one(Item, kit.id), tubes),
        tubes=tubes,
        tube=next((tube for tube in tubes if tube["is_selected"]), None),
        **page,
    )


def kit_seen_by(work: Work, by: Actor, identifier: str) -> ItemNow:
    """Raises `NotAKit`, `OtherSite`."""
    found = found_by(work, by, identifier)
    if found.kind is not Kind.KIT:
        raise NotAKit(f"{printed(found.identifier)} is a {found.kind.replace('_', ' ')}; scan the kit.")
    return found


def _selected(refusal: DomainError | None) -> str | None:
    """The tube that the buttons speak of: the one that was scanned or chosen last."""
    named = refusal.extra.get("item") if refusal else request.args.get("tube")
    return str(named) if named else None


def _kit(kit: Item, tubes: list[Shown]) -> Shown:
    answered = [tube for tube in tubes if tube["state"] != State.EXPECTED.value]
    return {
        "identifier": kit.identifier,
        "printed": printed(kit.identifier),
        "url": f"/kits/{kit.identifier}/collect",
        "item_url": f"/items/{kit.identifier}",
        "site": kit.site,
        "participant": kit.participant,
        "definition": kit.specification,
        "assigned": kit.state == State.ASSIGNED.value,
        "expires_on": kit.expires_on,
        "total": len(tubes),
        "answered": len(answered),
        "following": next((tube for tube in tubes if tube["is_next"]), None),
    }


@blueprint.post("/scan")
@shown_again(Permission.RECORD_STEPS, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def scan(identifier: str, *, work: Work, by: Actor) -> Response:
    """A tube of this kit was filled: recorded at once, and told on the same page."""
    kit, text = kit_seen_by(work, by, identifier), request.form.get("text", "")
    at = moments.told(moments.now(), zone_of(work, by))
    confirmation = request.form.get("confirmation", "").strip() or None
    done = collect_scanned(work, kit, text, by=by, at=at, confirmation=confirmation)
    log_taken(work, text, done, by=by)
    tell_of_tube(work, with_scanner_alert(done, text))
    return _back(kit, done.item)


def _back(kit: ItemNow, tube: ItemNow | None = None) -> Response:
    url = f"/kits/{kit.identifier}/collect"
    return current_app.make_response(redirect(f"{url}?tube={tube.identifier}" if tube else url, 303))
