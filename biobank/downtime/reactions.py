"""What was recorded long after it was done is listed, so that somebody asks why."""

from datetime import timedelta

from biobank.core.database import Work
from biobank.custody.steps import Done, SourceKind
from biobank.downtime.models import LateEntry

BY_PEOPLE: frozenset[SourceKind] = frozenset({"scan", "keyed", "paper", "offline"})
"""Files tell of old things by their nature."""


def late_is_noted(work: Work, done: Done) -> None:
    attempt = done.attempt
    if attempt.at is None or attempt.source.kind not in BY_PEOPLE:
        return
    if attempt.recorded_at - attempt.at.at <= timedelta(hours=work.settings.late_entry_hours):
        return
    work.session.add(
        LateEntry(
            item_id=done.item.id,
            sequence=done.event["sequence"],
            action=attempt.action.value,
            site=done.item.site,
            occurred_at=attempt.at.at,
            recorded_at=attempt.recorded_at,
            recorded_by=attempt.by.person,
            source=attempt.source.kind,
            reference=attempt.source.reference[:200],
        )
    )
    work.flush()
