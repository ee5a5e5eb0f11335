"""Storage over HTTP; storing itself is a scan."""

from collections.abc import Mapping
from typing import Any

from flask import request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.checks import item_seen_by
from biobank.custody.queries import item_now
from biobank.custody.steps import Source
from biobank.storage.inputs import NewUnit, RackFile
from biobank.storage.operations import add_unit, take_rack_file
from biobank.storage.proposals import propose_position
from biobank.storage.queries import map_of, unit_named, units_inside
from biobank.storage.schemas import (
    MapAnswer,
    ProposalAnswer,
    ProposalQuery,
    RackScanAnswer,
    RackScanQuery,
    StorageQuery,
    UnitAnswer,
    UnitsAnswer,
    UnitShape,
)
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads, writes
from biobank.web.refused_wells import logging_refused_wells
from biobank.web.uploads import file_sent

blueprint = Blueprint(
    "storage", __name__, url_prefix="/storage", description="Rooms, freezers, shelves, racks and boxes."
)


@blueprint.route("")
@reads(Permission.SEE_STORAGE)
@blueprint.arguments(StorageQuery, location="query")
@blueprint.response(200, UnitsAnswer)
def units(asked: Mapping[str, str | None], *, work: Work, by: Actor) -> dict[str, Any]:
    """Units of your sites that stand in none, or what stands directly in one."""
    inside = item_now(work, asked["inside"]) if asked["inside"] else None
    found = units_inside(work, inside.id if inside else None, site=asked["site"])
    return {"units": [unit for unit in found if unit.item.site is None or by.works_at(unit.item.site)]}


@blueprint.route("/units", methods=["POST"])
@writes(Permission.BUILD_STORAGE)
@blueprint.arguments(UnitShape)
@blueprint.response(201, UnitAnswer)
def add(unit: NewUnit, *, work: Work, by: Actor) -> Any:
    """Add a room, freezer, shelf, rack, box or quarantine place."""
    return unit_named(work, add_unit(work, unit, by=by, source=Source("keyed")).identifier)


@blueprint.route("/units/<identifier>/map")
@reads(Permission.SEE_STORAGE)
@blueprint.response(200, MapAnswer)
def show_map(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Every position of a unit, with who lies there."""
    drawn = map_of(work, item_seen_by(work, by, identifier).identifier)
    positions = [{"position": position, "item": item} for _, row in drawn.rows for position, item in row]
    return {"unit": drawn.unit, "positions": positions, "loose": drawn.loose}


FILE = {"schema": {"type": "string", "format": "binary"}}
UPLOAD = {"schema": {"type": "object", "properties": {"file": FILE["schema"]}}}


@blueprint.route("/units/<identifier>/rack-scans", methods=["POST"])
@logging_refused_wells
@writes(Permission.RECORD_STEPS)
@blueprint.doc(
    requestBody={"content": {"multipart/form-data": UPLOAD, "text/csv": FILE, "application/json": FILE}}
)
@blueprint.arguments(RackScanQuery, location="query")
@blueprint.response(200, RackScanAnswer)
def take_rack_scan(asked: Mapping[str, Any], identifier: str, *, work: Work, by: Actor) -> Any:
    """Store what a rack scanner's file says, all of it or nothing, or say what would be done.

    The body is the file, or a form with a `file`. A file with wells that cannot be so is answered with 409
    and `problems`, a sentence for each well.
    """
    content, name = file_sent(request, asked["file_name"])
    told = RackFile(
        content=content,
        name=name,
        at=asked["occurred_at"] or moments.told(moments.now()),
        layout=asked["layout"],
        issuer=asked["factory_codes"],
        leave_out_unknown=asked["leave_out_unknown"],
        expected=asked["expected"],
    )
    return take_rack_file(work, identifier, told, by=by, dry_run=asked["dry_run"])


@blueprint.route("/proposals")
@reads(Permission.SEE_STORAGE)
@blueprint.arguments(ProposalQuery, location="query")
@blueprint.response(200, ProposalAnswer)
def propose(asked: Mapping[str, str], *, work: Work, by: Actor) -> Any:
    """Where a specimen should go next."""
    found = item_seen_by(work, by, asked["item"])
    return propose_position(work, found) or {"unit": None, "position": None}
