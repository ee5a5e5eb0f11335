"""The queue of a station that had no network, as its browser sends it."""

import json
from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any, NamedTuple

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
from biobank.offline.checks import KeyUsedBefore, collects_there, may_send
from biobank.offline.inputs import QueuedScan
from biobank.offline.models import OfflineScan
from biobank.offline.operations import Taken, keep_unread, note_taken_online, take
from biobank.offline.queries import is_told, received
from biobank.offline.schemas import KEY, QueuedScanShape, QueueShape
from biobank.sites.queries import site_named
from biobank.web.errors import problem_of, status_of
from biobank.web.idempotency import is_same_request, keyed_hash, remember, reserved
from biobank.web.language import said
from biobank.web.permission import once_kept, reads
from biobank.web.shapes import body_of, loaded

blueprint = Blueprint("offline_queue", __name__)
QUEUE, SCAN = QueueShape(), QueuedScanShape()
OF_THE_QUEUE = "(a queue)"
"""Whose keys a queue's are, whoever sends it; no user is called that."""
OF_THE_SENDING = frozenset({"counter", "clock_offset_seconds"})
"""Fields that say nothing about what was scanned."""


class Scanned(NamedTuple):
    """A scan as it was read, and why it cannot be what it says."""

    queued: QueuedScan
    refusal: DomainError | None
    content: str
    """Keyed hash of what was scanned: of the same key it is always the same."""
    told_key: str | None
    """As the station calls it."""


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
    """A scan that cannot be read is kept too, and keeps no other waiting."""
    told: Mapping[str, Any] = document if isinstance(document, dict) else {}
    key, content = told.get("key"), _content(document)
    queued, refusal = _queued(document, told, content, zone, offset)
    return Scanned(queued, refusal, content, key if isinstance(key, str) else None)


def _queued(
    document: Any, told: Mapping[str, Any], content: str, zone: str, offset: int
) -> tuple[QueuedScan, DomainError | None]:
    try:
        queued: QueuedScan = loaded(SCAN, document)
    except DomainError as refusal:
        return _unread(told, content), refusal
    try:
        at = moments.told(queued.at.at, zone) if queued.at else None
    except OverflowError:  # a clock at the first or the last day that there is knows no time
        at = None
    known = queued.clock_offset_seconds
    return replace(queued, at=at, clock_offset_seconds=offset if known is None else known), None


def _content(document: Any) -> str:
    if isinstance(document, dict):
        document = {name: value for name, value in document.items() if name not in OF_THE_SENDING}
    return keyed_hash(json.dumps(document, sort_keys=True))


def _unread(told: Mapping[str, Any], content: str) -> QueuedScan:
    """What has no key is known by its content."""
    key, counter, item = told.get("key"), told.get("counter"), told.get("item")
    return QueuedScan(
        key=key if isinstance(key, str) and KEY.match(key) else content,
        counter=counter if isinstance(counter, int) and abs(counter) < LARGEST else 0,
        item=item[:LONGEST_SCAN] if isinstance(item, str) else "",
        action=Action.COLLECT,
        at=None,
    )


LARGEST = 2**53


def _take_all(scans: list[Scanned], by: Actor, site: str) -> Response:
    answers: list[dict[str, Any]] = []
    for scanned in scans:
        try:
            answers.append({**_take_by_itself(scanned, by, site), "key": scanned.told_key})
        except LostRace:  # the rest must not overtake it: the station sends them again
            break
    return jsonify({"answers": answers})


def _take_by_itself(scanned: Scanned, by: Actor, site: str) -> dict[str, Any]:
    """In a transaction of its own; what fails on our side is kept too, and keeps none of the rest waiting."""
    try:
        with writing() as work:
            return _take_once(work, scanned, by, site)
    except (DomainError, DatabaseUnavailable):
        raise
    except Exception:
        current_app.logger.exception("unexpected in a scan of a queue")
        with writing() as work:
            return _take_once(work, scanned._replace(refusal=NotTaken(NOT_TAKEN)), by, site)


class NotTaken(Invalid):
    """A scan that our side could not record."""

    title = "Not recorded"


NOT_TAKEN = "It could not be recorded; tell the administrator, and record it on the page of its item."


def _take_once(work: Work, scanned: Scanned, by: Actor, site: str) -> dict[str, Any]:
    """The key is that of the form which was sent over the network, so that one of the two counts."""
    queued, key = scanned.queued, scanned.queued.key
    is_first = reserved(work, OF_THE_QUEUE, key, scanned.content)  # of two who send it, the second waits
    if not is_first and not is_same_request(work, OF_THE_QUEUE, key, scanned.content):
        return _take_once(work, _of_another_key(scanned), by, site)
    earlier = received(work, key)
    if earlier is not None:
        return _told(work, Taken(earlier))
    person = queued.performed_by or by.person
    if not reserved(work, person, key, scanned.content):
        if not is_told(work, queued):
            return _take_once(work, _of_another_key(scanned), by, site)
        return _told(work, Taken(note_taken_online(work, queued, by=by, site=site)))
    answer = _told(work, _taken_or_kept(work, scanned, by, site))
    remember(work, person, key, jsonify(answer))
    return answer


def _of_another_key(scanned: Scanned) -> Scanned:
    """It is kept for somebody to look at, under a key that its content makes."""
    key = keyed_hash(f"{scanned.queued.key} {scanned.content}")
    return scanned._replace(queued=replace(scanned.queued, key=key), refusal=KeyUsedBefore())


def _taken_or_kept(work: Work, scanned: Scanned, by: Actor, site: str) -> Taken:
    queued, refusal = scanned.queued, scanned.refusal
    if refusal is not None:
        return Taken(keep_unread(work, queued, refusal, by=by, site=site))
    try:
        collects_there(work, queued.performed_by, site)
    except DomainError as unknown:  # a name that is nobody's is not kept
        return Taken(keep_unread(work, replace(queued, performed_by=None), unknown, by=by, site=site))
    return take(work, queued, by=by, site=site)


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
