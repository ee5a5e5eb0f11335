"""What can be scanned without network, and what can come of it once it is sent."""

from enum import StrEnum

from biobank.custody.states import Action


class QueueOutcome(StrEnum):
    """What became of a scan that was taken without network."""

    TAKEN = "taken"
    """Recorded, and nothing about it surprised."""
    ALREADY = "already"
    """It stood already: sent before, or recorded by somebody else just so."""
    CONFLICT = "conflict"
    """Recorded against what was known, or not recordable: somebody has to look."""


WITHOUT_NETWORK = (Action.COLLECT, Action.MARK_NOT_COLLECTED, Action.BREAK)
"""Facts of the chair. Decisions, such as assigning a kit, need what the service knows at that moment."""
