"""Days as people mean them: none from before there was anything to keep, none that nobody plans for."""

from datetime import date

from biobank.core import moments
from biobank.core.errors import Invalid

FIRST_YEAR = 1990
YEARS_AHEAD = 50
"""Longer than any agreement, court or ceremony looks ahead."""


class DayRefused(Invalid):
    title = "Look at the day"


def can_be_meant(on: date) -> bool:
    return FIRST_YEAR <= on.year <= _last_year()


def _last_year() -> int:
    return moments.now().year + YEARS_AHEAD


def day_can_be(field: str, on: date) -> None:
    """Whether its year can be meant, past or planned. Raises `DayRefused`."""
    if not can_be_meant(on):
        sentence = f"The year of {on} cannot be; give one from {FIRST_YEAR} to {_last_year()}."
        raise DayRefused(sentence, field=field)


def day_has_come(field: str, on: date) -> None:
    """Of what is told to have happened. Raises `DayRefused`."""
    day_can_be(field, on)
    if on > moments.now().date():
        raise DayRefused(f"{on} has not come yet; check the day.", field=field)
