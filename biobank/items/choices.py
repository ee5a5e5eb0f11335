"""What can come of a scan."""

from enum import StrEnum


class ScanOutcome(StrEnum):
    """What the log of scans says of one."""

    TAKEN = "taken"
    """A step was recorded, or stood already."""
    SHOWN = "shown"
    """It led to a page."""
    ASKED_BACK = "asked_back"
    """A surprising fact: whoever scanned it was asked for the reason."""
    REFUSED = "refused"
