"""The programme acknowledges lines of the destruction feed; what nobody acknowledged in time is listed."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.feeds import checks
from biobank.feeds.models import ResultAcknowledgement
from biobank.feeds.results import NOTHING_YET, Result, every_result, results_after
from biobank.ledger.operations import append_to
from biobank.ledger.queries import tree_size

SUBJECT = "feed:destructions"
ENTRY = "results_received"
ROW = re.compile(r"([0-9]{1,18})-([0-9]{1,9})")
Key = tuple[int, int]


@dataclass(frozen=True)
class Acknowledged:
    """How many lines are acknowledged now, how many were before, and what is no line of the feed."""

    taken: int
    known: int
    unknown: Sequence[str]


def acknowledge_results(work: Work, rows: Sequence[str], *, by: Actor) -> Acknowledged:
    """Acknowledge lines by their `row`; a line that is acknowledged twice is acknowledged once.

    Raises `AllSitesNeeded`.
    """
    checks.works_at_all_sites(by)
    asked = {row: _key(row) for row in dict.fromkeys(rows)}
    there = _there(work, {key[0] for key in asked.values() if key})
    before = acknowledged(work, {key[0] for key in asked.values() if key})
    new = [key for key in asked.values() if key in there and key not in before]
    if new:
        _keep(work, [key for key in new if key], by)
    unknown = [row for row, key in asked.items() if key not in there]
    return Acknowledged(len(new), len(asked) - len(new) - len(unknown), unknown)


def _key(row: str) -> Key | None:
    found = ROW.fullmatch(row)
    return (int(found[1]), int(found[2])) if found else None


def _there(work: Work, positions: Iterable[int]) -> set[Key | None]:
    """The lines at these places of the log."""
    size = tree_size(work)
    found: set[Key | None] = set()
    for position in sorted(set(positions)):
        if position < size:
            at = results_after(work, max(position - 1, NOTHING_YET), limit=1)
            found |= {(line.position, line.line) for line in at.lines if line.position == position}
    return found


def acknowledged(work: Work, positions: Iterable[int] | None = None) -> set[Key]:
    question = select(ResultAcknowledgement.position, ResultAcknowledgement.line)
    if positions is not None:
        question = question.where(ResultAcknowledgement.position.in_(sorted(set(positions))))
    return {(position, line) for position, line in work.session.execute(question)}


def _keep(work: Work, keys: Sequence[Key], by: Actor) -> None:
    at = moments.now()
    work.session.add_all(
        ResultAcknowledgement(position=position, line=line, acknowledged_at=at, acknowledged_by=by.person)
        for position, line in keys
    )
    work.flush()
    rows = [f"{position}-{line}" for position, line in keys]
    append_to(
        work, subject=SUBJECT, kind=ENTRY, content={"rows": rows, "recorded_by": by.person}, recorded_at=at
    )


def unacknowledged(work: Work, *, before: datetime | None = None) -> list[Result]:
    """Lines that the programme has not acknowledged, oldest first; told before a moment, if one is given."""
    have = acknowledged(work)
    waiting = [line for line in every_result(work) if (line.position, line.line) not in have]
    return [line for line in waiting if before is None or line.recorded_at < before]


def overdue_results(work: Work) -> list[Result]:
    """Lines that nobody acknowledged within `feed_acknowledgement_days`."""
    days = timedelta(days=work.settings.feed_acknowledgement_days)
    return unacknowledged(work, before=moments.now() - days)


def newest_acknowledgement(work: Work) -> ResultAcknowledgement | None:
    question = select(ResultAcknowledgement).order_by(ResultAcknowledgement.id.desc()).limit(1)
    return work.session.scalars(question).first()
