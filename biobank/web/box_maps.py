"""The map of a box or rack as pages draw it: each position, who lies there, what has to be known of it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.custody.models import Hold
from biobank.custody.states import STORAGE
from biobank.destruction.models import DestructionLine
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.storage.choices import LETTERED, Grid
from biobank.storage.filling import Fill, filling
from biobank.storage.queries import UnitMap
from biobank.storage.reserved import Kept
from biobank.web.cards import page_of
from biobank.web.words import Sign, spoken

Shown = dict[str, Any]
HELD: Sign = {"word": "held", "tone": "wrong"}
TO_DESTROY: Sign = {"word": "to destroy", "tone": "late"}
PUT_HERE: Sign = {"word": "put here", "tone": "ask"}
KEPT_FREE: Sign = {"word": "kept free", "tone": "wait"}
JUST_STORED: Sign = {"word": "just stored", "tone": "right"}


def box_map(
    work: Work,
    shown: UnitMap,
    by: Actor,
    *,
    lit: str | None = None,
    kept: Iterable[Kept] = (),
    marked: Mapping[int, Sign] | None = None,
    choose: Callable[[str], str] | None = None,
) -> Shown | None:
    """As `macros/box_map.html` takes it; None without positions. `choose` addresses free positions."""
    grid = shown.unit.fittings.grid
    if grid is None:
        return None
    inside = [item for _, cells in shown.rows for _, item in cells if item is not None]
    marks = {**signs_of(work, (item.id for item in inside)), **(marked or {})}
    fills = filling(work, [item.id for item in inside if item.kind in STORAGE])
    spots = {spot for each in kept for spot in (each.positions or set(grid.positions()))}

    def cell(position: str, item: Item | None) -> Shown:
        if item is not None:
            return _taken(position, item, by, marks.get(item.id), fills.get(item.id))
        mark = PUT_HERE if position == lit else KEPT_FREE if position in spots else None
        url = choose(position) if choose else None
        return {"position": position, "short": None, "url": url, "label": None, "mark": mark, "fill": None}

    rows = [
        {"name": name, "cells": [cell(position, item) for position, item in cells]}
        for name, cells in shown.rows
    ]
    return {"columns": list(grid.column_names), "rows": rows, "named": names_in_cells(grid), "lit": lit}


def names_in_cells(grid: Grid) -> bool:
    """Whether row and column do not say what a position is called."""
    return grid.naming not in LETTERED


def _taken(position: str, item: Item, by: Actor, mark: Sign | None, fill: Fill | None) -> Shown:
    is_unit = item.kind in STORAGE
    label = f"{printed(item.identifier)}, {item.specification or spoken(item.kind)}"
    return {
        "position": position,
        "short": item.specification if is_unit and item.specification else printed(item.identifier)[-5:],
        "url": page_of(item, by),
        "label": label,
        "mark": mark,
        "fill": fill_shown(fill) if fill and fill.capacity else None,
    }


def fill_shown(fill: Fill) -> Shown:
    return {"held": fill.held, "capacity": fill.capacity, "word": fill.word}


def signs_of(work: Work, numbers: Iterable[int]) -> dict[int, Sign]:
    """What is to be destroyed, else what is held, by item number."""
    marks: dict[int, Sign] = {}
    for inside in in_turns(numbers):
        held = select(Hold.item_id).where(Hold.item_id.in_(inside), Hold.lifted_sequence.is_(None))
        ordered = select(DestructionLine.item_id).where(
            DestructionLine.item_id.in_(inside), DestructionLine.outcome.is_(None)
        )
        marks |= dict.fromkeys(work.session.scalars(held), HELD)
        marks |= dict.fromkeys(work.session.scalars(ordered), TO_DESTROY)
    return marks
