"""What was out is here again: where it goes, whether it thawed, how much of it was used; or it is used up."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.checks import seen_by
from biobank.custody.operations import record
from biobank.custody.queries import happened_at, holds_on, item_now, newest_event_of, newest_events
from biobank.custody.states import Action, State
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.retrieval.checks import TAKEN, BackRefused, NotOut
from biobank.retrieval.inputs import Back
from biobank.storage.needs import FREEZES_CELSIUS
from biobank.storage.proposals import propose_position
from biobank.storage.queries import occupant_of
from biobank.storage.surroundings import surroundings_of, surroundings_of_many


@dataclass(frozen=True)
class PutBack:
    """Where a piece goes, by identifier and position; `before` says that it lay there."""

    place: str
    position: str | None
    before: bool


def out_item(work: Work, by: Actor, text: str) -> ItemNow:
    """A piece that is out. Raises `UnknownItem`, `OtherSite`, `NotOut`."""
    item = item_now(work, text)
    seen_by(work, by, item)
    if item.state not in (State.CHECKED_OUT, State.SENT_OUT):
        raise NotOut(
            f"{printed(item.identifier)} is {item.state.value.replace('_', ' ')} and not checked out; look "
            "at its page.",
            item=item.identifier,
        )
    return item


def where_back(work: Work, item: ItemNow, by: Actor) -> PutBack | None:
    """Where it was if that is free and works, else as anything is stored; what is held goes to quarantine."""
    before = None if holds_on(work, item.id) else _place_before(work, item)
    if before is not None:
        return before
    found = propose_position(work, item, by)
    return PutBack(found.unit.item.identifier, found.position, before=False) if found else None


def _place_before(work: Work, item: ItemNow) -> PutBack | None:
    lay = _lay_in(work, item)
    if lay is None or lay[0].state is State.VOIDED:
        return None
    place, position = lay
    if position and occupant_of(work, place.id, position):
        return None
    if surroundings_of_many(work, [place.id])[place.id].out_of_service:
        return None
    return PutBack(place.identifier, position, before=True)


def _lay_in(work: Work, item: ItemNow) -> tuple[ItemNow, str | None] | None:
    """The place that the log knows last."""
    told = next((event for event in newest_events(work, item.identifier) if event.get("place")), None)
    return (item_now(work, told["place"]), told["position"]) if told else None


def bring_back(work: Work, back: Back, *, by: Actor, source: Source, at: Told | None) -> list[Recorded]:
    """Check a piece in where it is told, else where it is proposed; its thaw first, if it was out too long.

    What was at a laboratory outside is returned with what was done there, and stored if a place is told.
    Raises `NotOut`, `BackRefused`, what `record` and its checks raise.
    """
    item = out_item(work, by, back.item)
    told: dict[str, Any] = {"by": by, "source": source, "at": at, "confirmation": back.confirmation}
    details = {TAKEN: back.taken_microlitres} if back.taken_microlitres is not None else {}
    if item.state is State.SENT_OUT:
        return _from_a_lab(work, item, back, details, told)
    place = (back.place, back.position) if back.place else _proposed(work, item, by)
    steps = _thaw(work, item, back, told)
    done = record(
        work, item.identifier, Action.CHECK_IN, place=place[0], position=place[1], details=details, **told
    )
    return [*steps, done]


def _from_a_lab(
    work: Work, item: ItemNow, back: Back, details: dict[str, Any], told: dict[str, Any]
) -> list[Recorded]:
    if back.lab_did is None:
        raise BackRefused("Say what the laboratory did with it.", field="lab_did")
    details = details | {"lab_did": back.lab_did.value}
    steps = [record(work, item.identifier, Action.RETURN, details=details, **told)]
    if back.place:
        place, position = back.place, back.position
        steps.append(record(work, item.identifier, Action.STORE, place=place, position=position, **told))
    return steps


def _proposed(work: Work, item: ItemNow, by: Actor) -> tuple[str, str | None]:
    found = where_back(work, item, by)
    if found is None:
        raise BackRefused("There is no free place to propose; scan the box that it goes into.", field="place")
    return found.place, found.position


def _thaw(work: Work, item: ItemNow, back: Back, told: dict[str, Any]) -> list[Recorded]:
    """What was out of its freezer for longer than the setting, and not kept cold, thawed."""
    minutes = minutes_out(work, item, told["at"].at if told["at"] else moments.now())
    if back.kept_cold or minutes is None or minutes <= work.settings.pick_thaw_minutes:
        return []
    lay = _lay_in(work, item)
    if lay is None or not is_frozen_in(work, lay[0]):
        return []
    details = {"because": "out_too_long", "minutes": minutes}
    return [record(work, item.identifier, Action.THAW, details=details, **told)]


def minutes_out(work: Work, item: ItemNow, until: datetime) -> int | None:
    """Since it was checked out; None when nobody said when that was."""
    out = newest_event_of(work, item.identifier, Action.CHECK_OUT)
    since = happened_at(out) if out else None
    return int((until - since).total_seconds() // 60) if since else None


def is_frozen_in(work: Work, place: ItemNow) -> bool:
    """By the temperature of the place, else of what is around it; unknown is not frozen."""
    celsius = surroundings_of(work, place.id).temperature_celsius
    return celsius is not None and celsius < FREEZES_CELSIUS


def use_up(work: Work, text: str, *, by: Actor, source: Source, at: Told | None) -> Recorded:
    """Nothing of it is left. Raises `NotOut`, what `record` raises."""
    item = out_item(work, by, text)
    return record(work, item.identifier, Action.CONSUME, by=by, source=source, at=at)
