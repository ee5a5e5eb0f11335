"""A code that was given up: who gave it up, when and why, for whoever scans it."""

from biobank.core.database import Work
from biobank.custody.queries import newest_events
from biobank.custody.states import Action, State
from biobank.custody.steps import ItemNow

LOOKED_AT = 200
"""Newest events; what is voided has few."""


def how_voided(work: Work, item: ItemNow) -> str:
    """` on 2026-03-01 by tech.ana (damaged)`, to follow the word voided; empty for any other item."""
    if item.state is not State.VOIDED:
        return ""
    events = newest_events(work, item.identifier, LOOKED_AT)
    event = next((each for each in events if each["action"] == Action.VOID.value), None)
    if event is None:
        return ""
    reason = str(event.get("details", {}).get("reason", "")).replace("_", " ")
    when = event["recorded_at"][: len("2026-03-01T09:30")].replace("T", " ")
    return f" on {when} UTC by {event['performed_by']}" + (f" ({reason})" if reason else "")
