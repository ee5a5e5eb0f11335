"""Waste batches as pages: scan into the bag, count it, performer and witness sign."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custodians.choices import CustodianKind
from biobank.custodians.queries import custodians
from biobank.custody.operations import record
from biobank.custody.queries import item_now, newest_events
from biobank.custody.states import Action, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.destruction import queries
from biobank.destruction.batches import count_batch, open_waste_batch, sign_batch, undo_count
from biobank.destruction.choices import CYCLE_OF, HANDED_OVER, MEANINGS, BatchState, Method, SigningRole
from biobank.destruction.inputs import Count, Credentials
from biobank.destruction.models import DestructionLine, DestructionOrder, WasteBatch
from biobank.destruction.outside import is_handed_over
from biobank.destruction.queries import lines_of_item
from biobank.destruction.records import batch_record
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.sites.queries import sites
from biobank.web.addresses import sent_to
from biobank.web.cards import card
from biobank.web.feedback import refused, tell, tell_of
from biobank.web.field_errors import errors_of_form
from biobank.web.found_items import found_by
from biobank.web.frame import zone_of
from biobank.web.permission import reads, writes
from biobank.web.print_jobs import print_link
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told, time_told
from biobank.web.typed_fields import FieldRefused, chosen
from biobank.web.words import as_told, in_zone, spoken

blueprint = Blueprint("batch_pages", __name__)
Told = dict[str, Any]
METHODS = [
    {"value": method.value, "label": spoken(method.value).capitalize(), "note": CYCLE_OF[method]}
    for method in Method
]
SIGNS = {"performed": SigningRole.PERFORMER, "witnessed": SigningRole.WITNESS}


@blueprint.get("/waste-batches")
@reads(Permission.SEE_DESTRUCTION)
def batches(*, work: Work, by: Actor) -> str:
    """Bags with something left to do, at the reader's sites."""
    found = [(batch, queries.bag_of(work, batch)) for batch in queries.batches_unfinished(work)]
    return render_template(
        "destruction/waste_batches.html",
        batches=[_listed(work, batch, bag) for batch, bag in found if by.works_at(bag.site or "")],
        sites=[
            {"value": site.code, "label": site.name, "note": None}
            for site in sites(work)
            if by.works_at(site.code) and by.may(Permission.PREPARE_DESTRUCTION)
        ],
    )


def _listed(work: Work, batch: WasteBatch, bag: Item) -> Told:
    return {
        "printed": printed(bag.identifier),
        "url": f"/waste-batches/{bag.identifier}",
        "pieces": len(queries.pieces_of(work, batch)),
        "state": {"word": NEXT_STEP[_stage(batch)], "tone": "wait"},
        "site": bag.site,
    }


NEXT_STEP = {
    "fill": "scan into it, then count",
    "perform": "performer signs",
    "witness": "witness signs",
    "handed_over": "its manifest returns",
    "done": "destroyed",
}


@blueprint.post("/waste-batches")
@writes(Permission.PREPARE_DESTRUCTION)
def open_batch(*, work: Work, by: Actor) -> Response:
    _, bag = open_waste_batch(work, by, site=request.form.get("site", ""))
    tell("Bag opened", f"Put the label {printed(bag.identifier)} on the bag, then scan each piece into it.")
    return sent_to(f"/waste-batches/{bag.identifier}")


@blueprint.get("/waste-batches/<identifier>")
@reads(Permission.SEE_DESTRUCTION)
def batch(identifier: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, identifier=identifier)


