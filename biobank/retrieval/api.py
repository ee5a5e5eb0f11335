"""Pick lists over HTTP: made, walked, picked from, handed on; what is out, and what comes back."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.distribution.models import StudyRequest
from biobank.distribution.queries import request_called
from biobank.items.models import Item
from biobank.retrieval import operations
from biobank.retrieval.handing_on import HandedOn, hand_over_picked, send_out_picked
from biobank.retrieval.inputs import Back, NewPickList
from biobank.retrieval.models import PickList
from biobank.retrieval.queries import counts_of, list_seen_by, lists_seen_by, out_now, standing_of
from biobank.retrieval.returning import bring_back, use_up
from biobank.retrieval.schemas import (
    BackAnswer,
    BackShape,
    CheckOutsAnswer,
    HandedOnAnswer,
    HandOnShape,
    InsteadShape,
    NotThereShape,
    PickedAnswer,
    PickListAnswer,
    PickListCancelShape,
    PickListsAnswer,
    PickListShape,
    PickListsQuery,
    PickShape,
    PieceNamedAnswer,
    WalkAnswer,
)
from biobank.retrieval.walk import Stop, walk_of
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint(
    "pick_lists", __name__, url_prefix="/pick-lists", description="What is fetched in one walk."
)
outs = Blueprint(
    "check_outs", __name__, url_prefix="/check-outs", description="What is out, and what comes back."
)
Told = Mapping[str, Any]


def _shown(work: Work, listed: PickList, counts: Mapping[str, int] | None = None) -> dict[str, Any]:
    found = counts if counts is not None else counts_of(work, [listed.id]).get(listed.id, {})
    request = work.session.get(StudyRequest, listed.request_id) if listed.request_id else None
    names = ("purpose", "site", "goes_to", "rule", "wanted", "made_at", "made_by")
    return {name: getattr(listed, name) for name in names} | {
        "number": listed.id,
        "request": request.number if request else None,
        "standing": standing_of(listed, found),
        "lines": found,
    }


@blueprint.route("")
@reads(Permission.SEE_STORAGE)
@blueprint.arguments(PickListsQuery, location="query")
@blueprint.response(200, PickListsAnswer)
def listed(asked: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """Pick lists of your sites, the newest first."""
    request = request_called(work, asked["request"]) if asked["request"] else None
    question = lists_seen_by(by, request=request)
    found = page(
        work, question, [PickList.id], cursor=asked["cursor"], limit=asked["limit"], newest_first=True
    )
    counts = counts_of(work, [each.id for each in found.rows])
    shown = [_shown(work, each, counts.get(each.id, {})) for each in found.rows]
    return {"lists": shown, "next_cursor": found.next_cursor}


@blueprint.route("", methods=["POST"])
@writes(Permission.PICK)
@blueprint.arguments(PickListShape)
@blueprint.response(201, PickListAnswer)
def made(new: NewPickList, *, work: Work, by: Actor) -> dict[str, Any]:
    """Choose what is picked; fewer lines than `wanted` say that no more may be."""
    return _shown(work, operations.make_list(work, new, by=by))


@blueprint.route("/<int:number>")
@reads(Permission.SEE_STORAGE)
@blueprint.response(200, PickListAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A list, and how many of its lines stand how."""
    return _shown(work, list_seen_by(work, by, number))


