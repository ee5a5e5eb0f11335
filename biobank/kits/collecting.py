"""Collecting at the chair: a tube that was scanned, what is said of it afterwards, the rest of a kit."""

from collections.abc import Mapping
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.core.moments import Told
from biobank.custody.operations import record
from biobank.custody.queries import item_now, newest_events
from biobank.custody.states import LIVE, Action, Kind, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.kits.choices import Fill
from biobank.kits.queries import kit_of


class NotOfThisKit(Conflict):
    """A tube of another kit, or of none, was scanned into this one."""

    title = "Not of this kit"


class NotATube(Conflict):
    """Only tubes are collected."""

    title = "Not a tube"


class SaidOtherwise(Conflict):
    """The tube has another answer already; a scan alone does not change it."""

    title = "Look again"


OTHER_ANSWERS = frozenset({State.NOT_COLLECTED, State.BROKEN})
EVENTS_LOOKED_AT = 50


def collect_scanned(
    work: Work, kit: ItemNow, text: str, *, by: Actor, at: Told, confirmation: str | None = None
) -> Recorded:
    """The tube that bears `text` was filled. One that was collected before comes back as `repeated`.

    Raises `NotATube`, `NotOfThisKit`, `SaidOtherwise` and what `record` raises.
    """
    tube = item_now(work, text)
    is_of_this_kit(work, kit, tube)
    earlier = _collected_before(work, tube)
    if earlier is not None:
        return Recorded(earlier, tube, repeated=True)
    if tube.state in OTHER_ANSWERS:
        raise SaidOtherwise(
            f"{printed(tube.identifier)} was said to be {tube.state.replace('_', ' ')}, and nothing was "
            "recorded now; if it is filled after all, say below how full it is.",
            item=tube.identifier,
        )
    return record(
        work, tube.identifier, Action.COLLECT, by=by, source=Source("scan"), at=at,
        details={"fill": Fill.FULL.value}, confirmation=confirmation,
    )  # fmt: skip


def _collected_before(work: Work, tube: ItemNow) -> Mapping[str, Any] | None:
    """The event by which it was collected, while that stands."""
    if tube.state not in LIVE:
        return None
    events = newest_events(work, tube.identifier, EVENTS_LOOKED_AT)
    return next((event for event in events if event["action"] == Action.COLLECT.value), None)


def is_of_this_kit(work: Work, kit: ItemNow, tube: ItemNow) -> None:
    """Raises `NotATube`, `NotOfThisKit`; of another site's tube it says whose it is, and no more."""
    if tube.kind is not Kind.TUBE:
        raise NotATube(
            f"{printed(tube.identifier)} is a {tube.kind.replace('_', ' ')}; scan a tube of this kit.",
            item=tube.identifier,
        )
    if tube.kit_id != kit.id:
        raise NotOfThisKit(
            f"{printed(tube.identifier)} is of {_whose(kit_of(work, tube))}, not of this kit; put it aside.",
            item=tube.identifier,
        )


def _whose(kit: Item | None) -> str:
    return f"kit {printed(kit.identifier)}" if kit else "no kit"
