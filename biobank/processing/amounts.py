"""Whether what is taken out of a specimen adds up with what was told to be in it; all in microlitres."""

from collections.abc import Mapping, Sequence
from typing import Any

from biobank.core.database import Work
from biobank.core.quantities import in_millilitres
from biobank.custody.queries import newest_events
from biobank.custody.states import Action
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.items.identifiers import printed
from biobank.kits.queries import specification_of_tube

Event = Mapping[str, Any]
VOLUME = "volume_microlitres"
FAR = 10
"""So many times what ever was in it is no slip of a pipette: the unit or the point is wrong."""


def adds_up(work: Work, attempt: Attempt, taken: int) -> list[Flag]:
    """More than can be left in it is asked back about, and confirmed it is a case for a lead.

    Where nobody knows how much is left, it is no more than was told last less what is known to be gone.
    """
    item, events = attempt.item, newest_events(work, attempt.item.identifier)
    ever = _most_ever(work, item, events)
    if ever and taken >= FAR * ever:
        return attempt.ask_back("overdrawn", _by_far(item, ever, taken))
    left = _most_left(events) if item.volume_microlitres is None else item.volume_microlitres
    if left is None or taken <= left:
        return []
    return attempt.ask_back(
        "overdrawn",
        f"{printed(item.identifier)} held {in_millilitres(left)} as far as known, and "
        f"{in_millilitres(taken)} were taken out of it.",
    )


def _by_far(item: ItemNow, ever: int, taken: int) -> str:
    return (
        f"{printed(item.identifier)} is not known to have held more than {in_millilitres(ever)}, and "
        f"{in_millilitres(taken)} were taken out of it. Look at the unit: {in_millilitres(taken)} are "
        f"{taken} µL."
    )


def _most_ever(work: Work, item: ItemNow, events: Sequence[Event]) -> int | None:
    """The most that anybody told of it; else what a tube of its specification takes."""
    told = [event[VOLUME] for event in events if event.get(VOLUME)]
    tube = specification_of_tube(work, item) if not told else None
    return max(told) if told else tube.nominal_volume_microlitres if tube else None


def _most_left(events: Sequence[Event]) -> int | None:
    """The volume that was told last, less what is known to have been taken out of it since."""
    most: int | None = None
    for event in reversed(events):
        if event.get(VOLUME) is not None:
            most = event[VOLUME]
        elif VOLUME in event and event["action"] == Action.CORRECT:
            most = None
        elif most is not None:
            most = max(0, most - _known_out(event))
    return most


def _known_out(event: Event) -> int:
    """Of a step that made something of it."""
    details = event.get("details", {})
    if event["action"] == Action.POOL:
        return int(details.get(VOLUME) or 0)
    if event["action"] in (Action.ALIQUOT, Action.DERIVE):
        return sum(child.get(VOLUME) or 0 for child in details["children"])
    return 0