@blueprint.route("/<int:number>/walk")
@reads(Permission.SEE_STORAGE)
@blueprint.response(200, WalkAnswer)
def walk(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What is still to pick, place by place, and what left since the list was made."""
    found = walk_of(work, list_seen_by(work, by, number))
    return {
        "doors": found.doors,
        "pieces": found.pieces,
        "stops": [_stop(each) for each in found.stops],
        "gone": [{"item": each.item.identifier, "because": why} for each, why in found.gone],
    }


def _stop(stop: Stop) -> dict[str, Any]:
    return {
        "place": [place.identifier for place in stop.path],
        "pieces": [_piece(each.item) for each in stop.pieces],
    }


def _piece(item: Item) -> dict[str, Any]:
    names = ("kind", "specification", "position", "volume_microlitres")
    return {name: getattr(item, name) for name in names} | {"item": item.identifier}


@blueprint.route("/<int:number>/picks", methods=["POST"])
@writes(Permission.PICK)
@blueprint.arguments(PickShape)
@blueprint.response(200, PickedAnswer)
def picked(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A piece is in hand: checked out for the list, or taken off it when it may not be picked."""
    done = operations.pick(work, number, told["item"], by=by, source=told["source"], at=told["at"])
    return {
        "item": done.item.identifier,
        "picked": done.done is not None,
        "refusal": done.refusal,
        "alerts": done.done.alerts if done.done else (),
    }


@blueprint.route("/<int:number>/not-there", methods=["POST"])
@writes(Permission.PICK)
@blueprint.arguments(NotThereShape)
@blueprint.response(200, PieceNamedAnswer)
def not_there(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """It is not where it should be: a case looks for it."""
    done = operations.report_not_there(work, number, told["item"], by=by, source=Source("keyed"))
    return {"item": done.item.identifier}


@blueprint.route("/<int:number>/instead", methods=["POST"])
@writes(Permission.PICK)
@blueprint.arguments(InsteadShape)
@blueprint.response(200, PieceNamedAnswer)
def instead(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Another piece goes onto the list for one that cannot be picked."""
    item = operations.take_instead(work, number, told["item"], told["instead"], by=by)
    return {"item": item.identifier}


@blueprint.route("/<int:number>/cancellation", methods=["POST"])
@writes(Permission.PICK)
@blueprint.arguments(PickListCancelShape)
@blueprint.response(200, PickListAnswer)
def cancelled(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What is not picked stays where it is."""
    return _shown(work, operations.cancel_list(work, number, told["because"], by=by))


@blueprint.route("/<int:number>/hand-over", methods=["POST"])
@writes(Permission.DISTRIBUTE)
@blueprint.arguments(HandOnShape)
@blueprint.response(200, HandedOnAnswer)
def handed_over(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """All that is picked and here goes to the study, but for what may not."""
    return _handed(hand_over_picked(work, number, by=by, source=told["source"], at=told["at"]))


@blueprint.route("/<int:number>/send-out", methods=["POST"])
@writes(Permission.PICK)
@blueprint.arguments(HandOnShape)
@blueprint.response(200, HandedOnAnswer)
def sent_out(told: Told, number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """All that is picked and here goes to the laboratory; it stays ours."""
    return _handed(send_out_picked(work, number, by=by, source=told["source"], at=told["at"]))


def _handed(done: HandedOn) -> dict[str, Any]:
    stayed = [{"item": code, "because": why} for code, why in done.stayed]
    return {"went": list(done.went), "stayed": stayed, "distribution": done.distribution}


@outs.route("")
@reads(Permission.SEE_STORAGE)
@outs.response(200, CheckOutsAnswer)
def out(*, work: Work, by: Actor) -> dict[str, Any]:
    """What is out at your sites, that which is due first before the rest; 200 at most."""
    now = moments.now()
    return {
        "out": [
            {
                "item": each.item.identifier,
                "since": each.since,
                "due_at": each.due_at,
                "late": each.is_late(now),
                "pick_list": each.listed.id if each.listed else None,
                "goes_to": each.listed.goes_to if each.listed else None,
                "by": each.by,
            }
            for each in out_now(work, by)
        ]
    }


@outs.route("/returns", methods=["POST"])
@writes(Permission.PICK)
@outs.arguments(BackShape)
@outs.response(200, BackAnswer)
def returned(told: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """A piece is here again; its thaw is recorded when it was out too long."""
    named = {name: value for name, value in told.items() if name not in ("at", "source")}
    done = bring_back(work, Back(**named), by=by, source=told["source"], at=told["at"])
    item = done[-1].item
    return {
        "item": item.identifier,
        "state": item.state.value,
        "thawed": any(each.event["action"] == Action.THAW for each in done),
        "alerts": [alert for each in done for alert in each.alerts],
    }


@outs.route("/used-up", methods=["POST"])
@writes(Permission.PICK)
@outs.arguments(PickShape)
@outs.response(200, BackAnswer)
def used_up(told: Told, *, work: Work, by: Actor) -> dict[str, Any]:
    """Nothing of a piece is left."""
    done = use_up(work, told["item"], by=by, source=told["source"], at=told["at"])
    item = done.item
    return {"item": item.identifier, "state": item.state.value, "thawed": False, "alerts": done.alerts}
