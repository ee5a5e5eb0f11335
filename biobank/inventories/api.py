"""Inventory checks over HTTP: planned, read, ended, counted again, closed; what is due, samples, figures."""

from collections.abc import Mapping, Sequence
from typing import Any

from flask import request

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Permission
from biobank.core.database import Work
from biobank.custody.checks import seen_by
from biobank.custody.models import Discrepancy
from biobank.custody.queries import item_by_id
from biobank.custody.steps import Alert, Source
from biobank.inventories.choices import CheckState, Difference, Seen
from biobank.inventories.closing import close_check
from biobank.inventories.comparing import Found, compare
from biobank.inventories.counting import Taken, take_back, take_file, take_reading
from biobank.inventories.inputs import NewCheck, NewSample, Read
from biobank.inventories.models import InventoryCheck, InventoryDifference, InventorySample
from biobank.inventories.operations import (
    begin_check,
    cancel_check,
    count_again,
    end_count,
    plan_check,
)
from biobank.inventories.queries import (
    accuracy,
    accuracy_of_sample,
    boxes_due,
    check_numbered,
    checks_seen_by,
    differences_by_kind,
    differences_of,
    sample_numbered,
)
from biobank.inventories.readings import of_turn, readings_of
from biobank.inventories.sampling import draw_sample, plan_due
from biobank.inventories.schemas import (
    AccuracyQuery,
    BoxesDueAnswer,
    CancelCheckShape,
    ChecksQuery,
    CloseShape,
    DueShape,
    FileQuery,
    InventoryAccuracyAnswer,
    InventoryChecksAnswer,
    PlanCheckShape,
    PlannedAnswer,
    ReadingAnswer,
    ReadingShape,
    SampleAnswer,
    SampleShape,
    TakenBackAnswer,
    ToldCheckAnswer,
)
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.web.openapi import Blueprint
from biobank.web.paging import page
from biobank.web.permission import reads, writes
from biobank.web.shapes import NothingToldShape, Paging
from biobank.web.uploads import FILE_BODY, file_sent

blueprint = Blueprint(
    "inventories", __name__, url_prefix="/inventories", description="Counting what lies in storage."
)
COUNTS, PLANS, SEES = Permission.COUNT_STORAGE, Permission.PLAN_INVENTORIES, Permission.SEE_STORAGE
Document = dict[str, Any]


@blueprint.route("")
@reads(SEES)
@blueprint.arguments(ChecksQuery, location="query")
@blueprint.response(200, InventoryChecksAnswer)
def listed(asked: Mapping[str, Any], *, work: Work, by: Actor) -> Document:
    """Checks of your sites, the newest first."""
    states = [asked["state"]] if asked["state"] else []
    question, cursor = checks_seen_by(by, *states), asked["cursor"]
    found = page(work, question, [InventoryCheck.id], cursor=cursor, limit=asked["limit"], newest_first=True)
    units = {unit.id: unit for unit in items_numbered(work, [each.unit_id for each in found.rows])}
    named = [_named(each, units[each.unit_id].identifier) for each in found.rows]
    return {"checks": named, "next_cursor": found.next_cursor}


@blueprint.route("", methods=["POST"])
@writes(PLANS)
@blueprint.arguments(PlanCheckShape)
@blueprint.response(201, ToldCheckAnswer)
def plan(new: NewCheck, *, work: Work, by: Actor) -> Document:
    """Plan to count a unit, and with `whole` everything that stands in it."""
    return _told(work, by, plan_check(work, new, by=by).id)


@blueprint.route("/due")
@reads(SEES)
@blueprint.arguments(Paging, location="query")
@blueprint.response(200, BoxesDueAnswer)
def due(asked: Mapping[str, Any], *, work: Work, by: Actor) -> Document:
    """Boxes that nobody counted for longer than the cycle."""
    question = boxes_due(work, by.sites)
    found = page(work, question, [Item.id], cursor=asked["cursor"], limit=asked["limit"])
    return {"units": [box.identifier for box in found.rows], "next_cursor": found.next_cursor}


@blueprint.route("/due", methods=["POST"])
@writes(PLANS)
@blueprint.arguments(DueShape)
@blueprint.response(201, PlannedAnswer)
def due_planned(asked: Mapping[str, Any], *, work: Work, by: Actor) -> Document:
    """Plan checks of those longest without a count."""
    done = plan_due(work, asked["site"], asked["most"], by=by, due_on=asked["due_on"])
    return {"checks": [check.id for check in done]}


@blueprint.route("/samples", methods=["POST"])
@writes(PLANS)
@blueprint.arguments(SampleShape)
@blueprint.response(201, SampleAnswer)
def sample_drawn(new: NewSample, *, work: Work, by: Actor) -> Document:
    """Draw boxes at random for an audit; the same seed draws the same of the same boxes."""
    return _sample(work, draw_sample(work, new, by=by))


@blueprint.route("/samples/<int:number>")
@reads(SEES)
@blueprint.response(200, SampleAnswer)
def show_sample(number: int, *, work: Work, by: Actor) -> Document:
    """A sample, and how right the log was of it."""
    sample = sample_numbered(work, number)
    at_own_site(by, sample.site)
    return _sample(work, sample)


def _sample(work: Work, sample: InventorySample) -> Document:
    return {"sample": sample, "figures": accuracy_of_sample(work, sample)}


