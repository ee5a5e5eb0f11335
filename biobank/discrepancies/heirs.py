"""What goes on under a new code takes along what its material went through; who knows it is asked."""

from collections.abc import Callable, Sequence
from typing import Any

from biobank.core.database import Work
from biobank.custody.steps import ItemNow

Told = dict[str, Any]
Tells = Callable[[Work, Sequence[ItemNow]], Told]
"""Of what was under the old code: details of the first event of the new one."""
Keeps = Callable[[Work, ItemNow, Told], None]
"""Notes of the heir what its first event tells."""
_asked: list[tuple[Tells, Keeps]] = []


def install(tells: Tells, keeps: Keeps) -> None:
    """Wired once for the service: the bench knows, and is not looked up to."""
    _asked[:] = [(tells, keeps)]


def taken_along(work: Work, before: ItemNow) -> Told:
    told: Told = {}
    for tells, _ in _asked:
        told |= tells(work, [before])
    return told


def keep(work: Work, heir: ItemNow, told: Told) -> None:
    for _, keeps in _asked:
        keeps(work, heir, told)
