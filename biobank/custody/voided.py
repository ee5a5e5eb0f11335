"""A code that was given up: who gave it up, when and why, for whoever scans it."""

from collections.abc import Mapping
from typing import Any

from biobank.core.database import Work
from biobank.custody.queries import newest_event_of
from biobank.custody.states import Action, State
from biobank.custody.steps import ItemNow


def voiding_of(work: Work, identifier: str) -> Mapping[str, Any] | None:
    """The event by which a code was given up."""
    return newest_event_of(work, identifier, Action.VOID) or newest_event_of(
        work, identifier, Action.REPLACE_CODE
    )


def how_voided(work: Work, item: ItemNow) -> str:
    """` on 2026-03-01 09:30 UTC by tech.ana (damaged)`, to follow the word voided; else empty."""
    event = voiding_of(work, item.identifier) if item.state is State.VOIDED else None
    if event is None:
        return ""
    reason = str(event.get("details", {}).get("reason", "")).replace("_", " ")
    when = event["recorded_at"][: len("2026-03-01T09:30")].replace("T", " ")
    return f" on {when} UTC by {event['performed_by']}" + (f" ({reason})" if reason else "")