@blueprint.route("/accuracy")
@reads(SEES)
@blueprint.arguments(AccuracyQuery, location="query")
@blueprint.response(200, InventoryAccuracyAnswer)
def figures(asked: Mapping[str, Any], *, work: Work, by: Actor) -> Document:
    """What was checked at your sites and what differed, of checks closed between two moments."""
    between = (asked["from_at"].at, asked["until_at"].at, asked["reason"])
    told = accuracy(work, by.sites, *between)
    return {
        "checks": told.checks,
        "checked": told.checked,
        "differences": told.differences,
        "share": told.share,
        "bounds": told.bounds,
        "by_kind": differences_by_kind(work, by.sites, *between),
    }


@blueprint.route("/<int:number>")
@reads(SEES)
@blueprint.response(200, ToldCheckAnswer)
def show(number: int, *, work: Work, by: Actor) -> Document:
    """A check; its differences only once the count has ended, so that nobody counts by the map."""
    return _told(work, by, number)


@blueprint.route("/<int:number>/begin", methods=["POST"])
@writes(COUNTS)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, ToldCheckAnswer)
def begin(_: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Document:
    """Somebody stands before the unit and counts."""
    return _told(work, by, begin_check(work, number, by=by).id)


@blueprint.route("/<int:number>/readings", methods=["POST"])
@writes(COUNTS)
@blueprint.arguments(ReadingShape)
@blueprint.response(201, ReadingAnswer)
def read(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Taken:
    """What lies in a position; 409 `confirmable` for a code that was read elsewhere in the unit."""
    told = Read(**{**asked, "seen": Seen(asked["seen"]), "source": Source("scan")})
    return take_reading(work, number, told, by=by)


@blueprint.route("/<int:number>/take-back", methods=["POST"])
@writes(COUNTS)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, TakenBackAnswer)
def taken_back(_: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Document:
    """The newest reading was a slip."""
    undone = take_back(work, number, by=by)
    return {
        "taken_back": undone is not None,
        "position": undone.position if undone else None,
        "code": undone.code if undone else None,
    }


@blueprint.route("/<int:number>/rack-scans", methods=["POST"])
@writes(COUNTS)
@blueprint.doc(requestBody=FILE_BODY)
@blueprint.arguments(FileQuery, location="query")
@blueprint.response(200, ToldCheckAnswer)
def file(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Document:
    """A rack scanner's file as the count; the body is the file, or a form with a `file`."""
    content, name = file_sent(request, asked["file_name"])
    take_file(work, number, content, name, by=by, layout=asked["layout"])
    return _told(work, by, number)


@blueprint.route("/<int:number>/end", methods=["POST"])
@writes(COUNTS)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, ToldCheckAnswer)
def end(_: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Document:
    """Everything was read; what was not counts as empty."""
    return _told(work, by, end_count(work, number, by=by).id)


@blueprint.route("/<int:number>/second-count", methods=["POST"])
@writes(COUNTS)
@blueprint.arguments(NothingToldShape)
@blueprint.response(200, ToldCheckAnswer)
def again(_: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Document:
    """The second count, by somebody else."""
    return _told(work, by, count_again(work, number, by=by).id)


@blueprint.route("/<int:number>/close", methods=["POST"])
@writes(COUNTS)
@blueprint.arguments(CloseShape)
@blueprint.response(200, ToldCheckAnswer)
def close(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Document:
    """Record what was found as it lies, all of it or nothing, and open a case for every difference."""
    done = close_check(work, number, by=by, expected=asked["expected"], because=asked["because"])
    return _told(work, by, number, done.alerts)


@blueprint.route("/<int:number>/cancel", methods=["POST"])
@writes(COUNTS)
@blueprint.arguments(CancelCheckShape)
@blueprint.response(200, ToldCheckAnswer)
def cancel(asked: Mapping[str, Any], number: int, *, work: Work, by: Actor) -> Document:
    """Give a check up; nothing of it is recorded."""
    return _told(work, by, cancel_check(work, number, asked["because"], by=by).id)


def _named(check: InventoryCheck, unit: str) -> Document:
    return {"check": check, "unit": unit}


def _told(work: Work, by: Actor, number: int, alerts: Sequence[Alert] = ()) -> Document:
    check = check_numbered(work, number)
    unit = item_by_id(work, check.unit_id)
    seen_by(work, by, unit)
    read_by_now = of_turn(readings_of(work, check), check.turn)
    return {
        "check": _named(check, unit.identifier),
        "read": len(read_by_now),
        "result": _result(work, check),
        "alerts": alerts,
    }


def _result(work: Work, check: InventoryCheck) -> Document | None:
    if check.state == CheckState.CLOSED:
        found = [_recorded(work, *each) for each in differences_of(work, check)]
        return {"agreed": check.agreed, "differences": found, "disputed": [], "fingerprint": None}
    if check.state != CheckState.COUNTED:
        return None
    comparison = compare(work, check)
    return {
        "agreed": comparison.agreed,
        "differences": [_found(each) for each in comparison.differences],
        "disputed": sorted(comparison.disputed),
        "fingerprint": comparison.fingerprint,
    }


def _found(found: Found) -> Document:
    return {
        "kind": found.kind,
        "position": found.position,
        "item": found.item.identifier if found.item else None,
        "code": found.code,
        "sentence": found.sentence,
        "step": found.step.value if found.step else None,
        "look_again": found.is_overtaken,
        "case": None,
    }


def _recorded(work: Work, found: InventoryDifference, case: Discrepancy) -> Document:
    return {
        "kind": Difference(found.kind),
        "position": found.position,
        "item": item_by_id(work, found.item_id).identifier if found.item_id else None,
        "code": found.code,
        "sentence": case.sentence,
        "step": None,
        "look_again": False,
        "case": case.id,
    }
