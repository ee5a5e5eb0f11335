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
from biobank.storage.consolidation import mergers, moves_between
from biobank.storage.inputs import NewReservation, NewUnit, RackFile
from biobank.storage.operations import add_unit, take_rack_file
from biobank.storage.proposals import propose_position
from biobank.storage.queries import map_of, unit_named, units_inside
from biobank.storage.reservations import end_reservation, reserve
from biobank.storage.room import Wish, find_room
from biobank.storage.schemas import (
    MapAnswer,
    MergersAnswer,
    MergersQuery,
    MovesAnswer,
    ProposalAnswer,
    ProposalQuery,
    RackScanAnswer,
    RackScanQuery,
    ReservationAnswer,
    ReservationShape,
    RoomQuery,
    RoomsAnswer,
    StorageQuery,
    UnitAnswer,
    UnitsAnswer,
    UnitShape,
)
from biobank.web.openapi import Blueprint
from biobank.web.permission import reads, writes
from biobank.web.refused_wells import logging_refused_wells
from biobank.web.shapes import NothingToldShape
from biobank.web.uploads import FILE_BODY, file_sent

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
    """Add any place, from a building to a box or a bag."""
    return unit_named(work, add_unit(work, unit, by=by, source=Source("keyed")).identifier)


@blueprint.route("/units/<identifier>/map")
@reads(Permission.SEE_STORAGE)
@blueprint.response(200, MapAnswer)
def show_map(identifier: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Every position of a unit, with who lies there."""
    drawn = map_of(work, item_seen_by(work, by, identifier).identifier)
    positions = [{"position": position, "item": item} for _, row in drawn.rows for position, item in row]
    return {"unit": drawn.unit, "positions": positions, "loose": drawn.loose}


@blueprint.route("/room")
@reads(Permission.SEE_STORAGE)
@blueprint.arguments(RoomQuery, location="query")
@blueprint.response(200, RoomsAnswer)
def room(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Where there is room for so many: one box that takes all, else boxes that stand together."""
    return {"rooms": find_room(work, Wish(**asked), by)}


@blueprint.route("/mergers")
@reads(Permission.SEE_STORAGE)
@blueprint.arguments(MergersQuery, location="query")
@blueprint.response(200, MergersAnswer)
def mergers_found(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:
    """Boxes that can be emptied into others that are alike."""
    inside = item_seen_by(work, by, asked["inside"]) if asked["inside"] else None
    return {"mergers": mergers(work, by, inside.id if inside else None)}


@blueprint.route("/units/<identifier>/into/<target>")
@reads(Permission.SEE_STORAGE)
@blueprint.response(200, MovesAnswer)
def moves(identifier: str, target: str, *, work: Work, by: Actor) -> dict[str, Any]:
    """Which piece goes where when one box is emptied into another; each is a move of its own."""
    source, goal = (item_seen_by(work, by, each).identifier for each in (identifier, target))
    return {"moves": moves_between(work, unit_named(work, source), unit_named(work, goal), by)}


@blueprint.route("/reservations", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(ReservationShape)
@blueprint.response(201, ReservationAnswer)
def keep_free(told: NewReservation, *, work: Work, by: Actor) -> Any:
    """Keep positions, the next free ones, or a whole unit free until a moment."""
    return reserve(work, told, by=by)


@blueprint.route("/reservations/<int:number>/end", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, ReservationAnswer)
def let_go(_: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Any:
    """Let go of what is kept free."""
    return end_reservation(work, number, by=by)


@blueprint.route("/units/<identifier>/rack-scans", methods=["POST"])
@logging_refused_wells
@writes(Permission.RECORD_STEPS)
@blueprint.doc(requestBody=FILE_BODY)
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
    return propose_position(work, found, by) or {"unit": None, "position": None}
