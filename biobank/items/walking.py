"""In which order a walk through the freezers comes by things, as people count."""

import re
from typing import Any

from biobank.items.models import Item

RUNS = re.compile(r"\d+|\D+")


def natural(text: str) -> tuple[tuple[int, int, str], ...]:
    """As people count: shelf 2 before shelf 10, A9 before A10."""
    return tuple((0, int(run), "") if run.isdecimal() else (1, 0, run.lower()) for run in RUNS.findall(text))


def door(place: Item) -> tuple[Any, ...]:
    """Where a place comes among those that stand in the same one: by its position, then by its name."""
    return natural(place.position or ""), natural(place.specification or ""), place.id
