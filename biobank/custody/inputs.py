"""What a scan says, as operations take it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from biobank.core.moments import Told
from biobank.custody.states import Action
from biobank.custody.steps import Source


@dataclass(frozen=True, kw_only=True)
class Scan:
    """One scan; its fields are the arguments of `custody.operations.record` by name."""

    item: str
    action: Action
    at: Told | None
    """None when nobody knows when it was."""
    source: Source = field(default_factory=lambda: Source("scan"))
    performed_by: str | None = None
    place: str | None = None
    position: str | None = None
    details: Mapping[str, Any] = field(default_factory=dict)
    confirmation: str | None = None
    """Why a surprising fact is true all the same."""
    corrects: int | None = None
    """Number of the item's event that this one corrects."""
