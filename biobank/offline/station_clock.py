"""A station's clock beside ours: what it said is kept, and put right where it was known to be wrong."""

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from biobank.core.moments import Told, to_text

OFFSET = "clock_offset_seconds"
"""Detail of an event: by how much the station's clock was ahead of ours."""
SAID = "clock_said"
"""Detail of an event: the moment that the station's clock showed."""


def put_right(
    told: Told | None, offset_seconds: int | None, *, tolerated: timedelta, latest: datetime
) -> tuple[Told | None, dict[str, Any]]:
    """When it was by our clock, and the details that keep what the station's said.

    A clock within `tolerated` is believed. A time that still lies after `latest` is nobody's time: unknown.
    """
    if told is None:
        return None, {}
    offset = timedelta(seconds=offset_seconds or 0)
    is_wrong = abs(offset) > tolerated
    at = told.at - offset if is_wrong else told.at
    kept: dict[str, Any] = {SAID: to_text(told.at)} if is_wrong or at > latest else {}
    if is_wrong:
        kept[OFFSET] = offset_seconds
    return (None if at > latest else replace(told, at=at)), kept
