"""What is out as a page: until when, for whom; a scan of the piece, then of its place, brings it back."""

from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.queries import item_of
from biobank.processing.choices import LARGEST_MICROLITRES
from biobank.retrieval.choices import LabDid
from biobank.retrieval.inputs import Back
from biobank.retrieval.queries import MOST_OUT, CheckedOut, late_out, out_now
from biobank.retrieval.returning import bring_back, out_item, use_up, where_back
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.cards import card, name_of, names_of_people, page_of, place
from biobank.web.feedback import tell, tell_of
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_look_ups, logging_refused_forms
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import choices, thousandths_typed
from biobank.web.waiting import how_many
from biobank.web.words import in_zone

blueprint = Blueprint("out_pages", __name__, url_prefix="/check-outs")
Shown = dict[str, Any]
SENT = ("item", "place", "position", "kept_cold", "taken", "lab_did")


@blueprint.get("")
@reads(Permission.SEE_STORAGE)
def check_outs(*, work: Work, by: Actor) -> str:
    return _page(work, by)


def _page(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    zone, now = zone_of(work, by), moments.now()
    out = out_now(work, by)
    people = names_of_people(work, {each.by for each in out if each.by})
    told = request.form if request.method == "POST" else request.args
    return render_template(
        "retrieval/out.html",
        out=[_row(work, each, by, zone, people, late=each.is_late(now)) for each in out],
        late=how_many(work, late_out(work, by, now)),
        more=len(out) == MOST_OUT,
        takes_scans=by.may(Permission.PICK),
        piece=_piece(work, by, told.get("item", "")) if by.may(Permission.PICK) else None,
        did=choices(LabDid),
        form={name: told[name] for name in (*SENT[1:], "confirmation") if told.get(name)},
        errors=errors_by_field(refusal),
        **refused_or_asked(refusal, *SENT),
    )


def _row(work: Work, each: CheckedOut, by: Actor, zone: str, people: dict[str, str], *, late: bool) -> Shown:
    listed = each.listed
    return {
        **card(work, each.item, by),
        "since": in_zone(each.since, zone),
        "due_at": in_zone(each.due_at, zone),
        "late": late,
        "by": people.get(each.by or "", each.by),
        "list": {"number": listed.id, "url": f"/pick-lists/{listed.id}"} if listed else None,
        "goes_to": listed.goes_to if listed else None,
    }


def _piece(work: Work, by: Actor, code: str) -> Shown | None:
    """The piece whose return is told, and where it goes; None where the address names none that is out."""
    if not code:
        return None
    try:
        item = out_item(work, by, code)
    except DomainError:
        return None
    back = where_back(work, item, by) if item.state is State.CHECKED_OUT else None
    unit = item_of(work, back.place) if back else None
    return {
        **card(work, item, by),
        "at_lab": item.state is State.SENT_OUT,
        "before": back.before if back else False,
        "path": [
            *place(work, unit, by, to_the_position=False),
            {"name": name_of(unit), "url": page_of(unit, by)},
            *([{"name": back.position, "url": None}] if back.position else []),
        ]
        if back and unit
        else [],
    }


@blueprint.post("/scan")
@shown_again(Permission.SEE_STORAGE, _page)
@logging_look_ups
@reads(Permission.PICK)
def scanned(*, work: Work, by: Actor) -> Response:
    """Nothing is recorded yet: the page says where it goes."""
    item = out_item(work, by, request.form.get("text", ""))
    return sent_to(f"/check-outs?{urlencode({'item': item.identifier})}")


@blueprint.post("/back")
@shown_again(Permission.SEE_STORAGE, _page)
@logging_refused_forms
@writes(Permission.PICK)
def back(*, work: Work, by: Actor) -> Response:
    told = _back_typed(work, by)
    done = bring_back(work, told, by=by, source=Source("scan"), at=now_told(work, by))
    log_taken(work, request.form.get("place") or told.item, done[-1], by=by)
    _tell(done)
    return sent_to("/check-outs")


def _back_typed(work: Work, by: Actor) -> Back:
    form = request.form
    place, position = form.get("place", "").strip() or None, form.get("position", "").strip() or None
    item = item_now(work, form.get("item", ""))
    if place and not position:
        position = _proposed_in(work, item, place, by)
    return Back(
        item=item.identifier,
        place=place,
        position=position,
        kept_cold=bool(form.get("kept_cold")),
        taken_microlitres=thousandths_typed(form, "taken", most=LARGEST_MICROLITRES),
        lab_did=LabDid(form["lab_did"]) if form.get("lab_did") in set(LabDid) else None,
        confirmation=confirmation_told(),
    )


def _proposed_in(work: Work, item: ItemNow, place: str, by: Actor) -> str | None:
    """Who scans the box that was proposed puts it where the page said."""
    found = where_back(work, item, by)
    return found.position if found and item_now(work, place).identifier == found.place else None


def _tell(done: Sequence[Recorded]) -> None:
    last = done[-1]
    if last.alerts:
        tell_of(last)
        return
    code = printed(last.item.identifier)
    thawed = " It was out too long: a thaw was recorded." if len(done) > 1 and not _at_lab(done) else ""
    where = f" in {last.item.position}" if last.item.position else ""
    tell("It is back", f"{code} is {last.item.state.value}{where}.{thawed}")


def _at_lab(done: Sequence[Recorded]) -> bool:
    return str(done[0].event["action"]) == Action.RETURN


@blueprint.post("/used-up")
@shown_again(Permission.SEE_STORAGE, _page)
@logging_refused_forms
@writes(Permission.PICK)
def used_up(*, work: Work, by: Actor) -> Response:
    code = request.form.get("item", "")
    done = use_up(work, code, by=by, source=Source("scan"), at=now_told(work, by))
    log_taken(work, code, done, by=by)
    tell_of(done)
    return sent_to("/check-outs")
