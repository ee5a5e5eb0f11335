"""The station at a failed freezer: scan the rack, scan where it goes; and the free places to print."""

from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_now
from biobank.custody.steps import ItemNow, Source
from biobank.items.models import Item
from biobank.items.queries import item_of
from biobank.outages import checks
from biobank.outages.carrying import Carried, carry_out
from biobank.outages.inputs import CarriedOut
from biobank.outages.models import Outage, OutagePiece
from biobank.outages.pages import rows_of, told_of
from biobank.outages.queries import outage_seen_by, piece_of, pieces_moved, progress
from biobank.outages.spare_space import Spot, spare_space
from biobank.web.addresses import sent_to
from biobank.web.cards import card, name_of, place
from biobank.web.collect_answers import refused_here
from biobank.web.feedback import QUIET, tell
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_look_ups, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told

blueprint = Blueprint("outage_carry_pages", __name__, url_prefix="/outages")
Shown = dict[str, Any]
NEWEST = 5


@blueprint.get("/<int:number>/carry")
@reads(Permission.DECLARE_OUTAGES)
def station(number: int, *, work: Work, by: Actor) -> str:
    """With `?piece=` that is in hand, and its place is asked for."""
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    outage = outage_seen_by(work, by, number)
    planned = spare_space(work, outage)
    in_hand = item_of(work, request.values.get("piece", ""))
    newest = work.session.scalars(
        pieces_moved(outage).order_by(OutagePiece.moved_at.desc(), OutagePiece.id.desc()).limit(NEWEST)
    )
    return render_template(
        "outages/carry.html",
        outage=told_of(work, by, outage),
        piece=_in_hand(work, by, in_hand, planned) if in_hand else None,
        newest=rows_of(work, by, outage, newest),
        left=[_to_carry(work, by, *each) for each in planned[:NEWEST]],
        form={},
        errors={},
        **({"feedback": refused_here(refusal)} if refusal else {}),
    )


Planned = tuple[Item, Spot | None]


def _spot_for(planned: list[Planned], item: Item | ItemNow) -> Spot | None:
    return next((spot for each, spot in planned if each.id == item.id), None)


def _in_hand(work: Work, by: Actor, item: Item, planned: list[Planned]) -> Shown:
    return {
        **card(work, item, by),
        "name": name_of(item),
        "place": place(work, item, by),
        "spot": _spot(work, by, _spot_for(planned, item)),
        "listed": any(each.id == item.id for each, _ in planned),
    }


def _to_carry(work: Work, by: Actor, item: Item, spot: Spot | None) -> Shown:
    return {
        **card(work, item, by),
        "name": name_of(item),
        "place": place(work, item, by),
        "spot": _spot(work, by, spot),
    }


def _spot(work: Work, by: Actor, spot: Spot | None) -> Shown | None:
    if spot is None:
        return None
    return {
        **card(work, spot.unit.item, by),
        "name": spot.unit.name,
        "place": [*_around(work, by, spot), {"name": spot.unit.name, "url": None}],
        "position": spot.position,
        "celsius": spot.celsius,
        "is_warm": spot.is_warm,
    }


def _around(work: Work, by: Actor, spot: Spot) -> list[Shown]:
    """Nothing for a unit that stands in none."""
    item = spot.unit.item
    return place(work, item, by, to_the_position=False) if item.container_id else []


@blueprint.post("/<int:number>/carry/piece")
@shown_again(Permission.DECLARE_OUTAGES, _page)
@logging_look_ups
@writes(Permission.DECLARE_OUTAGES)
def taken(number: int, *, work: Work, by: Actor) -> Response:
    """A rack is in hand; nothing is recorded before it stands somewhere."""
    outage_seen_by(work, by, number)
    item = item_now(work, request.form.get("text", ""))
    checks.can_be_carried(item)
    return _now_in_hand(number, item)


def _now_in_hand(number: int, item: ItemNow) -> Response:
    return sent_to(f"/outages/{number}/carry?{urlencode({'piece': item.identifier})}")


@blueprint.post("/<int:number>/carry/place")
@shown_again(Permission.DECLARE_OUTAGES, _page)
@logging_refused_forms
@writes(Permission.DECLARE_OUTAGES)
def put(number: int, *, work: Work, by: Actor) -> Response:
    """It stands there now; another rack scanned instead is taken in hand instead."""
    text, outage = request.form.get("text", ""), outage_seen_by(work, by, number)
    item, where = item_now(work, request.form.get("piece", "")), item_now(work, text)
    if where.kind is item.kind and piece_of(work, outage, where.id) is not None:
        return _now_in_hand(number, where)
    carried = CarriedOut(
        piece=item.identifier, place=where.identifier, position=_position(work, outage, item, where)
    )
    done = carry_out(work, number, carried, by=by, at=now_told(work, by), source=Source("scan"))
    log_taken(work, text, done.recorded, by=by, item=where)
    _tell(work, outage_seen_by(work, by, number), done, item, where, text)
    return sent_to(f"/outages/{number}/carry")


def _position(work: Work, outage: Outage, item: ItemNow, where: ItemNow) -> str | None:
    """As typed; else, in the unit that was proposed, the position that was proposed."""
    typed = request.form.get("position", "").strip()
    spot = None if typed else _spot_for(spare_space(work, outage), item)
    return typed or (spot.position if spot and spot.unit.item.id == where.id else None)


def _tell(work: Work, outage: Outage, done: Carried, item: ItemNow, where: ItemNow, text: str) -> None:
    heard = with_scanner_alert(done.recorded, text).alerts[len(done.recorded.alerts) :]
    counted, position = progress(work, outage), f"{done.position} in " if done.position else ""
    stops = [alert for alert in done.alerts if alert.kind not in QUIET and alert.kind != "hold"]
    sentence = (
        f"{name_of(item)} stands in {position}{name_of(where)}. {counted.moved} of {counted.pieces} are out."
    )
    told = " ".join([sentence, *(alert.text for alert in (*stops, *heard))])
    tell("Recorded. Look again" if stops else "Recorded", told, tone="ask" if stops else "right")


@blueprint.get("/<int:number>/places")
@reads(Permission.SEE_STORAGE)
def places(number: int, *, work: Work, by: Actor) -> str:
    """Where everything that is still inside can go, to be printed and carried along."""
    outage = outage_seen_by(work, by, number)
    planned = spare_space(work, outage)
    return render_template(
        "outages/places.html",
        outage=told_of(work, by, outage),
        rows=[_to_carry(work, by, *each) for each in planned],
        lacking=sum(1 for _, spot in planned if spot is None),
        warm=sum(1 for _, spot in planned if spot is not None and spot.is_warm),
    )
