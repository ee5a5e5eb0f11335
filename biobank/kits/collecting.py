"""Collecting at the chair: a tube that was scanned, what is said of it afterwards, the rest of a kit."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import Told
from biobank.custody.operations import record
from biobank.custody.queries import NothingToUndo, item_now, newest_event_of, newest_events
from biobank.custody.states import LIVE, Action, Kind, State
from biobank.custody.steps import AskedBack, ItemNow, Recorded, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import tubes_of_kit
from biobank.kits.choices import OF_BLOOD_ALONE, Fill, NotCollectedReason
from biobank.kits.definitions import SpecimenKind
from biobank.kits.inputs import TubeAnswer
from biobank.kits.queries import kit_of, specification_of_tube


class NotOfThisKit(Conflict):
    """A tube of another kit, or of none, was scanned into this one."""

    title = "Not of this kit"


class NoSuchTube(Invalid):
    """A number that no tube of the kit has."""

    title = "No such tube"


class NotATube(Conflict):
    """Only tubes are collected."""

    title = "Not a tube"


class SaidOtherwise(Conflict):
    """The tube has another answer already; a scan alone does not change it."""

    title = "Look again"


class WentOn(Conflict):
    """More happened to the tube since its answer, so that is not taken back here."""

    title = "Not here any more"


class SaidBefore(Conflict):
    """The tube has this very answer."""

    title = "Said before"


class NothingLeft(Conflict):
    title = "Nothing left"


KEYED = Source("keyed")
ANSWERS = frozenset({Action.COLLECT.value, Action.MARK_NOT_COLLECTED.value, Action.BREAK.value})
OTHER_ANSWERS = frozenset({State.NOT_COLLECTED, State.BROKEN})


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
    filled = TubeAnswer(Action.COLLECT, {"fill": Fill.FULL.value})
    return _record(work, kit, tube, filled, by=by, at=at, source=Source("scan"), confirmation=confirmation)


def _collected_before(work: Work, tube: ItemNow) -> Mapping[str, Any] | None:
    """The event by which it was collected, while that stands."""
    if tube.state not in LIVE:
        return None
    return newest_event_of(work, tube.identifier, Action.COLLECT)


def tube_numbered(work: Work, kit: int, text: str) -> Item | None:
    """The tube that hands ask for by its number in draw order; no scanner sends one or two digits.

    Raises `NoSuchTube`.
    """
    if not re.fullmatch(r"\s*\d{1,2}\s*", text, re.ASCII):
        return None
    tubes = {tube.draw_order: tube for tube in tubes_of_kit(work, kit) if tube.draw_order is not None}
    if int(text) not in tubes:
        raise NoSuchTube(f"This kit has tubes {min(tubes, default=1)} to {max(tubes, default=1)}.")
    return tubes[int(text)]


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


def answer_tube(
    work: Work,
    kit: ItemNow,
    text: str,
    told: TubeAnswer,
    *,
    by: Actor,
    at: Told,
    confirmation: str | None = None,
) -> Recorded:
    """What somebody says of a tube by hand; an answer that it has already is taken back first.

    What broke after it was filled was filled: then the one follows the other. Raises `NotATube`,
    `NotOfThisKit`, `WentOn`, `SaidBefore` and what `record` raises.
    """
    tube = item_now(work, text)
    is_of_this_kit(work, kit, tube)
    breaks = told.action is Action.BREAK and tube.state is State.COLLECTED
    if tube.state is not State.EXPECTED and not breaks:
        _take_back_answer(work, tube, told, by=by, at=at)
    return _record(work, kit, tube, told, by=by, at=at, source=KEYED, confirmation=confirmation)


ASKED_ONCE_A_KIT = frozenset({"kit_expired", "kit_not_assigned"})
"""What is so of the whole kit is asked back with its first tube, and holds for the others."""


def _record(
    work: Work, kit: ItemNow, tube: ItemNow, told: TubeAnswer, *, confirmation: str | None, **asked: Any
) -> Recorded:
    def recorded(reason: str | None) -> Recorded:
        return record(work, tube.identifier, told.action, details=told.details, confirmation=reason, **asked)

    try:
        return recorded(confirmation)
    except AskedBack as question:
        code = str(question.extra.get("reason_code"))
        earlier = _confirmed_before(work, kit, code) if code in ASKED_ONCE_A_KIT else None
        if earlier is None:
            raise
        return recorded(earlier)


def _confirmed_before(work: Work, kit: ItemNow, code: str) -> str | None:
    """The reason that was given for another tube of the kit, of which the same was to be asked."""
    for tube in tubes_of_kit(work, kit.id):
        for event in newest_events(work, tube.identifier):
            if code in event.get("flags", ()) and event.get("confirmation"):
                return str(event["confirmation"])
    return None


def _take_back_answer(work: Work, tube: ItemNow, told: TubeAnswer, *, by: Actor, at: Told) -> None:
    newest = answer_standing(work, tube)
    if newest is None:
        raise WentOn(
            f"{printed(tube.identifier)} is {tube.state.replace('_', ' ')}, and more was done with it since; "
            "correct it on its own page.",
            item=tube.identifier,
        )
    if newest["action"] == told.action.value and newest.get("details", {}) == told.details:
        raise SaidBefore(
            f"{printed(tube.identifier)} was said to be so already; nothing was recorded now.",
            item=tube.identifier,
        )
    _take_back(work, tube.identifier, newest["sequence"], by=by, at=at)


def answer_standing(work: Work, tube: ItemNow | Item) -> Mapping[str, Any] | None:
    """The newest event of a tube, while that is an answer given at the chair."""
    events = newest_events(work, tube.identifier, 1)
    return events[0] if events and events[0]["action"] in ANSWERS else None


def _take_back(work: Work, tube: str, sequence: int, *, by: Actor, at: Told) -> Recorded:
    details = {"undo": "newest step", "reason": "answered again"}
    return record(work, tube, Action.CORRECT, by=by, source=KEYED, at=at, details=details, corrects=sequence)


def replace_tube(
    work: Work,
    kit: ItemNow,
    text: str,
    details: Mapping[str, Any],
    *,
    by: Actor,
    at: Told,
    confirmation: str | None = None,
) -> Recorded:
    """A tube of the shelf is used for this one. Raises `NotOfThisKit` and what `record` raises."""
    tube = item_now(work, text)
    is_of_this_kit(work, kit, tube)
    told = TubeAnswer(Action.SUBSTITUTE, details)
    return _record(work, kit, tube, told, by=by, at=at, source=KEYED, confirmation=confirmation)


def answer_rest(
    work: Work, kit: ItemNow, reason: NotCollectedReason, *, by: Actor, at: Told
) -> list[Recorded]:
    """Every tube of the kit that has no answer is not collected, for one reason. Raises `NothingLeft`.

    A reason that says nothing of urine is for the blood alone.
    """
    waiting = [tube for tube in tubes_of_kit(work, kit.id) if tube.state == State.EXPECTED.value]
    if reason in OF_BLOOD_ALONE:
        waiting = [tube for tube in waiting if not _is_urine(work, tube)]
    if not waiting:
        raise NothingLeft("Every tube of this kit has its answer; choose a tube to change it.")
    details = {"reason": reason.value, "rest_of_kit": kit.identifier}
    return [
        record(work, identifier, Action.MARK_NOT_COLLECTED, by=by, source=KEYED, at=at, details=details)
        for identifier in [tube.identifier for tube in waiting]
    ]


def _is_urine(work: Work, tube: Item) -> bool:
    specification = specification_of_tube(work, tube)
    return specification is not None and specification.specimen is SpecimenKind.URINE


@dataclass(frozen=True)
class Newest:
    """What can be taken back: the tubes of the newest answer and the number of the event of each."""

    action: Action
    tubes: tuple[tuple[str, int], ...]


def newest_answer(work: Work, kit: int) -> Newest | None:
    """The newest answer in a kit; the rest of a kit was one answer for several tubes."""
    standing = [
        (tube, event)
        for tube in tubes_of_kit(work, kit)
        if (event := answer_standing(work, tube)) is not None
    ]
    if not standing:
        return None
    _, newest = max(standing, key=lambda pair: pair[1]["recorded_at"])
    same = [(tube, event) for tube, event in standing if event is newest or _is_one_answer(event, newest)]
    return Newest(
        Action(newest["action"]), tuple((tube.identifier, event["sequence"]) for tube, event in same)
    )


def _is_one_answer(event: Mapping[str, Any], newest: Mapping[str, Any]) -> bool:
    rest = newest.get("details", {}).get("rest_of_kit")
    return (
        rest is not None
        and event.get("details", {}).get("rest_of_kit") == rest
        and event["occurred_at"] == newest["occurred_at"]
    )


def take_back_newest(
    work: Work, kit: ItemNow, tubes: Sequence[tuple[str, int]], *, by: Actor, at: Told
) -> list[Recorded]:
    """Undo the answer that the page offered; whoever looked at an older page is told so.

    Raises `NothingToUndo`, `NotOfThisKit`.
    """
    newest = newest_answer(work, kit.id)
    if newest is None or set(tubes) != set(newest.tubes):
        raise NothingToUndo("Something else was recorded since; look at the kit again before you undo.")
    return [_take_back(work, tube, sequence, by=by, at=at) for tube, sequence in newest.tubes]
