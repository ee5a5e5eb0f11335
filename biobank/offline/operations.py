"""Taking what a station scanned without network: each scan recorded once, or kept for somebody to look at."""

from datetime import timedelta
from functools import partial
from typing import NamedTuple

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import DomainError
from biobank.custody.checks import LostRace
from biobank.custody.holds import open_discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import item_if_known, item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import Alert, Recorded, Source
from biobank.items.choices import ScanOutcome
from biobank.items.inputs import SeenScan
from biobank.items.operations import kept_text, log_scan
from biobank.kits.collecting import answer_standing
from biobank.offline.choices import QueueOutcome
from biobank.offline.inputs import QueuedScan
from biobank.offline.models import OfflineScan
from biobank.offline.queries import cases_of, told_before
from biobank.offline.station_clock import put_right

LONGEST_SENTENCE = 500
NOT_RECORDED = "offline_scan"
"""Kind of discrepancy of a scan that could not be recorded as a step of its item."""


class Taken(NamedTuple):
    """A scan as it is kept, and what has to be heard about it."""

    kept: OfflineScan
    alerts: tuple[Alert, ...] = ()


def take(work: Work, queued: QueuedScan, *, by: Actor, site: str) -> Taken:
    """Record one scan of a queue as its item's event, once; the caller saw that its key is new.

    What the rules refuse is kept all the same, as a conflict, and as a discrepancy where the item is known.
    Raises `LostRace`: send it again.
    """
    try:
        with work.savepoint():
            done = _recorded(work, queued, by)
    except LostRace:
        raise
    except DomainError as refusal:
        return Taken(_kept_for_somebody(work, queued, refusal, by, site))
    _log(work, queued, by, done.item.id)
    if done.repeated:
        return Taken(_keep(work, queued, QueueOutcome.ALREADY, by, site, item_id=done.item.id), done.alerts)
    sequence = int(done.event["sequence"])
    sentence = " ".join(cases_of(work, done.item.id, sequence)) or None
    outcome = QueueOutcome.CONFLICT if sentence else QueueOutcome.TAKEN
    kept = _keep(
        work, queued, outcome, by, site, item_id=done.item.id, sentence=sentence, event_sequence=sequence
    )
    return Taken(kept, done.alerts)


def note_taken_online(work: Work, queued: QueuedScan, *, by: Actor, site: str) -> OfflineScan:
    """The scan was acknowledged over the network, and the answer got lost on its way back."""
    item = item_if_known(work, queued.item)
    return _keep(work, queued, QueueOutcome.ALREADY, by, site, item_id=item.id if item else None)


def keep_unread(work: Work, queued: QueuedScan, refusal: DomainError, *, by: Actor, site: str) -> OfflineScan:
    """What came under a key and is no scan: somebody has to look at it."""
    return _kept_for_somebody(work, queued, refusal, by, site)


def _recorded(work: Work, queued: QueuedScan, by: Actor) -> Recorded:
    settings = work.settings
    at, said = put_right(
        queued.at,
        queued.clock_offset_seconds,
        tolerated=timedelta(minutes=settings.station_clock_warn_minutes),
        latest=moments.now() + timedelta(minutes=settings.clock_skew_minutes),
    )
    told = partial(
        record,
        work,
        queued.item,
        by=by,
        source=Source("offline", str(queued.counter)),
        at=at,
        performed_by=queued.performed_by,
    )
    earlier = _answer_to_take_back(work, queued)
    if earlier is not None:
        told(Action.CORRECT, details={"undo": "newest step", "reason": "answered again"}, corrects=earlier)
    return told(queued.action, details={**queued.details, **said})


def _answer_to_take_back(work: Work, queued: QueuedScan) -> int | None:
    """Number of the event that the same person told of the same tube before, in the same queue.

    A second answer takes its place; what broke after it was filled was filled.
    """
    item = item_now(work, queued.item)
    standing = answer_standing(work, item)
    if standing is None or (queued.action is Action.BREAK and item.state is State.COLLECTED):
        return None
    is_same = standing["action"] == queued.action.value and standing.get("details", {}) == queued.details
    told_it = told_before(work, item.id, performed_by=standing["performed_by"], counter=queued.counter)
    is_theirs = standing["performed_by"] == queued.performed_by and told_it
    return int(standing["sequence"]) if is_theirs and not is_same else None


def _kept_for_somebody(
    work: Work, queued: QueuedScan, refusal: DomainError, by: Actor, site: str
) -> OfflineScan:
    item = item_if_known(work, queued.item)
    _log(work, queued, by, item.id if item else None, refusal.detail)
    if item is not None:
        open_discrepancy(work, item, NOT_RECORDED, refusal.detail[:LONGEST_SENTENCE], by=by)
    return _keep(
        work,
        queued,
        QueueOutcome.CONFLICT,
        by,
        site,
        item_id=item.id if item else None,
        sentence=refusal.detail,
    )


def _log(work: Work, queued: QueuedScan, by: Actor, item_id: int | None, refusal: str | None = None) -> None:
    outcome = ScanOutcome.REFUSED if refusal else ScanOutcome.TAKEN
    log_scan(work, SeenScan(queued.item, outcome, queued.action.value, item_id, refusal), by=by)


def _keep(
    work: Work,
    queued: QueuedScan,
    outcome: QueueOutcome,
    by: Actor,
    site: str,
    *,
    item_id: int | None = None,
    sentence: str | None = None,
    event_sequence: int | None = None,
) -> OfflineScan:
    kept = OfflineScan(
        key=queued.key,
        counter=queued.counter,
        site=site,
        station=by.station,
        scanned=kept_text(queued.item, is_known=item_id is not None),
        item_id=item_id,
        action=queued.action.value,
        said_at=queued.at.at if queued.at else None,
        clock_offset_seconds=queued.clock_offset_seconds,
        performed_by=queued.performed_by or by.person,
        received_at=moments.now(),
        received_by=by.person,
        outcome=outcome.value,
        sentence=sentence[:LONGEST_SENTENCE] if sentence else None,
        event_sequence=event_sequence,
    )
    work.session.add(kept)
    work.flush()
    return kept
