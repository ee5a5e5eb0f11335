"""What a verification says: each thing that is wrong, with the event it is about."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from biobank.core.database import Work


class Wrong(StrEnum):
    """The kinds of wrong that a log can have."""

    CHANGED = "changed"
    REMOVED = "removed"
    INSERTED = "inserted"
    RE_ORDERED = "re-ordered"
    BACK_DATED = "back-dated"
    CHECKPOINT = "checkpoint"
    UNSEALED = "unsealed"
    STATE = "state"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong; `subject` and `sequence` name the event as far as it can be named."""

    kind: Wrong
    subject: str | None
    sequence: int | None
    sentence: str

    def __str__(self) -> str:
        return f"{self.kind}: {self.sentence}"


Replay = Callable[[Work], Iterable[Finding]]
"""Compares what a feature stores with what the log says of it."""


@dataclass(frozen=True)
class Report:
    """What was found, over how many entries, and the tree's size and root."""

    findings: tuple[Finding, ...]
    entries: int
    size: int
    root: bytes

    @property
    def is_clean(self) -> bool:
        return not self.findings
