"""Outages as pages: declaring one, how far it is, what it shows, what is still inside, ending it."""

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.core.moments import Told
from biobank.custody.queries import item_if_known
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.outages.choices import EndedHow
from biobank.outages.inputs import NewOutage
from biobank.outages.models import Outage, OutageDecision, OutagePiece
from biobank.outages.operations import declare_outage, end_outage, tell_temperature
from biobank.outages.queries import (
    counts_by_piece,
    decisions_of,
    minutes_warm,
    outage_seen_by,
    outages,
    pieces_inside,
    pieces_moved,
    progress,
    unit_of,
)
from biobank.outages.words import OUTCOME_SIGNS, outage_sign
from biobank.web.addresses import sent_to
from biobank.web.cards import card, name_of, name_of_person, names_of_people, place
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.frame import zone_of
from biobank.web.paging import filters, page
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told, time_told
from biobank.web.typed_fields import FieldRefused, choices, chosen
from biobank.web.words import in_zone

blueprint = Blueprint("outage_pages", __name__, url_prefix="/outages")
Shown = dict[str, Any]
FILTERS = {"standing": ("Standing", True), "ended": ("Ended", False), "all": ("All", None)}
SHOWN = {"inside": "Still inside", "out": "Carried out"}


@blueprint.get("")
@reads(Permission.SEE_STORAGE)
def listed(*, work: Work, by: Actor) -> str:
    """Newest first, a page at a time."""
    asked = request.args.get("show", "standing")
    asked = asked if asked in FILTERS else "standing"
    question = outages(by, standing=FILTERS[asked][1])
    found = page(work, question, [Outage.id], cursor=request.args.get("cursor"), newest_first=True)
    return render_template(
        "outages/outages.html",
        filters=filters("/outages?show=", FILTERS, asked),
        outages=[told_of(work, by, outage) for outage in found.rows],
        next_url=found.next_url(f"/outages?show={asked}"),
        may_declare=by.may(Permission.DECLARE_OUTAGES),
    )


def told_of(work: Work, by: Actor, outage: Outage) -> Shown:
    """The head of every page of an outage."""
    unit, zone, counted = unit_of(work, outage), zone_of(work, by), progress(work, outage)
    ended_by = outage.ended_by or ""
    people = names_of_people(work, {outage.declared_by, ended_by})
    return {
        "number": outage.id,
        "url": f"/outages/{outage.id}",
        "unit": {**card(work, unit, by), "name": name_of(unit)},
        "stands": outage.ended_at is None,
        "state": outage_sign(outage, counted.undecided),
        "began_at": in_zone(outage.began_at, zone) if outage.began_at else None,
        "declared_at": in_zone(outage.declared_at, zone),
        "declared_by": people.get(outage.declared_by, outage.declared_by),
        "ended_at": in_zone(outage.ended_at, zone) if outage.ended_at else None,
        "ended_by": people.get(ended_by, ended_by),
        "temperature": outage.temperature_celsius,
        "warmest": outage.warmest_celsius,
        "moved": counted.moved,
        "pieces": counted.pieces,
        "undecided": counted.undecided,
        "specimens": counted.specimens,
    }


@blueprint.get("/declare")
@reads(Permission.DECLARE_OUTAGES)
def declare(*, work: Work, by: Actor) -> str:
    """With `?unit=` the unit is filled in already."""
    return _declare(work, by)


def _declare(work: Work, by: Actor, *, refusal: DomainError | None = None) -> str:
    sent = request.form if request.method == "POST" else request.args
    unit = item_if_known(work, sent.get("unit", "")) if sent.get("unit") else None
    errors = errors_by_field(refusal)
    shown = {"feedback": refused(refusal)} if refusal and not errors else {}
    return render_template(
        "outages/declare.html",
        unit=card(work, unit, by) | {"name": name_of(unit)}
        if unit and by.works_at(unit.site or "")
        else None,
        form={name: value for name, value in sent.items() if name != "csrf_token"},
        errors=errors,
        **shown,
    )


@blueprint.post("")
@shown_again(Permission.DECLARE_OUTAGES, _declare)
@writes(Permission.DECLARE_OUTAGES)
def declared(*, work: Work, by: Actor) -> Response:
    new = NewOutage(
        unit=request.form.get("unit", ""),
        began=time_told(request.form, zone_of(work, by)),
        temperature_celsius=_celsius(),
    )
    outage = declare_outage(work, new, by=by)
    found = progress(work, outage)
    tell(
        "Out of service",
        f"All that lies in it is held, specimens: {found.specimens}. Racks and boxes to be carried out: "
        f"{found.pieces}.",
        tone="ask",
    )
    return sent_to(f"/outages/{outage.id}")


