"""What of a journey was beyond a limit: for how long, how far; and the mean kinetic temperature of it all."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from biobank.temperatures.choices import ABSOLUTE_ZERO_HUNDREDTHS, Side
from biobank.temperatures.limits import Limit
from biobank.temperatures.logger_files import Reading

ACTIVATION_KELVIN = 10_000
"""Activation energy over the gas constant: 83.144 kJ/mol, as USP <1079.2> takes it for most products."""


@dataclass(frozen=True)
class Beyond:
    """A limit that was crossed: the reading farthest beyond it, and the minutes beyond it in all."""

    limit: Limit
    peak_hundredths: int
    peak_at: datetime
    minutes: int


@dataclass(frozen=True)
class Stretch:
    """A reading, and until when it counts."""

    reading: Reading
    until: datetime


def stretches(readings: Sequence[Reading], since: datetime | None, until: datetime | None) -> list[Stretch]:
    """Each reading counts until the next one; of what lies outside the journey only the part inside.

    The last one counts for as long as the one before it; one that stands alone counts, for no time.
    """
    found = []
    for at, reading in enumerate(readings):
        later = readings[at + 1].at if at + 1 < len(readings) else reading.at + _step(readings)
        begins, ends = max(reading.at, since or reading.at), min(later, until or later)
        if ends > begins or reading.at == begins == ends == later:
            found.append(Stretch(Reading(begins, reading.hundredths), ends))
    return found


def _step(readings: Sequence[Reading]) -> timedelta:
    return readings[-1].at - readings[-2].at if len(readings) > 1 else timedelta(0)


def beyond(limit: Limit, journey: Sequence[Stretch]) -> Beyond | None:
    """None where the limit was kept: not crossed, or for no longer than is allowed."""
    sign = 1 if limit.side is Side.ABOVE else -1
    crossed = [each for each in journey if sign * (each.reading.hundredths - limit.celsius * 100) > 0]
    if not crossed:
        return None
    seconds = sum((each.until - each.reading.at).total_seconds() for each in crossed)
    minutes = math.ceil(seconds / 60)
    if limit.minutes and minutes <= limit.minutes:
        return None
    peak = max(crossed, key=lambda each: sign * each.reading.hundredths)
    return Beyond(limit, peak.reading.hundredths, peak.reading.at, minutes)


def mean_kinetic_hundredths(journey: Sequence[Stretch]) -> int:
    """The one temperature that would have aged the tubes as much, weighed by time; hundredths of a degree."""
    weights = [max((each.until - each.reading.at).total_seconds(), 1.0) for each in journey]
    kelvins = [(each.reading.hundredths - ABSOLUTE_ZERO_HUNDREDTHS) / 100 for each in journey]
    aged = sum(w * math.exp(-ACTIVATION_KELVIN / k) for w, k in zip(weights, kelvins, strict=True))
    kelvin = -ACTIVATION_KELVIN / math.log(aged / sum(weights))
    return round(kelvin * 100) + ABSOLUTE_ZERO_HUNDREDTHS
