"""Recalls over HTTP: looked up, opened, told what was found, lifted."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.steps import Recorded
from biobank.items.models import Item
from biobank.recalls.inputs import NewRecall
from biobank.recalls.models import Recall
from biobank.recalls.operations import lift_recall, open_recall, tell_found
from biobank.recalls.queries import (
    counts_of_lot,
    items_to_find,
    progress,
    recall_numbered,
    recalls,
    sites_told,
)
from biobank.recalls.schemas import (
    FoundAnswer,
    FoundItemAnswer,
    FoundShape,
    LiftShape,
    LotQuery,
    RecallsAnswer,
    RecallShape,
    RecallsQuery,
    ToFindAnswer,
    ToFindQuery,
    ToldRecallAnswer,
)
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes

blueprint = Blueprint("recalls", __name__, url_prefix="/recalls", description="Lots that are called back.")


@blueprint.route("")
@reads(Permission.SEE_ITEMS)
@blueprint.arguments(RecallsQuery, location="query")
@blueprint.response(200, RecallsAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:  # noqa: ARG001 (a lot is no site's)
    """Recalls, the newest first."""
    question = recalls(standing=asked["standing"])
    found = page(work, question, [Recall.id], cursor=asked["cursor"], limit=asked["limit"], newest_first=True)
    return {"recalls": found.rows, "next_cursor": found.next_cursor}


@blueprint.route("/look")
@reads(Permission.RECALL)
@blueprint.arguments(LotQuery, location="query")
@blueprint.response(200, FoundAnswer)
def look(asked: Mapping[str, Any], *, work: Work, by: Actor) -> dict[str, Any]:  # noqa: ARG001 (the permission is what counts)
    """What a recall would find; nothing is held."""
    return {"counts": counts_of_lot(work, asked["lot"], asked["specification"])}


@blueprint.route("", methods=["POST"])
@writes(Permission.RECALL)
@blueprint.arguments(RecallShape)
@blueprint.response(201, ToldRecallAnswer)
def opened(new: NewRecall, *, work: Work, by: Actor) -> dict[str, Any]:
    """Recall a lot: what there is of it or made of it is listed and held."""
    return _told(work, by, open_recall(work, new, by=by))


@blueprint.route("/<int:number>")
@reads(Permission.SEE_ITEMS)
@blueprint.response(200, ToldRecallAnswer)
def show(number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """A recall, and how the things of it stand."""
    return _told(work, by, recall_numbered(work, number))


@blueprint.route("/<int:number>/items")
@reads(Permission.SEE_ITEMS)
@blueprint.arguments(ToFindQuery, location="query")
@blueprint.response(200, ToFindAnswer)
def to_find(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """What somebody still has to find, at one site or at all that you see."""
    seen = sites_told(by)
    if asked["site"] is not None:
        if seen is not None:
            at_own_site(by, asked["site"])
        seen = frozenset({asked["site"]})
    question = items_to_find(recall_numbered(work, number), seen)
    found = page(work, question, [Item.id], cursor=asked["cursor"], limit=asked["limit"])
    return {"items": found.rows, "next_cursor": found.next_cursor}


@blueprint.route("/<int:number>/found", methods=["POST"])
@writes(Permission.RECORD_STEPS)
@blueprint.arguments(FoundShape)
@blueprint.response(200, FoundItemAnswer)
def found(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Somebody has one of it in hand and puts it aside."""
    done = tell_found(work, number, asked["item"], by=by, source=asked["source"], at=asked["at"])
    item = done.item if isinstance(done, Recorded) else done
    alerts = done.alerts if isinstance(done, Recorded) else ()
    return {"item": item.identifier, "state": item.state.value, "alerts": alerts}


@blueprint.route("/<int:number>/lift", methods=["POST"])
@writes(Permission.RECALL)
@blueprint.arguments(LiftShape)
@blueprint.response(200, ToldRecallAnswer)
def lifted(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> dict[str, Any]:
    """Lift a recall; what another one lists stays held."""
    return _told(work, by, lift_recall(work, number, asked["reason"], by=by))


def _told(work: Work, by: Actor, recall: Recall) -> dict[str, Any]:
    return {"recall": recall, "progress": progress(work, recall, sites_told(by))}