def _celsius() -> int | None:
    """Raises `FieldRefused`; empty is *nobody looked*."""
    text = request.form.get("temperature", "").strip().replace("\N{MINUS SIGN}", "-")
    if not text:
        return None
    if not text.removeprefix("-").isdecimal() or len(text) > 4:  # noqa: PLR2004 (a sign and three digits)
        raise FieldRefused("Give whole degrees Celsius, such as -65.", field="temperature")
    return int(text)


@blueprint.get("/<int:number>")
@reads(Permission.SEE_STORAGE)
def show(number: int, *, work: Work, by: Actor) -> str:
    return _page(work, by, number=number)


def _page(work: Work, by: Actor, *, number: int, refusal: DomainError | None = None) -> str:
    outage = outage_seen_by(work, by, number)
    wanted = "out" if request.args.get("show") == "out" else "inside"
    question = pieces_moved(outage) if wanted == "out" else pieces_inside(outage)
    found = page(work, question, [OutagePiece.id], cursor=request.args.get("cursor"))
    may_declare = by.may(Permission.DECLARE_OUTAGES)
    errors = errors_by_field(refusal)
    shown = {"feedback": refused(refusal)} if refusal and not errors else {}
    return render_template(
        "outages/outage.html",
        outage=told_of(work, by, outage),
        filters=[
            {"label": label, "url": f"/outages/{number}?show={name}", "current": name == wanted}
            for name, label in SHOWN.items()
        ],
        rows=rows_of(work, by, outage, found.rows),
        next_url=found.next_url(f"/outages/{number}?show={wanted}"),
        may_carry=may_declare and outage.ended_at is None,
        may_decide=by.may(Permission.DECIDE_OUTAGES),
        endings=choices(EndedHow),
        decisions=[_decision(work, each) for each in decisions_of(work, outage)],
        form=request.form if refusal else {},
        errors=errors,
        **shown,
    )


def _decision(work: Work, found: OutageDecision) -> Shown:
    return {
        "number": found.id,
        "url": f"/outages/{found.outage_id}/decisions/{found.id}",
        "sign": OUTCOME_SIGNS[found.outcome],
        "signed_by": name_of_person(work, found.approved_by),
        "items": found.items if found.approved_at else None,
    }


def rows_of(work: Work, by: Actor, outage: Outage, some: Any) -> list[Shown]:
    """Pieces with what they are, where they stand now, what they hold and how long they were warm."""
    pieces: list[OutagePiece] = list(some)
    items = {item.id: item for item in items_numbered(work, [piece.item_id for piece in pieces])}
    counts = counts_by_piece(work, outage, [piece.id for piece in pieces])
    people = names_of_people(work, {piece.moved_by for piece in pieces if piece.moved_by})
    zone = zone_of(work, by)
    return [
        {
            **_row(work, by, piece, items[piece.item_id], zone, people),
            "specimens": counts.get(piece.id, 0),
            "minutes": minutes_warm(outage, piece),
        }
        for piece in pieces
    ]


def _row(
    work: Work, by: Actor, piece: OutagePiece, item: Item, zone: str, people: Mapping[str, str]
) -> Shown:
    moved_by = piece.moved_by or ""
    return {
        **card(work, item, by),
        "name": name_of(item),
        "place": place(work, item, by),
        "moved_at": in_zone(piece.moved_at, zone) if piece.moved_at else None,
        "moved_by": people.get(moved_by, moved_by) or None,
        "joined": piece.joined,
    }


@blueprint.post("/<int:number>/temperature")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.DECLARE_OUTAGES)
def warmer(number: int, *, work: Work, by: Actor) -> Response:
    celsius = _celsius()
    if celsius is None:
        raise FieldRefused("Give whole degrees Celsius, such as -65.", field="temperature")
    outage = tell_temperature(work, number, celsius, by=by, at=now_told(work, by))
    tell("Noted", f"The warmest so far is {outage.warmest_celsius} °C.")
    return sent_to(f"/outages/{number}")


@blueprint.post("/<int:number>/end")
@shown_again(Permission.SEE_STORAGE, _page)
@writes(Permission.DECLARE_OUTAGES)
def ended(number: int, *, work: Work, by: Actor) -> Response:
    how = chosen(request.form, "how", EndedHow, "Choose what became of the unit.")
    outage = end_outage(work, number, how, by=by, at=_when_it_ended(work, by))
    counted = progress(work, outage)
    tell("The outage is over", f"Held until a biobank lead has decided, specimens: {counted.undecided}.")
    return sent_to(f"/outages/{number}")


def _when_it_ended(work: Work, by: Actor) -> Told:
    return time_told(request.form, zone_of(work, by)) or now_told(work, by)
