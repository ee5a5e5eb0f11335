"""Storage as pages: what stands where, and the map of a box or rack."""

from collections.abc import Iterable
from typing import Any

from flask import Blueprint, render_template, request
from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import item_seen_by
from biobank.custody.models import Hold
from biobank.destruction.models import DestructionLine
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.storage.proposals import propose_position
from biobank.storage.queries import Unit, UnitMap, map_of, units_inside
from biobank.web.cards import card, place
from biobank.web.found_items import found_by, holds_shown
from biobank.web.frame import zone_of
from biobank.web.permission import reads
from biobank.web.print_jobs import print_link, voided
from biobank.web.step_buttons import step_buttons
from biobank.web.words import Sign, spoken

blueprint = Blueprint("storage_pages", __name__)
MOST_UNITS = 200
MINUS = "\N{MINUS SIGN}"
HELD: Sign = {"word": "held", "tone": "wrong"}
TO_DESTROY: Sign = {"word": "to destroy", "tone": "late"}
Shown = dict[str, Any]


@blueprint.get("/storage")
@reads(Permission.SEE_STORAGE)
def storage(*, work: Work, by: Actor) -> str:
    """The outermost units of the reader's sites."""
    units = [unit for unit in units_inside(work, None) if by.works_at(unit.item.site or "")]
    return render_template("storage/storage.html", units=[_unit_card(unit) for unit in units[:MOST_UNITS]])


@blueprint.get("/storage/units/<identifier>")
@reads(Permission.SEE_STORAGE)
def unit(identifier: str, *, work: Work, by: Actor) -> str:
    """With `?for=` an item, the position proposed for it is lit."""
    found = found_by(work, by, identifier)
    shown = map_of(work, found.identifier)
    inside = units_inside(work, found.id)
    numbers = {each.item.id for each in inside}
    return render_template(
        "storage/unit.html",
        unit=_unit(work, shown.unit, by),
        holds=holds_shown(work, found, by, zone_of(work, by)),
        steps=step_buttons(work, found, by),
        print_link=print_link(found, by),
        voided=voided(work, [shown.unit.item], zone_of(work, by)).get(found.id),
        rack_url=f"/storage/units/{found.identifier}/rack-scan"
        if shown.rows and by.may(Permission.RECORD_STEPS)
        else None,
        inside=[_unit_card(each) for each in inside[:MOST_UNITS]],
        grid=_grid(work, shown, by) if shown.rows else None,
        loose=[card(work, item, by) for item in shown.loose[:MOST_UNITS] if item.id not in numbers],
    )


def _unit(work: Work, unit: Unit, by: Actor) -> Shown:
    return {
        **_unit_card(unit),
        "identifier": unit.item.identifier,
        "place": place(work, unit.item, by),
        "temperature": _celsius(unit.fittings.temperature_celsius),
    }


def _unit_card(unit: Unit) -> Shown:
    return {
        "printed": printed(unit.item.identifier),
        "url": f"/storage/units/{unit.item.identifier}",
        "name": unit.name,
        "kind": spoken(unit.item.kind),
        "held": unit.held,
        "capacity": unit.capacity,
    }


def _celsius(degrees: int | None) -> str | None:
    return None if degrees is None else f"{degrees} °C".replace("-", MINUS)


def _grid(work: Work, shown: UnitMap, by: Actor) -> Shown:
    taken = [item for _, cells in shown.rows for _, item in cells if item is not None]
    marks = _marks(work, [item.id for item in taken])
    lit = _lit(work, by, shown.unit)
    grid = shown.unit.fittings.grid
    rows = [
        {"name": name, "cells": [_cell(work, position, item, marks, lit, by) for position, item in cells]}
        for name, cells in shown.rows
    ]
    return {"columns": list(grid.column_names) if grid else [], "rows": rows}


def _cell(
    work: Work, position: str, item: Item | None, marks: dict[int, Sign], lit: str | None, by: Actor
) -> Shown:
    if item is None:
        mark = {"word": "put here", "tone": "ask"} if position == lit else None
        return {"position": position, "short": None, "url": None, "label": None, "mark": mark}
    known = card(work, item, by)
    short = known["printed"][-5:] if item.kind not in ("box", "rack", "shelf") else known["label"]
    return {
        "position": position,
        "short": short,
        "url": known["url"],
        "label": known["label"],
        "mark": marks.get(item.id),
    }


def _marks(work: Work, numbers: Iterable[int]) -> dict[int, Sign]:
    """What is to be destroyed, else what is held."""
    inside = list(numbers)
    held = select(Hold.item_id).where(Hold.item_id.in_(inside), Hold.lifted_sequence.is_(None))
    ordered = select(DestructionLine.item_id).where(
        DestructionLine.item_id.in_(inside), DestructionLine.outcome.is_(None)
    )
    marks = dict.fromkeys(work.session.scalars(held), HELD)
    return marks | dict.fromkeys(work.session.scalars(ordered), TO_DESTROY)


def _lit(work: Work, by: Actor, unit: Unit) -> str | None:
    """The position proposed for the item in the address, if it is in this unit."""
    asked = request.args.get("for")
    if not asked:
        return None
    item = item_seen_by(work, by, asked)
    proposal = propose_position(work, item)
    return proposal.position if proposal and proposal.unit.item.id == unit.item.id else None
