"""What operations on inventory checks take."""

from dataclasses import dataclass, field
from datetime import date

from biobank.custody.steps import Source
from biobank.inventories.choices import Reason, Seen


@dataclass(frozen=True, kw_only=True)
class NewCheck:
    """A unit to be counted; `whole` plans a check of everything that stands in it, too."""

    unit: str
    reason: Reason = Reason.ROUTINE
    due_on: date | None = None
    whole: bool = False


@dataclass(frozen=True, kw_only=True)
class Read:
    """What somebody saw at a position, or anywhere in a unit that has none."""

    text: str = ""
    position: str | None = None
    seen: Seen = Seen.CODE
    source: Source = field(default_factory=lambda: Source("scan"))
    confirmation: str | None = None
    """Why one code is on two things, once it was asked back about."""


@dataclass(frozen=True, kw_only=True)
class NewSample:
    """Boxes of a site to be drawn at random; the same seed draws the same of the same boxes."""

    site: str
    size: int
    seed: str
    due_on: date | None = None