def _page(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    found_by(work, by, identifier)
    found, bag = queries.batch_named(work, identifier)
    pieces = sorted(queries.pieces_of(work, found), key=lambda piece: piece.recorded_at, reverse=True)
    counted = found.state != BatchState.FILLING
    scanning = request.path.endswith("/scan")
    page: Told = {"feedback": refused(refusal)} if refusal and scanning else {}
    return render_template(
        "destruction/waste_batch.html",
        batch={
            "printed": printed(bag.identifier),
            "url": f"/waste-batches/{bag.identifier}",
            "stage": _stage(found),
            "sha256": batch_record(work, found)[1] if counted else None,
            **_way(found),
        },
        meaning=_meaning(found),
        print_link=print_link(bag, by),
        lines=[_piece(work, found, piece, by) for piece in pieces],
        methods=METHODS,
        contractors=_contractors(work),
        manifest_url=_manifest_url(bag, found, by),
        signatures=_signatures(work, found, zone_of(work, by)),
        zone=zone_of(work, by),
        form=request.form if refusal and not scanning else {},
        errors={} if scanning else errors_of_form(refusal, {"at": "occurred_at"}),
        **page,
    )


def _meaning(found: WasteBatch) -> str | None:
    """Of the signature that comes next."""
    role = {"perform": SigningRole.PERFORMER, "witness": SigningRole.WITNESS}.get(_stage(found))
    return (HANDED_OVER if found.contractor else MEANINGS)[role] if role else None


def _contractors(work: Work) -> list[Told]:
    """Who may take a container to incinerate it."""
    return [
        {"value": each.code, "label": f"{each.code}, {each.organisation}", "note": None}
        for each in custodians(work, in_use=True)
        if each.kind == CustodianKind.WASTE_CONTRACTOR
    ]


def _manifest_url(bag: Item, found: WasteBatch, by: Actor) -> str | None:
    """Where the manifest is entered that a contractor returned."""
    if not is_handed_over(found) or not by.may(Permission.KEEP_CUSTODIANS):
        return None
    return f"/attestations/new?batch={bag.identifier}"


def _stage(found: WasteBatch) -> str:
    if found.state == BatchState.FILLING:
        return "fill"
    if found.state == BatchState.DESTROYED:
        return "done"
    if is_handed_over(found):
        return "handed_over"
    return "perform" if found.performer_signature is None else "witness"


def _way(found: WasteBatch) -> Told:
    at = found.destroyed_at or found.handed_over_at
    return {
        "contractor": found.contractor,
        "manifest": found.manifest,
        "pieces": found.pieces_counted,
        "method": found.method and spoken(found.method).capitalize(),
        "cycle": found.cycle,
        "place": found.place,
        "at": as_told(at, found.offset_minutes or 0) if at else None,
    }


def _piece(work: Work, found: WasteBatch, piece: Item, by: Actor) -> Told:
    lines = [line for line in lines_of_item(work, piece.id) if line.batch_id == found.id]
    return {**card(work, piece, by), "order": _order_of(work, lines[0])}


def _order_of(work: Work, line: DestructionLine) -> Told:
    order = work.session.get_one(DestructionOrder, line.order_id)
    return {"printed": printed(order.identifier), "url": f"/destruction-orders/{order.identifier}"}


def _signatures(work: Work, found: WasteBatch, zone: str) -> list[Told]:
    both = (("Performer", found.performer_signature), ("Witness", found.witness_signature))
    signed = [(role, queries.signature_numbered(work, number)) for role, number in both]
    return [
        {
            "role": role,
            "name": signature.printed_name,
            "meaning": signature.meaning,
            "at": in_zone(signature.signed_at, zone),
        }
        for role, signature in signed
        if signature is not None
    ]


@blueprint.post("/waste-batches/<identifier>/scan")
@shown_again(Permission.SEE_DESTRUCTION, _page)
@logging_refused_forms
@writes(Permission.PREPARE_DESTRUCTION)
def scan_into(identifier: str, *, work: Work, by: Actor) -> Response:
    bag = found_by(work, by, identifier)
    text = request.form.get("text", "")
    done = _put_in(work, by, bag, text)
    log_taken(work, text, done, by=by)
    found, _ = queries.batch_named(work, identifier)
    heard = with_scanner_alert(done, text)
    if done.repeated:
        tell("In this bag already", f"{printed(done.item.identifier)}: nothing to do.")
    elif heard is not done:
        tell_of(heard)
    else:
        count = len(queries.pieces_of(work, found))
        tell(f"In the bag: {count}", f"{printed(done.item.identifier)} is in bag {printed(bag.identifier)}.")
    return sent_to(f"/waste-batches/{bag.identifier}")


def _put_in(work: Work, by: Actor, bag: ItemNow, text: str) -> Recorded:
    """What lies in the bag already was put in once."""
    piece = item_now(work, text)
    if piece.container_id == bag.id and piece.state is State.IN_WASTE:
        return Recorded(newest_events(work, piece.identifier, 1)[0], piece, repeated=True)
    return record(
        work,
        text,
        Action.PUT_IN_WASTE,
        by=by,
        source=Source("scan"),
        at=now_told(work, by),
        place=bag.identifier,
    )


@blueprint.post("/waste-batches/<identifier>/count")
@shown_again(Permission.SEE_DESTRUCTION, _page)
@writes(Permission.PREPARE_DESTRUCTION)
def count(identifier: str, *, work: Work, by: Actor) -> Response:
    bag = found_by(work, by, identifier)
    count_batch(work, by, bag.identifier, _counted(request.form, zone_of(work, by)))
    tell("Counted", "The performer signs first, then the witness, each with their own credentials.")
    return sent_to(f"/waste-batches/{bag.identifier}")


def _counted(form: Any, zone: str) -> Count:
    """Raises `FieldRefused`, `NotAMoment`."""
    pieces = form.get("pieces", "").strip()
    if not pieces.isdecimal() or len(pieces) > MOST_DIGITS:
        raise FieldRefused("Count the pieces by hand and type their number.", field="pieces")
    return Count(
        pieces=int(pieces),
        method=chosen(form, "method", Method, "Choose how the bag is destroyed."),
        cycle=form.get("cycle", ""),
        place=form.get("place", ""),
        contractor=form.get("contractor", "").strip() or None,
        manifest=form.get("manifest", "").strip() or None,
        at=time_told(form, zone) or moments.told(moments.now(), zone),
    )


MOST_DIGITS = 6


@blueprint.post("/waste-batches/<identifier>/recount")
@shown_again(Permission.SEE_DESTRUCTION, _page)
@writes(Permission.PREPARE_DESTRUCTION)
def recount(identifier: str, *, work: Work, by: Actor) -> Response:
    bag = found_by(work, by, identifier)
    undo_count(work, by, bag.identifier)
    tell("Open again", "Count the pieces once more; who signed for the old count signs again.", tone="ask")
    return sent_to(f"/waste-batches/{bag.identifier}")


@blueprint.post("/waste-batches/<identifier>/signatures")
@shown_again(Permission.SEE_DESTRUCTION, _page)
@writes(Permission.SEE_DESTRUCTION)
def sign(identifier: str, *, work: Work, by: Actor) -> Response:
    """In whoever's session; who signs proves who they are, and their own permission counts."""
    role = SIGNS.get(request.form.get("meaning", ""), SigningRole.PERFORMER)
    credentials = Credentials(request.form.get("signer", ""), request.form.get("password", ""))
    bag = found_by(work, by, identifier)
    signature = sign_batch(work, by, bag.identifier, role, credentials, request.form.get("sha256", ""))
    found, _ = queries.batch_named(work, bag.identifier)
    if found.state == BatchState.DESTROYED:
        tell("Destroyed", f"{signature.printed_name} signed as {role}. What is in the bag is destroyed.")
    elif is_handed_over(found):
        tell("Handed over", f"{found.contractor} has it; it is destroyed when its manifest returns.")
    else:
        tell("Signed", f"{signature.printed_name} signed as {role}. The other signature is missing.")
    return sent_to(f"/waste-batches/{bag.identifier}")
