"""A rack scanner's file as pages: choose it, see what would happen to each well, confirm it."""

import binascii
from base64 import b64decode, b64encode
from typing import Any

from flask import Blueprint, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.queries import item_now
from biobank.custody.steps import ItemNow
from biobank.items.identifiers import printed
from biobank.storage.inputs import RackFile
from biobank.storage.operations import take_rack_file
from biobank.storage.rack_files import LARGEST_FILE
from biobank.storage.rack_layouts import LAYOUTS
from biobank.storage.rack_planning import grid_of
from biobank.storage.rack_plans import Deed, RackPlan, Well
from biobank.storage.rack_tables import RackFileRefused, shown_name
from biobank.web.box_maps import names_in_cells
from biobank.web.feedback import LOUDEST
from biobank.web.permission import reads, writes
from biobank.web.refused_wells import logging_refused_wells
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told
from biobank.web.uploads import file_sent
from biobank.web.words import Sign, spoken

blueprint = Blueprint("rack_pages", __name__, url_prefix="/storage/units/<identifier>/rack-scan")
Shown = dict[str, Any]

TO_DO: dict[Deed, str] = {
    Deed.STORED: "store",
    Deed.CHECKED_IN: "check in",
    Deed.MOVED: "move here",
    Deed.NAMED: "new code",
}
"""What a well of a plan says; what was done says it in the word of the deed."""
SIGNS: dict[Deed, Sign] = {
    Deed.MISSING: {"word": "missing", "tone": "wrong"},
    Deed.NOT_MENTIONED: {"word": "not in file", "tone": "wait"},
    Deed.UNREAD: {"word": "not read", "tone": "ask"},
    Deed.LEFT_OUT: {"word": "left out", "tone": "late"},
}
STOP: Sign = {"word": "read above", "tone": "wrong"}
"""A step that is taken, and of which something has to be heard first."""
ANOTHER_LEAVES: Sign = {"word": "another leaves", "tone": "late"}


@blueprint.get("")
@reads(Permission.RECORD_STEPS)
def choose(identifier: str, *, work: Work, by: Actor) -> str:
    return _form(work, by, identifier=identifier)


def _form(work: Work, by: Actor, *, identifier: str, refusal: DomainError | None = None) -> str:
    """After a refusal with what was chosen, the file too, since a browser does not choose it again."""
    box = item_now(work, identifier)
    grid_of(work, box, by)
    problems = refusal.extra.get("problems") if refusal else None
    return render_template(
        "storage/rack.html",
        unit=_unit(box),
        url=f"/storage/units/{box.identifier}/rack-scan",
        layouts=[{"value": layout.name, "label": layout.scanner, "note": layout.name} for layout in LAYOUTS],
        kept=_kept() if refusal else None,
        form=request.form if refusal else {},
        errors={"": refusal.detail} if refusal and not problems else {},
        problems=problems or [],
    )


@blueprint.post("")
@shown_again(Permission.RECORD_STEPS, _form)
@logging_refused_wells
@writes(Permission.RECORD_STEPS)
def preview(identifier: str, *, work: Work, by: Actor) -> str:
    """What would happen, tried and taken back."""
    told = _told(work, by)
    return _drawn(take_rack_file(work, identifier, told, by=by, dry_run=True), told)


@blueprint.post("/confirm")
@shown_again(Permission.RECORD_STEPS, _form)
@logging_refused_wells
@writes(Permission.RECORD_STEPS)
def confirm(identifier: str, *, work: Work, by: Actor) -> str:
    """Done as it was shown, or shown again when something changed since."""
    told = _told(work, by)
    return _drawn(take_rack_file(work, identifier, told, by=by), told)


def _told(work: Work, by: Actor) -> RackFile:
    """Raises `RackFileRefused`."""
    content, name = _sent()
    return RackFile(
        content=content,
        name=name,
        at=now_told(work, by),
        layout=request.form.get("layout") or None,
        issuer=request.form.get("issuer", "").strip() or None,
        leave_out_unknown="leave_out_unknown" in request.form,
        expected=request.form.get("expected") or None,
    )


