"""The page at the chair: one scan a tube, one answer a scan, the kit in draw order."""

from typing import Any

from flask import Blueprint, Response, current_app, redirect, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import Told
from biobank.custody.states import Kind, State
from biobank.custody.steps import AskedBack, ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.collecting import (
    answer_rest,
    answer_tube,
    collect_scanned,
    newest_answer,
    take_back_newest,
    tube_numbered,
)
from biobank.printing.choosing import NotAKit
from biobank.web.collect_answers import refused_here, tell_of_rest, tell_of_tube, tell_of_undo
from biobank.web.collect_buttons import answer_told, choices, reason_told, tube_buttons
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.kit_picture import picture
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.step_forms import volume_typed

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
    page = {"feedback": refused_here(refusal)} if refusal else {}
    return render_template(
        "kits/collect.html",
        kit=_kit(work.session.get_one(Item, kit.id), tubes),
        tubes=tubes,
        **_buttons(work, kit, tubes, refusal),
        **page,
    )


def _buttons(work: Work, kit: ItemNow, tubes: list[Shown], refusal: DomainError | None) -> Shown:
    """What may be said now of the tube at hand and of the kit; nothing else while a question is open."""
    tube = next((tube for tube in tubes if tube["is_selected"]), None)
    ask = request.args.get("ask", "")
    url = f"/kits/{kit.identifier}/collect"
    return {
        "tube": tube,
        "buttons": tube_buttons(url, tube) if tube else [],
        "ask": ask,
        "choices": choices(ask, tube),
        "ask_back": _asked(refusal) if isinstance(refusal, AskedBack) else None,
        "undo": newest_answer(work, kit.id),
    }


def _asked(refusal: AskedBack) -> Shown:
    """The form that was asked back about, to be sent again with a reason."""
    told = {name: request.form[name] for name in TOLD if name in request.form}
    return {"url": request.path, "told": told, "reason_code": refusal.extra.get("reason_code")}


TOLD = ("text", "tube", "answer", "volume", "reason")
"""Fields of the forms of this page that a confirmation sends once more."""


def kit_seen_by(work: Work, by: Actor, identifier: str) -> ItemNow:
    """Raises `NotAKit`, `OtherSite`."""
    found = found_by(work, by, identifier)
    if found.kind is not Kind.KIT:
        raise NotAKit(f"{printed(found.identifier)} is a {found.kind.replace('_', ' ')}; scan the kit.")
    return found


def _selected(refusal: DomainError | None) -> str | None:
    """The tube that the buttons speak of: the one that was scanned or chosen last."""
    named = refusal.extra.get("item") if refusal else request.args.get("tube")
    named = named or request.form.get("tube")
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
    numbered = tube_numbered(work, kit.id, text)
    if numbered is not None:
        return _back(kit, numbered)
    done = collect_scanned(work, kit, text, by=by, at=_now(work, by), confirmation=_confirmation())
    log_taken(work, text, done, by=by)
    tell_of_tube(work, with_scanner_alert(done, text))
    return _back(kit, done.item)


@blueprint.post("/answer")
@shown_again(Permission.RECORD_STEPS, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def answer(identifier: str, *, work: Work, by: Actor) -> Response:
    """By hand: how full a tube is, why it was not collected, that it broke."""
    kit = kit_seen_by(work, by, identifier)
    told = answer_told(request.form.get("answer", ""), volume_typed(request.form))
    done = answer_tube(
        work, kit, request.form.get("tube", ""), told, by=by, at=_now(work, by), confirmation=_confirmation()
    )
    tell_of_tube(work, done)
    return _back(kit, done.item)


@blueprint.post("/rest")
@shown_again(Permission.RECORD_STEPS, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def rest(identifier: str, *, work: Work, by: Actor) -> Response:
    """The participant fainted: everything that has no answer is not collected, for that reason."""
    kit = kit_seen_by(work, by, identifier)
    done = answer_rest(work, kit, reason_told(request.form.get("answer", "")), by=by, at=_now(work, by))
    tell_of_rest(done)
    return _back(kit)


@blueprint.post("/undo")
@shown_again(Permission.RECORD_STEPS, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def undo(identifier: str, *, work: Work, by: Actor) -> Response:
    """Exactly what this page showed as the last answer, so that an older page undoes nothing else."""
    kit = kit_seen_by(work, by, identifier)
    done = take_back_newest(work, kit, _offered(), by=by, at=_now(work, by))
    tell_of_undo(work, done)
    return _back(kit, done[0].item if len(done) == 1 else None)


def _offered() -> list[tuple[str, int]]:
    pairs = (text.partition(":") for text in request.form.getlist("undo"))
    return [(tube, int(number)) for tube, _, number in pairs if number.isdecimal() and len(number) < LONGEST]


LONGEST = 9


def _now(work: Work, by: Actor) -> Told:
    return moments.told(moments.now(), zone_of(work, by))


def _confirmation() -> str | None:
    return request.form.get("confirmation", "").strip() or None


def _back(kit: ItemNow, tube: Item | ItemNow | None = None) -> Response:
    url = f"/kits/{kit.identifier}/collect"
    return current_app.make_response(redirect(f"{url}?tube={tube.identifier}" if tube else url, 303))
