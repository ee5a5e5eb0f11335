"""The walk through the freezers: room, freezer, shelf, rack, box and position, each door opened once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any

from biobank.core.database import Work
from biobank.custody.queries import standing_holds
from biobank.custody.states import Kind, State
from biobank.items.models import Item
from biobank.items.queries import with_all_around
from biobank.items.walking import door, natural
from biobank.retrieval.choices import LineState
from biobank.retrieval.models import PickList
from biobank.retrieval.queries import OnLine, lines_on

DOORS = frozenset({Kind.FREEZER.value})
"""What is opened to get at what stands in it."""
HELD = "held"
DEEPEST = 12
"""Places within places: nobody builds more, and a ring in a damaged database ends here."""


@dataclass(frozen=True)
class Stop:
    """One box, bag or rack, and the pieces to take out of it in the order of their positions."""

    path: tuple[Item, ...]
    """From the outside inwards; empty for what lies in nothing."""
    pieces: tuple[OnLine, ...]

    @property
    def code(self) -> str:
        """Of the innermost place; empty for what lies in nothing."""
        return self.path[-1].identifier if self.path else ""


@dataclass(frozen=True)
class Walk:
    """What is still to pick, stop by stop, and what left since the list was made."""

    stops: tuple[Stop, ...]
    gone: tuple[tuple[OnLine, str], ...]
    """With why: `held`, or the state in which it is."""

    @property
    def doors(self) -> int:
        return len({place.id for stop in self.stops for place in stop.path if place.kind in DOORS})

    @property
    def pieces(self) -> int:
        return sum(len(stop.pieces) for stop in self.stops)


def walk_of(work: Work, listed: PickList) -> Walk:
    """What of a list is to be picked now; in few questions, however many pieces there are."""
    lines = lines_on(work, listed, LineState.TO_PICK)
    held = standing_holds(work, [each.item.id for each in lines])
    gone = tuple((each, why) for each in lines if (why := _why_gone(each.item, held)))
    left = {each.line.id for each, _ in gone}
    return Walk(tuple(stops(work, [each for each in lines if each.line.id not in left])), gone)


def _why_gone(item: Item, held: dict[int, list[str]]) -> str | None:
    if item.state != State.STORED.value:
        return item.state
    return HELD if item.id in held else None


def going_on_at(found: Sequence[Stop], code: str | None) -> list[Stop]:
    """The same walk for somebody who stands before a place: from there on, then what comes before it."""
    at = next((number for number, stop in enumerate(found) if stop.code == code), 0)
    return [*found[at:], *found[:at]]


def stops(work: Work, lines: Sequence[OnLine]) -> list[Stop]:
    """Along the walk."""
    around = everything_around(work, [each.item for each in lines])
    along = sorted(lines, key=lambda each: _along(around, each.item))
    return [
        Stop(path_in(around, pieces[0].item), tuple(pieces))
        for _, group in groupby(along, key=lambda each: each.item.container_id)
        if (pieces := list(group))
    ]


def everything_around(work: Work, items: Iterable[Item]) -> dict[int, Item]:
    """All that these lie in, at any depth, by number."""
    return with_all_around(work, {item.container_id for item in items if item.container_id is not None})


def path_in(around: dict[int, Item], item: Item) -> tuple[Item, ...]:
    """From the outside inwards."""
    path: list[Item] = []
    inner = item
    while inner.container_id is not None and inner.container_id in around and len(path) < DEEPEST:
        inner = around[inner.container_id]
        path.append(inner)
    return tuple(reversed(path))


def _along(around: dict[int, Item], item: Item) -> tuple[Any, ...]:
    places = tuple(door(place) for place in path_in(around, item))
    return places, natural(item.position or ""), item.id
