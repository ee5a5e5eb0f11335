"""What a logger's file tells, which side of a limit was crossed, and what a lead says of it."""

from enum import StrEnum

ABSOLUTE_ZERO_HUNDREDTHS = -27_315
LOWEST_HUNDREDTHS, HIGHEST_HUNDREDTHS = -20_000, 10_000
"""What a logger in a parcel can show at all, in hundredths of a degree Celsius."""
LARGEST_FILE = 4 * 1024 * 1024
"""Bytes; a single-use logger keeps some 16,000 readings, a large one 100,000."""
MOST_READINGS = 100_000
MOST_AT_ONCE = 500
"""Tubes that one release takes."""


class Side(StrEnum):
    """On which side of a limit a reading lies."""

    ABOVE = "above"
    BELOW = "below"
