"""Consolidation as pages: boxes that can be merged, and the list of moves that is scanned piece by piece."""

from typing import Any

from flask import Blueprint, Response, render_template, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.items.identifiers import printed
from biobank.items.positions import normalise_position
from biobank.storage.consolidation import Merger, NotToBeMerged, PieceMove, mergers, moves_between
from biobank.storage.queries import Unit, map_of, unit_named
from biobank.storage.storing import put
from biobank.web.addresses import sent_to
from biobank.web.asked_back import confirmation_told, refused_or_asked
from biobank.web.box_maps import box_map
from biobank.web.cards import card, place
from biobank.web.feedback import QUIET, tell, tell_of
from biobank.web.found_items import found_by
from biobank.web.permission import reads, writes
from biobank.web.scan_log import log_taken, logging_refused_forms, with_scanner_alert
from biobank.web.shown_again import shown_again
from biobank.web.told_times import now_told

blueprint = Blueprint("merge_pages", __name__, url_prefix="/storage")
Shown = dict[str, Any]


@blueprint.get("/mergers")
@reads(Permission.SEE_STORAGE)
def merge_list(*, work: Work, by: Actor) -> str:
    """Of one place with `?inside=`, else of the reader's sites."""
    asked = request.args.get("inside")
    inside = found_by(work, by, asked) if asked else None
    found = mergers(work, by, inside.id if inside else None)
    return render_template(
        "storage/mergers.html",
        inside=_unit(work, unit_named(work, inside.identifier), by) if inside else None,
        mergers=[_merger(work, each, by) for each in found],
    )


def _merger(work: Work, merger: Merger, by: Actor) -> Shown:
    source, target = merger.source.item.identifier, merger.target.item.identifier
    return {
        "source": _unit(work, merger.source, by),
        "target": _unit(work, merger.target, by),
        "count": merger.source.held,
        "url": f"/storage/units/{source}/into/{target}",
    }


def _unit(work: Work, unit: Unit, by: Actor) -> Shown:
    return {
        "identifier": unit.item.identifier,
        "printed": printed(unit.item.identifier),
        "name": unit.name,
        "url": f"/storage/units/{unit.item.identifier}",
        "place": place(work, unit.item, by),
        "held": unit.held,
        "capacity": unit.capacity,
    }


@blueprint.get("/units/<identifier>/into/<target>")
@reads(Permission.SEE_STORAGE)
def merge(identifier: str, target: str, *, work: Work, by: Actor) -> str:
    return _page(work, by, identifier=identifier, target=target)


def _page(work: Work, by: Actor, *, identifier: str, target: str, refusal: DomainError | None = None) -> str:
    source, goal = _both(work, by, identifier, target)
    moves = moves_between(work, source, goal, by)
    here = f"/storage/units/{source.item.identifier}/into/{goal.item.identifier}"
    shown = map_of(work, goal.item.identifier)
    return render_template(
        "storage/merge.html",
        here=here,
        source=_unit(work, source, by),
        target=_unit(work, goal, by),
        moves=[_move(work, each, by) for each in moves],
        grid=box_map(work, shown, by, lit=moves[0].goes_to if moves else None),
        void_url=f"/items/{source.item.identifier}/steps/void" if not source.held else None,
        rack_url=f"/storage/units/{goal.item.identifier}/rack-scan",
        **refused_or_asked(refusal, "text"),
    )


def _both(work: Work, by: Actor, identifier: str, target: str) -> tuple[Unit, Unit]:
    named = (found_by(work, by, each).identifier for each in (identifier, target))
    source, goal = (unit_named(work, each) for each in named)
    return source, goal


def _move(work: Work, move: PieceMove, by: Actor) -> Shown:
    return {
        "printed": printed(move.item.identifier),
        "url": f"/items/{move.item.identifier}",
        "label": card(work, move.item, by)["label"],
        "taken_from": move.taken_from,
        "goes_to": move.goes_to,
    }


@blueprint.post("/units/<identifier>/into/<target>/scan")
@shown_again(Permission.SEE_STORAGE, _page)
@logging_refused_forms
@writes(Permission.RECORD_STEPS)
def scan(identifier: str, target: str, *, work: Work, by: Actor) -> Response:
    """One scan is one piece that lies in its new position now; in any order."""
    text = request.form.get("text", "").strip()
    source, goal = _both(work, by, identifier, target)
    move = _listed(work, by, text, moves_between(work, source, goal, by))
    piece, at, why = found_by(work, by, text), now_told(work, by), confirmation_told()
    done = put(work, piece, goal.item.identifier, move.goes_to, by=by, at=at, confirmation=why)
    log_taken(work, text, done, by=by)
    answer = with_scanner_alert(done, text)
    if [alert for alert in answer.alerts if alert.kind not in QUIET]:
        tell_of(answer)
    else:
        tell(
            "Moved", f"{printed(move.item.identifier)} is in {goal.name}, {normalise_position(move.goes_to)}."
        )
    return sent_to(request.path.rpartition("/")[0])


def _listed(work: Work, by: Actor, text: str, moves: list[PieceMove]) -> PieceMove:
    """Raises `NotToBeMerged` for what is not on the list, and what a look-up raises."""
    item = found_by(work, by, text)
    move = next((each for each in moves if each.item.id == item.id), None)
    if move is None:
        raise NotToBeMerged(
            f"{printed(item.identifier)} is not on this list; put it back, or store it by itself.",
            field="text",
        )
    return move
