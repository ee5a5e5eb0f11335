"""The queue of a station that had no network, as its browser sends it."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

from flask import Blueprint, Response, current_app, jsonify, request

from biobank.access.actors import Actor
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.core.errors import DatabaseUnavailable, DomainError, Invalid
from biobank.custody.checks import LostRace
from biobank.custody.schemas import LONGEST_SCAN
from biobank.custody.states import Action
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.offline.checks import may_send
from biobank.offline.inputs import QueuedScan
from biobank.offline.models import OfflineScan
from biobank.offline.operations import Taken, keep_unread, note_taken_online, take
from biobank.offline.queries import received
from biobank.offline.schemas import KEY, QueuedScanShape, QueueShape
from biobank.sites.queries import site_named
from biobank.web.errors import problem_of, status_of
from biobank.web.idempotency import remember, reserved
from biobank.web.language import said
from biobank.web.permission import once_kept, reads
from biobank.web.shapes import body_of, loaded

blueprint = Blueprint("offline_queue", __name__)
QUEUE, SCAN = QueueShape(), QueuedScanShape()
Scanned = tuple[QueuedScan, DomainError | None]
"""A scan, and why it cannot be what it says."""


@blueprint.post("/offline/scans")
@reads(Permission.RECORD_STEPS)  # each scan is then written in a transaction of its own
def scans(*, work: Work, by: Actor) -> Response:
    """Each scan of a queue, in its order, is recorded or kept for somebody to look at; none is refused."""
    try:
        queue = loaded(QUEUE, body_of(request))
        may_send(by, queue["site"])
        zone = site_named(work, queue["site"]).zone
        offset = round((queue["sent_at"].at - moments.now()) / timedelta(seconds=1))
        read = [_read(document, zone, offset) for document in queue["scans"]]
    except DomainError as refusal:
        answer = jsonify({**problem_of(refusal), "detail": said(refusal.detail)})
        answer.status_code = status_of(refusal)
        return answer
    once_kept(partial(_take_all, sorted(read, key=lambda each: each[0].counter), by, queue["site"]))
    return Response(status=204)


def _read(document: Any, zone: str, offset: int) -> Scanned:
    """A scan that cannot be read is kept too, and keeps no other waiting, as long as it has a key."""
    try:
        queued: QueuedScan = loaded(SCAN, document)
    except DomainError as refusal:
        return _unread(document, refusal), refusal
    try:
        at = moments.told(queued.at.at, zone) if queued.at else None
    except OverflowError:  # a clock at the first or the last day that there is knows no time
        at = None
    known = queued.clock_offset_seconds
    return replace(queued, at=at, clock_offset_seconds=offset if known is None else known), None


def _unread(document: Any, refusal: DomainError) -> QueuedScan:
    told: Mapping[str, Any] = document if isinstance(document, dict) else {}
    key, counter, item = told.get("key"), told.get("counter"), told.get("item")
    if not isinstance(key, str) or not KEY.match(key):
        raise refusal
    return QueuedScan(
        key=key,
        counter=counter if isinstance(counter, int) and abs(counter) < LARGEST else 0,
        item=item[:LONGEST_SCAN] if isinstance(item, str) else "",
        action=Action.COLLECT,
        at=None,
    )


LARGEST = 2**53


def _take_all(scans: list[Scanned], by: Actor, site: str) -> Response:
    answers: list[dict[str, Any]] = []
    for queued, refusal in scans:
        try:
            answers.append(_take_by_itself(queued, refusal, by, site))
        except LostRace:  # the rest must not overtake it: the station sends them again
            break
    return jsonify({"answers": answers})


def _take_by_itself(queued: QueuedScan, refusal: DomainError | None, by: Actor, site: str) -> dict[str, Any]:
    """In a transaction of its own; what fails on our side is kept too, and keeps none of the rest waiting."""
    try:
        with writing() as work:
            return _take_once(work, queued, refusal, by, site)
    except (DomainError, DatabaseUnavailable):
        raise
    except Exception:
        current_app.logger.exception("unexpected in a scan of a queue")
        with writing() as work:
            return _take_once(work, queued, NotTaken(NOT_TAKEN), by, site)


class NotTaken(Invalid):
    """A scan that our side could not record."""

    title = "Not recorded"


NOT_TAKEN = "It could not be recorded; tell the administrator, and record it on the page of its item."


def _take_once(
    work: Work, queued: QueuedScan, refusal: DomainError | None, by: Actor, site: str
) -> dict[str, Any]:
    """The key is that of the form which was sent over the network, so that one of the two counts."""
    person = queued.performed_by or by.person
    is_new = reserved(work, person, queued.key, f"offline:{queued.key}")
    earlier = received(work, queued.key)
    if earlier is not None:
        return _told(work, Taken(earlier))
    if not is_new:
        return _told(work, Taken(note_taken_online(work, queued, by=by, site=site)))
    if refusal is not None:
        taken = Taken(keep_unread(work, queued, refusal, by=by, site=site))
    else:
        taken = take(work, queued, by=by, site=site)
    answer = _told(work, taken)
    remember(work, person, queued.key, jsonify(answer))
    return answer


def _told(work: Work, taken: Taken) -> dict[str, Any]:
    kept: OfflineScan = taken.kept
    item = work.session.get(Item, kept.item_id) if kept.item_id else None
    return {
        "key": kept.key,
        "outcome": kept.outcome,
        "item": printed(item.identifier) if item else None,
        "sentence": said(kept.sentence) if kept.sentence else None,
        "alerts": [said(alert.text) for alert in taken.alerts if alert.kind != "flag"],
    }
