"""What somebody says who declares an outage, carries something out of it, or judges what was in it."""

from dataclasses import dataclass

from biobank.core.moments import Told
from biobank.outages.choices import Grouping, Outcome


@dataclass(frozen=True, kw_only=True)
class NewOutage:
    """A unit that keeps its temperature no more; `unit` is a printed identifier or an alias."""

    unit: str
    began: Told | None
    """Since when; None when nobody knows."""
    temperature_celsius: int | None = None
    """What its display showed; None when nobody looked or it showed nothing."""


@dataclass(frozen=True, kw_only=True)
class CarriedOut:
    """One rack, box or piece, and where it stands now."""

    piece: str
    place: str
    position: str | None = None


@dataclass(frozen=True, kw_only=True)
class NewDecision:
    """What is to become of some of an outage's specimens; `groups` are codes of one grouping."""

    outcome: Outcome
    grouping: Grouping
    groups: tuple[str, ...]
    reason: str
