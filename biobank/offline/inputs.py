"""What a station's queue says, as operations take it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from biobank.core.moments import Told
from biobank.custody.states import Action


@dataclass(frozen=True, kw_only=True)
class QueuedScan:
    """One scan of a queue, as the station kept it."""

    key: str
    """Made when it was typed, and used by every attempt to send it."""
    counter: int
    """Its place in the queue of that browser."""
    item: str
    action: Action
    at: Told | None
    """By the station's clock."""
    clock_offset_seconds: int | None = None
    """By how much the station's clock was ahead of ours when the two last met."""
    performed_by: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
