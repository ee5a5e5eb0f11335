"""What operations on items take."""

from dataclasses import dataclass

from biobank.items.choices import ScanOutcome


@dataclass(frozen=True, slots=True)
class SeenScan:
    """A text as it came from a scanner or a keyboard, and what came of it."""

    text: str
    outcome: ScanOutcome
    action: str | None = None
    """The step that was asked for, in whatever words."""
    item_id: int | None = None
    refusal: str | None = None
    """The sentence that was answered."""
