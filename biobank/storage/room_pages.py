"""Where there is room, as a page; and keeping places free, from the page of a place."""

from datetime import timedelta
from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.states import SPECIMENS, Kind
from biobank.items.identifiers import printed
from biobank.storage.checks import celsius
from biobank.storage.choices import ReservedFor
from biobank.storage.inputs import NewReservation
from biobank.storage.queries import Unit
from biobank.storage.reservations import end_reservation, reserve
from biobank.storage.room import Room, Wish, find_room
from biobank.web.addresses import sent_to
from biobank.web.cards import place
from biobank.web.feedback import refused, tell
from biobank.web.field_errors import errors_by_field
from biobank.web.found_items import found_by
from biobank.web.permission import reads, writes
from biobank.web.shown_again import shown_again
from biobank.web.typed_fields import chosen
from biobank.web.whole_numbers import NumberRefused, whole_number
from biobank.web.words import spoken

blueprint = Blueprint("room_pages", __name__, url_prefix="/storage")
Shown = dict[str, Any]
MOST_WANTED = 100_000
LONGEST_DAYS = 366


@blueprint.get("/room")
@reads(Permission.SEE_STORAGE)
def room(*, work: Work, by: Actor) -> str:
    """`?count=96&warmest=-80&kind=aliquot&of=Plasma`; with nothing asked the form alone."""
    refusal, found = None, None
    try:
        wish = _wish() if request.args.get("count") else None
        found = find_room(work, wish, by) if wish else None
    except NumberRefused as problem:
        refusal = problem
    return render_template(
        "storage/room.html",
        found=None if found is None else [_room(work, each, by) for each in found],
        kinds=[{"value": kind.value, "label": spoken(kind).capitalize()} for kind in sorted(SPECIMENS)],
        form={"kind": Kind.ALIQUOT.value, **request.args},
        errors=errors_by_field(refusal),
    )


def _wish() -> Wish:
    """Raises `NumberRefused`."""
    warmest = request.args.get("warmest", "").strip()
    kind = request.args.get("kind", Kind.ALIQUOT.value)
    return Wish(
        count=whole_number("count", request.args.get("count", ""), 1, MOST_WANTED),
        kind=Kind(kind) if kind in set(SPECIMENS) else Kind.ALIQUOT,
        specification=request.args.get("of", "").strip() or None,
        warmest_celsius=whole_number("warmest", warmest, -273, 100) if warmest else None,
    )


def _room(work: Work, found: Room, by: Actor) -> Shown:
    here = found.temperature_celsius
    return {
        "free": found.free,
        "temperature": celsius(here) if here is not None else None,
        "boxes": [_box(work, unit, free, by) for unit, free in found.boxes],
    }


def _box(work: Work, unit: Unit, free: int, by: Actor) -> Shown:
    return {
        "name": unit.name,
        "printed": printed(unit.item.identifier),
        "url": f"/storage/units/{unit.item.identifier}",
        "place": place(work, unit.item, by),
        "free": free,
    }


def _again(work: Work, by: Actor, *, refusal: DomainError, identifier: str) -> str:
    """What was typed wrong, on a page of its own: the form with the place's name."""
    found = found_by(work, by, identifier)
    return render_template(
        "storage/keep.html",
        unit={
            "identifier": found.identifier,
            "name": found.specification or printed(found.identifier),
            "url": f"/storage/units/{found.identifier}",
        },
        has_positions=True,
        form=request.form,
        errors=errors_by_field(refusal),
        feedback=refused(refusal),
    )


@blueprint.post("/units/<identifier>/reservations")
@shown_again(Permission.SEE_STORAGE, _again)
@writes(Permission.RECORD_STEPS)
def keep(identifier: str, *, work: Work, by: Actor) -> Response:
    found = found_by(work, by, identifier)
    count = request.form.get("count", "").strip()
    days = whole_number("days", request.form.get("days", ""), 1, LONGEST_DAYS)
    row = reserve(
        work,
        NewReservation(
            unit=found.identifier,
            purpose=chosen(request.form, "purpose", ReservedFor, "Choose what it is kept free for."),
            until=moments.now() + timedelta(days=days),
            count=whole_number("count", count, 1, MOST_WANTED) if count else None,
            reference=request.form.get("reference", ""),
        ),
        by=by,
    )
    spots = row.positions.split()
    tell("Kept free", f"Positions: {', '.join(spots)}." if spots else "All of it.")
    return sent_to(f"/storage/units/{found.identifier}")


@blueprint.post("/reservations/<int:number>/end")
@writes(Permission.RECORD_STEPS)
def let_go(number: int, *, work: Work, by: Actor) -> Response:
    end_reservation(work, number, by=by)
    tell("Free again", "Others may use it now.")
    return sent_to(f"/storage/units/{found_by(work, by, request.form.get('unit', '')).identifier}")
