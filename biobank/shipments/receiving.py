"""A receipt scan by scan: found, what is wrong with it, taken back, or counted under an unbroken seal."""

from collections.abc import Iterable

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import item_now, newest_event_of, newest_events, newest_step
from biobank.custody.states import Action, Kind
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.shipments import receipt_checks
from biobank.shipments.checks import TAKEN_BACK
from biobank.shipments.choices import Condition
from biobank.shipments.inputs import Counted
from biobank.shipments.nesting import innermost
from biobank.shipments.operations import steps_until_open
from biobank.shipments.queries import items_unseen, manifest, shipment_named


def take_in(work: Work, parcel: str, text: str, *, by: Actor, source: Source, at: Told | None) -> Recorded:
    """What was scanned was in the parcel: a specimen, or a parcel inside it; scanned again it is found once.

    A tube that lies in an inner parcel is found in that one. Raises `NotOfAReceipt` and what `record` does.
    """
    outer, item = item_now(work, parcel), item_now(work, text)
    receipt_checks.can_be_found(outer, item)
    path = [outer, *innermost(work, item, outer)]
    _opened(work, path, by=by, source=source, at=at)
    inside = path[-1]
    if receipt_checks.is_found(work, inside, item):
        return Recorded(newest_events(work, item.identifier, 1)[0], item, repeated=True)
    step = Action.ARRIVE if item.kind is Kind.PARCEL else Action.RECEIVE
    details = {"parcel": inside.identifier}
    return record(work, item.identifier, step, by=by, source=source, at=at, details=details)


def _opened(work: Work, path: list[ItemNow], *, by: Actor, source: Source, at: Told | None) -> None:
    """Whoever takes something out has the parcel here and open, and each parcel around it."""
    around: ItemNow | None = None
    for parcel in path:
        details = {"parcel": around.identifier} if around else {}
        for step in steps_until_open(work, parcel.identifier):
            told = details if step is Action.ARRIVE else {}
            record(work, parcel.identifier, step, by=by, source=source, at=at, details=told)
        around = parcel


def tell_conditions(
    work: Work,
    parcel: str,
    text: str,
    *,
    added: Iterable[Condition] = (),
    taken_back: Iterable[Condition] = (),
    by: Actor,
    source: Source,
    at: Told | None,
) -> Recorded:
    """What is wrong with a specimen that was found, or is not after all: a correction of its receipt.

    Raises `NotFoundHere`, `ConditionRefused`.
    """
    item = item_now(work, text)
    line = receipt_checks.found_line(work, item_now(work, parcel), item)
    known = set(line.conditions.split())
    new = [each.value for each in added if each.value not in known]
    gone = [each.value for each in taken_back if each.value in known]
    if not new and not gone:
        return Recorded(newest_events(work, item.identifier, 1)[0], item, repeated=True)
    told = {"parcel": item_now(work, parcel).identifier, "conditions": new, TAKEN_BACK: gone}
    return record(
        work, item.identifier, Action.CORRECT, by=by, source=source, at=at,
        corrects=_received_by(work, item), details={name: value for name, value in told.items() if value},
    )  # fmt: skip


def take_back(work: Work, parcel: str, text: str, *, by: Actor, source: Source, at: Told | None) -> Recorded:
    """It was scanned by mistake: what the scan said is undone, and stays in the log.

    Raises `NotFoundHere`, `NothingToUndo` where more was done with it since.
    """
    item = item_now(work, text)
    inside = item_now(work, parcel)
    receipt_checks.found_line(work, inside, item)
    return record(
        work, item.identifier, Action.CORRECT, by=by, source=source, at=at,
        corrects=_received_by(work, item),
        details={"undo": True, "parcel": inside.identifier, "reason": "scanned by mistake"},
    )  # fmt: skip


def take_step_back(
    work: Work, parcel: str, step: Action, *, by: Actor, source: Source, at: Told | None
) -> Recorded:
    """The wrong parcel was scanned: it is not here, or is not open; what was said stays in the log.

    Raises `NoParcel`, `NothingToUndo` where it is too late or another step is the newest.
    """
    shipment_named(work, parcel)
    now = item_now(work, parcel)
    event = newest_step(work, now.identifier)
    corrects = receipt_checks.is_still_the_newest(event, now, step)
    details = {"undo": True, "reason": "scanned by mistake"}
    if around := event.get("details", {}).get("parcel"):
        details["parcel"] = around
    return record(
        work, now.identifier, Action.CORRECT, by=by, source=source, at=at, corrects=corrects, details=details
    )


def _received_by(work: Work, item: ItemNow) -> int:
    event = newest_event_of(work, item.identifier, Action.RECEIVE)
    return receipt_checks.was_scanned(item, event)


def receive_counted(
    work: Work, parcel: str, counted: Counted, *, by: Actor, at: Told | None
) -> list[Recorded]:
    """All that is not yet seen is here: a count that fits the manifest, under the seal that was told.

    Count and seal stand with each receipt as its source. Raises `CountDoesNotFit`, what `record` does.
    """
    shipment, outer = shipment_named(work, parcel), item_now(work, parcel)
    lines = manifest(work, shipment)
    receipt_checks.count_fits(shipment, lines, counted)
    source = Source("keyed", f"{counted.pieces} counted, seal {shipment.seal}")
    _opened(work, [outer], by=by, source=source, at=at)
    details = {"parcel": outer.identifier, "counted": counted.pieces, "seal": shipment.seal}
    unseen = {each.id: each.identifier for each in items_unseen(lines)}
    lock_in_order(work, unseen)
    return [
        record(work, item, Action.RECEIVE, by=by, source=source, at=at, details=details)
        for item in unseen.values()
    ]
