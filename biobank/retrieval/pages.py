"""Pick lists as pages: which there are, making one, and the walk on which each piece is scanned."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.steps import Source
from biobank.distribution.queries import request_called
from biobank.items.choices import ScanOutcome
from biobank.items.identifiers import printed
from biobank.items.inputs import SeenScan
from biobank.items.operations import log_scan
from biobank.retrieval import operations
from biobank.retrieval.choices import CancelledBecause, LineState, ListStanding, PickPurpose
from biobank.retrieval.documents import walk_pdf
from biobank.retrieval.handing_on import HandedOn, hand_over_picked, send_out_picked
from biobank.retrieval.models import PickList
from biobank.retrieval.operations import Picking
from biobank.retrieval.queries import counts_of, list_numbered, list_seen_by, lists_seen_by, standing_of
from biobank.web.addresses import sent_to
from biobank.web.downloads import download
from biobank.web.feedback import refused, tell, tell_of
from biobank.web.frame import zone_of
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.pick_forms import PURPOSES, form_shown, list_typed
from biobank.web.pick_lists import shown_list
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.typed_fields import choices, chosen
from biobank.web.words import in_zone

blueprint = Blueprint("pick_pages", __name__, url_prefix="/pick-lists")
Shown = dict[str, Any]
STANDINGS: Mapping[ListStanding, Shown] = {
    ListStanding.TO_PICK: {"word": "To pick", "tone": "wait"},
    ListStanding.OUT: {"word": "Picked, still out", "tone": "late"},
    ListStanding.DONE: {"word": "Done", "tone": "right"},
    ListStanding.CANCELLED: {"word": "Cancelled", "tone": "plain"},
}
FOR: Mapping[PickPurpose, str] = {**PURPOSES, PickPurpose.STUDY: "For a study"}


@blueprint.get("")
@reads(Permission.SEE_STORAGE)
def listed(*, work: Work, by: Actor) -> str:
    """Newest first, a page at a time."""
    cursor = request.args.get("cursor")
    found = page(work, lists_seen_by(by), [PickList.id], cursor=cursor, newest_first=True)
    counts, zone = counts_of(work, [each.id for each in found.rows]), zone_of(work, by)
    return render_template(
        "retrieval/lists.html",
        lists=[_row(each, counts.get(each.id, {}), zone) for each in found.rows],
        next_url=found.next_url("/pick-lists"),
        may_make=by.may(Permission.PICK),
    )


def _row(each: PickList, counts: Mapping[str, int], zone: str) -> Shown:
    return {
        "number": each.id,
        "url": f"/pick-lists/{each.id}",
        "state": STANDINGS[standing_of(each, counts)],
        "purpose": FOR[PickPurpose(each.purpose)],
        "goes_to": each.goes_to,
        "to_pick": counts.get("to_pick", 0),
        "pieces": sum(counts.values()),
        "off": counts.get(LineState.NOT_THERE, 0) + counts.get(LineState.REMOVED, 0),
        "made_at": in_zone(each.made_at, zone),
    }


@blueprint.get("/new")
@reads(Permission.PICK)
def new(*, work: Work, by: Actor) -> str:
    return _form(work, by)


def _form(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    sent = request.form if request.method == "POST" else request.args
    asked = sent.get("request", "").strip()
    study = request_called(work, asked) if asked else None
    return render_template("retrieval/new.html", **form_shown(work, by, study, refusal))


@blueprint.post("")
@shown_again(Permission.PICK, _form)
@writes(Permission.PICK)
def made(*, work: Work, by: Actor) -> Response:
    asked = request.form.get("request", "").strip()
    study = request_called(work, asked) if asked else None
    made = operations.make_list(work, list_typed(request.form, study, by), by=by)
    found = sum(counts_of(work, [made.id]).get(made.id, {}).values())
    short = made.wanted - found
    if short:
        tell("Fewer than asked for", f"Pieces to pick: {found}. Lacking: {short}.", tone="ask")
    else:
        tell("List made", f"Pieces to pick: {found}.")
    return sent_to(f"/pick-lists/{made.id}")


@blueprint.get("/<int:number>")
@reads(Permission.SEE_STORAGE)
def show(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    found = list_seen_by(work, by, number)
    shown = {"feedback": refused(refusal)} if refusal else {}
    counts = counts_of(work, [number]).get(number, {})
    row = _row(found, counts, zone_of(work, by))
    return render_template(
        "retrieval/list.html",
        reasons=choices(CancelledBecause),
        **shown_list(work, found, by, row, request.values.get("stop")),
        **shown,
    )


@blueprint.get("/<int:number>/walk.pdf")
@reads(Permission.SEE_STORAGE)
def walk(number: int, *, work: Work, by: Actor) -> Response:
    content = walk_pdf(work, list_seen_by(work, by, number))
    return download(content, "application/pdf", f"pick-list-{number}.pdf")


@blueprint.post("/<int:number>/scan")
@shown_again(Permission.SEE_STORAGE, _page)
@logging_refused_forms
@writes(Permission.PICK)
def picked(number: int, *, work: Work, by: Actor) -> Response:
    """One scan is one piece in hand."""
    text, at = request.form.get("text", ""), now_told(work, by)
    told = operations.pick(work, number, text, by=by, source=Source("scan"), at=at)
    _log(work, text, told, by)
    _tell(work, number, told, text)
    return sent_to(_on_the_walk(work, number, told.lay_in))


def _on_the_walk(work: Work, number: int, box: int | None) -> str:
    """The page goes on at the box from which somebody took a piece, wherever that is on the walk."""
    code = item_by_id(work, box).identifier if box else ""
    return f"/pick-lists/{number}?{urlencode({'stop': code})}" if code else f"/pick-lists/{number}"


def _log(work: Work, text: str, told: Picking, by: Actor) -> None:
    if told.done is not None:
        log_taken(work, text, told.done, by=by)
    else:
        log_scan(work, SeenScan(text, ScanOutcome.REFUSED, "check_out", told.item.id, told.refusal), by=by)


def _tell(work: Work, number: int, told: Picking, text: str) -> None:
    if told.done is None:
        tell("Stop: do not pick it", told.refusal or "", tone="wrong")
        return
    done = with_scanner_alert(told.done, text)
    if done.alerts:
        tell_of(done)
        return
    left = counts_of(work, [number])[number].get("to_pick", 0)
    then = f"{left} to go." if left else "That was the last one."
    tell("Picked", f"{printed(told.item.identifier)} is checked out. {then}")


@blueprint.post("/<int:number>/not-there")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.PICK)
def not_there(number: int, *, work: Work, by: Actor) -> Response:
    code = request.form.get("item", "")
    lay_in = item_now(work, code).container_id
    done = operations.report_not_there(work, number, code, by=by, source=Source("keyed"))
    sentence = f"A case looks for {printed(done.item.identifier)}. Another may be taken for it below."
    tell("Not there", sentence, tone="ask")
    return sent_to(_on_the_walk(work, number, lay_in))


@blueprint.post("/<int:number>/instead")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.PICK)
def instead(number: int, *, work: Work, by: Actor) -> Response:
    form = request.form
    item = operations.take_instead(work, number, form.get("item", ""), form.get("instead") or None, by=by)
    tell("On the list", f"{printed(item.identifier)} is picked instead.")
    return sent_to(f"/pick-lists/{number}")


@blueprint.post("/<int:number>/gone")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.PICK)
def gone(number: int, *, work: Work, by: Actor) -> Response:
    operations.take_off_gone(work, number, by=by)
    tell("Taken off", "What may not be picked any more is on the list no more.")
    return sent_to(f"/pick-lists/{number}")


@blueprint.post("/<int:number>/cancellation")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.PICK)
def cancelled(number: int, *, work: Work, by: Actor) -> Response:
    because = chosen(request.form, "because", CancelledBecause, "Say why it is cancelled.")
    operations.cancel_list(work, number, because, by=by)
    tell("Cancelled", "What is not picked stays where it is. Bring back what is out.")
    return sent_to(f"/pick-lists/{number}")


@blueprint.post("/<int:number>/hand-over")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.DISTRIBUTE)
def handed_over(number: int, *, work: Work, by: Actor) -> Response:
    """What was picked goes to the study; its distribution is looked through and closed there."""
    at = now_told(work, by)
    handed = hand_over_picked(work, number, by=by, source=Source("keyed"), at=at)
    _tell_handed(handed, f"For good to {list_numbered(work, number).goes_to}: {len(handed.went)}.")
    return sent_to(f"/distributions/{handed.distribution}")


@blueprint.post("/<int:number>/send-out")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.PICK)
def sent_out(number: int, *, work: Work, by: Actor) -> Response:
    at = now_told(work, by)
    handed = send_out_picked(work, number, by=by, source=Source("keyed"), at=at)
    _tell_handed(handed, f"To {list_numbered(work, number).goes_to}, still ours: {len(handed.went)}.")
    return sent_to(f"/pick-lists/{number}")


def _tell_handed(handed: HandedOn, went: str) -> None:
    if not handed.stayed:
        tell("Handed on", went)
        return
    tell(
        "Handed on. Look again", f"{went} Still here: {len(handed.stayed)}. {handed.stayed[0][1]}", tone="ask"
    )