def _sent() -> tuple[bytes, str]:
    """The file that was chosen, else the one that the page kept from before."""
    if request.files.get("file"):
        return file_sent(request)
    name = request.form.get("file_name", "")
    try:
        content = b64decode(request.form.get("content", ""), validate=True)
    except (binascii.Error, ValueError) as problem:
        raise RackFileRefused(shown_name(name), "", "it did not arrive whole; choose it again") from problem
    if not content:
        raise RackFileRefused("No file", "", "choose the file that the rack scanner wrote")
    return content, name


def _kept() -> Shown | None:
    try:
        content, name = _sent()
    except RackFileRefused:
        return None
    return _carried(content, name) if len(content) <= LARGEST_FILE else None


def _carried(content: bytes, name: str) -> Shown:
    return {"name": shown_name(name), "content": b64encode(content).decode()}


def _drawn(plan: RackPlan, told: RackFile) -> str:
    return render_template(
        "storage/rack_plan.html",
        unit=_unit(plan.box),
        url=f"/storage/units/{plan.box.identifier}/rack-scan",
        done=plan.is_done,
        layout=plan.scan.layout,
        issuer=plan.issuer,
        counts=[{"label": spoken(deed), "count": count} for deed, count in plan.counts.items() if count],
        work=_work(plan),
        notes=plan.notes,
        stops=_stops(plan),
        differences=[_difference(well) for well in plan.wells if well.is_different],
        grid=_grid(plan),
        kept={
            **_carried(told.content, told.name),
            "layout": told.layout or "",
            "issuer": told.issuer or "",
            "leave_out_unknown": told.leave_out_unknown,
            "expected": plan.fingerprint,
        },
    )


def _unit(box: ItemNow) -> Shown:
    return {
        "name": box.specification or printed(box.identifier),
        "printed": printed(box.identifier),
        "kind": spoken(box.kind),
        "url": f"/storage/units/{box.identifier}",
    }


def _work(plan: RackPlan) -> str | None:
    """What the button does: `Store 80, move here 12`."""
    parts = [f"{word} {plan.counts[deed.value]}" for deed, word in TO_DO.items() if plan.counts[deed.value]]
    sentence = ", ".join(parts)
    return sentence[:1].upper() + sentence[1:] if sentence else None


def _stops(plan: RackPlan) -> list[Shown]:
    """What has to be heard before anything else, well by well."""
    return [
        {"well": well.position, "text": alert.text, "loud": alert.kind in LOUDEST}
        for well in plan.wells
        for alert in well.alerts
    ]


def _difference(well: Well) -> Shown:
    sign = ANOTHER_LEAVES if well.displaced else SIGNS[well.deed]
    return {"position": well.position, "sign": sign, "sentence": well.sentence}


def _grid(plan: RackPlan) -> Shown:
    wells = {well.position: _cell(well, is_done=plan.is_done) for well in plan.wells}
    rows = [
        {"name": name, "cells": [wells[position] for position in positions]}
        for name, positions in plan.grid.cells()
    ]
    return {"columns": plan.grid.column_names, "rows": rows, "named": names_in_cells(plan.grid)}


def _cell(well: Well, *, is_done: bool) -> Shown:
    item = well.item
    return {
        "position": well.position,
        "short": printed(item.identifier)[-5:] if item else None,
        "url": f"/items/{item.identifier}" if item else None,
        "label": printed(item.identifier) if item else None,
        "mark": _mark(well, is_done=is_done),
    }


def _mark(well: Well, *, is_done: bool) -> Sign | None:
    if any(alert.kind != "flag" for alert in well.alerts):
        return STOP
    if well.displaced:
        return ANOTHER_LEAVES
    if well.deed is Deed.NOT_MENTIONED and well.item is None:
        return None
    if well.deed in TO_DO:
        return {"word": spoken(well.deed) if is_done else TO_DO[well.deed], "tone": "right"}
    return SIGNS.get(well.deed)
