"""What an amended order tells otherwise than before: new steps and corrections, and nothing is erased."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from biobank.core.database import Work
from biobank.core.moments import to_microseconds, to_text
from biobank.custody.holds import place_hold
from biobank.custody.operations import record
from biobank.custody.queries import item_by_id, newest_events
from biobank.custody.states import Action, HoldKind, State
from biobank.custody.steps import ItemNow
from biobank.exchange.checks import odd_of_the_tube
from biobank.exchange.choices import Fate, FlagKind
from biobank.exchange.inputs import OrderedTube, OrderFlag, ProgrammeOrder
from biobank.exchange.plausibility import STEPS
from biobank.exchange.recording import OrderAtHand, record_spin, record_tube, register_tube
from biobank.items.queries import tubes_of_kit
from biobank.kits.cancelling import is_cancelled
from biobank.kits.choices import CancelReason, NotCollectedReason
from biobank.kits.queries import specification_of_tube

Facts = Mapping[str, str]
Changes = Mapping[str, str | None]
"""A fact that is told no more is None."""


def facts_by_tube(order: ProgrammeOrder, people: Mapping[str, str]) -> dict[str, Facts]:
    """What an order tells of each tube, by the code of the draw."""
    return {tube.code: dict(_facts(order, tube, people)) for tube in order.tubes}


def _facts(order: ProgrammeOrder, tube: OrderedTube, people: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    yield "fate", tube.fate.value
    yield "tests", " ".join(tube.tests)
    for step in STEPS:
        at, info = getattr(tube, step), order.info(step)
        if at is None:
            continue
        yield f"{step}_at", to_text(at.at)
        if step in people:
            yield f"{step}_by", people[step]
        if info and info.site:
            yield f"{step}_site", info.site.value


def changed(before: Facts, after: Facts) -> Changes:
    names = dict.fromkeys([*after, *before])
    return {name: after.get(name) for name in names if before.get(name) != after.get(name)}


def amend_tubes(
    work: Work, at_hand: OrderAtHand, kit: ItemNow, before: Mapping[str, Facts], version: int
) -> None:
    """Record of each tube what is told otherwise. `before` is empty when nobody kept what was told."""
    items = {tube.specification or "": tube.id for tube in tubes_of_kit(work, kit.id)}
    after = facts_by_tube(at_hand.order, at_hand.people)
    for tube in at_hand.order.tubes:
        changes = changed(before.get(tube.code, {}), after[tube.code])
        if changes and tube.code in items:
            _amend(work, at_hand, tube, item_by_id(work, items[tube.code]), changes, version)
        elif changes:
            _record_new(work, at_hand, tube, register_tube(work, at_hand, kit, tube))
    for code in (before or items).keys() - after.keys():
        if code in items:
            _leave_out(work, at_hand, item_by_id(work, items[code]), version)


def _amend(
    work: Work, at_hand: OrderAtHand, tube: OrderedTube, item: ItemNow, changes: Changes, version: int
) -> None:
    if _waits_for(item, tube):
        _record_new(work, at_hand, tube, item)
        return
    if item.state is State.EXPECTED:
        return
    events = newest_events(work, item.identifier)
    _correct(work, at_hand, tube, item, changes, events, version)
    if not _sequence_of(events, Action.CENTRIFUGE):
        record_spin(work, at_hand, tube, item_by_id(work, item.id), specification_of_tube(work, item))


def _waits_for(item: ItemNow, tube: OrderedTube) -> bool:
    """Whether what is told of the tube now is its first answer, or that it is filled after all."""
    if item.state is State.EXPECTED:
        return tube.fate is not Fate.EXPECTED
    return item.state is State.NOT_COLLECTED and tube.fate is Fate.COLLECTED


def _record_new(work: Work, at_hand: OrderAtHand, tube: OrderedTube, item: ItemNow) -> None:
    record_tube(work, at_hand, tube, item)
    if item.kit_id is not None and is_cancelled(work, item.kit_id):
        now = item_by_id(work, item.id)
        place_hold(work, now, HoldKind.CANCELLED, CancelReason.OTHER.value, by=at_hand.by)


def _correct(
    work: Work,
    at_hand: OrderAtHand,
    tube: OrderedTube,
    item: ItemNow,
    changes: Changes,
    events: Sequence[Mapping[str, Any]],
    version: int,
) -> None:
    """One correction of the tube with all that is told otherwise; it names the event that it is about."""
    odd = odd_of_the_tube(at_hand.order, tube)
    taken_back = "fate" in changes and tube.fate is not Fate.COLLECTED
    if taken_back:
        sentence = f"The amended order no longer says that {tube.code} was collected; look for the tube."
        odd = [*odd, OrderFlag(FlagKind.TAKEN_BACK, tube.samples[0].where, sentence).told]
    about = Action.COLLECT if "fate" in changes or _is_about_collecting(changes) else Action.CENTRIFUGE
    details = {"told_by": "order", "version": version, "told": dict(changes), "odd": odd}
    told = at_hand.when(tube.collected) if "collected_at" in changes else None
    record(
        work, item.identifier, Action.CORRECT, by=at_hand.by, source=at_hand.source(tube.samples[0].where),
        at=None, performed_by=at_hand.person("amended"), details=details,
        corrects=_sequence_of(events, about) or _sequence_of(events, Action.COLLECT),
        changes={"collected_at": to_microseconds(told.at)} if told else {},
    )  # fmt: skip
    if taken_back:
        place_hold(
            work, item_by_id(work, item.id), HoldKind.DISCREPANCY, FlagKind.TAKEN_BACK.value, by=at_hand.by
        )


def _is_about_collecting(changes: Changes) -> bool:
    return any(name.startswith("collected_") for name in changes)


def _sequence_of(events: Sequence[Mapping[str, Any]], action: Action) -> int | None:
    """Of the newest event of this action."""
    return next((event["sequence"] for event in events if event["action"] == action.value), None)


def _leave_out(work: Work, at_hand: OrderAtHand, item: ItemNow, version: int) -> None:
    """A tube that the amended order has no more: nobody fills it now, and one that was filled is held."""
    if item.state is State.NOT_COLLECTED:
        return
    sentence = f"The amended order has {item.specification} no more."
    odd = [OrderFlag(FlagKind.LEFT_OUT, "$.samples", sentence).told]
    details: dict[str, Any] = {"told_by": "order", "version": version, "odd": odd}
    waits = item.state is State.EXPECTED
    if waits:
        details["reason"] = NotCollectedReason.UNKNOWN.value
    record(
        work, item.identifier, Action.MARK_NOT_COLLECTED if waits else Action.CORRECT, by=at_hand.by,
        source=at_hand.source("$.samples"), at=None, performed_by=at_hand.person("amended"), details=details,
    )  # fmt: skip
    if not waits:
        now = item_by_id(work, item.id)
        place_hold(work, now, HoldKind.DISCREPANCY, FlagKind.LEFT_OUT.value, by=at_hand.by)
