"""Planning, beginning, ending, counting again and cancelling checks; each is an entry of its check."""

from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import item_by_id, item_now
from biobank.custody.states import State
from biobank.custody.steps import ItemNow
from biobank.inventories import checks
from biobank.inventories.choices import FIRST, LAST, SECOND, CheckState
from biobank.inventories.inputs import NewCheck
from biobank.inventories.models import InventoryCheck, InventoryReading
from biobank.inventories.queries import check_numbered, open_check_of, open_checks
from biobank.inventories.readings import laid_together, readings_of
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.ledger.canonical import sha256_of
from biobank.ledger.operations import append_to
from biobank.participants.own_names import own_name_is_not_in
from biobank.storage.checks import named
from biobank.storage.models import StorageUnit

KIND = "inventory"


def plan_check(work: Work, new: NewCheck, *, by: Actor) -> InventoryCheck:
    """Plan to count a unit; `whole` plans a check of every unit inside it, at any depth, too.

    Raises `UnknownItem`, `NotCountable`, `SiteNotYours`, `CountedAlready`, `TooMany`.
    """
    unit = item_now(work, new.unit)
    checks.can_be_counted(unit, by)
    before = open_check_of(work, unit.id)
    if before is not None:
        raise checks.CountedAlready(
            f"Check {before.id} of {named(unit)} is {before.state}; go on with that one.", check=before.id
        )
    check = plan_one(work, unit, new, by=by)
    if new.whole:
        within = _units_within(work, unit.id)
        known = open_checks(work, [inner.id for inner in within])
        for inner in within:
            if inner.id in known:
                _join(work, check, known[inner.id], by)
            else:
                plan_one(work, inner, new, by=by, within=check)
    return check


def plan_one(
    work: Work,
    unit: ItemNow,
    new: NewCheck,
    *,
    by: Actor,
    within: InventoryCheck | None = None,
    sample_id: int | None = None,
) -> InventoryCheck:
    """A check of one unit, whatever led to it. Raises `NotCountable`, `SiteNotYours`."""
    check = InventoryCheck(
        unit_id=unit.id,
        site=checks.can_be_counted(unit, by),
        reason=new.reason.value,
        state=CheckState.PLANNED.value,
        within_id=within.id if within else None,
        sample_id=sample_id,
        due_on=new.due_on,
        turn=FIRST,
        planned_at=moments.now(),
        planned_by=by.person,
    )
    work.session.add(check)
    work.flush()
    log(work, check, "planned", by, {"unit": unit.identifier, **told(check)})
    return check


def _join(work: Work, outer: InventoryCheck, before: InventoryCheck, by: Actor) -> None:
    """What is planned already joins, as long as it belongs to no other."""
    if before.within_id is None and before.id != outer.id:
        before.within_id = outer.id
        work.flush()
        log(work, before, "joined", by, {"within": outer.id})


def _units_within(work: Work, unit_id: int) -> list[ItemNow]:
    """Units in use inside of one, at any depth, from the outside inwards."""
    unit = select(Item.id).join(StorageUnit, StorageUnit.item_id == Item.id)
    inside = unit.where(Item.container_id == unit_id).cte("inside", recursive=True)
    every = inside.union(unit.join(inside, Item.container_id == inside.c.id))
    found = items_numbered(work, work.session.scalars(select(every.c.id)))
    checks.can_be_planned_together(len(found))
    return [
        item_by_id(work, item.id)
        for item in found
        if item.state != State.VOIDED.value and item.site is not None
    ]


def begin_check(work: Work, number: int, *, by: Actor) -> InventoryCheck:
    """Somebody stands before the unit and counts. Nothing happens for one that is being counted."""
    check = check_numbered(work, number, locked=True)
    at_own_site(by, check.site)
    if check.state == CheckState.COUNTING:
        return check
    checks.is_at(check, CheckState.PLANNED)
    _begin(check, by)
    work.flush()
    log(work, check, "begun", by, {"turn": check.turn, "at": moments.text_or_none(check.begun_at)})
    return check


def _begin(check: InventoryCheck, by: Actor) -> None:
    check.state = CheckState.COUNTING.value
    check.begun_at, check.begun_by = moments.now(), by.person


def count_unit(work: Work, text: str, *, by: Actor) -> InventoryCheck:
    """Count a unit now: the check that is open of it, else one that is planned at this moment.

    Raises as `plan_check`.
    """
    unit = item_now(work, text)
    checks.can_be_counted(unit, by)
    check = open_check_of(work, unit.id) or plan_check(work, NewCheck(unit=text), by=by)
    return check if check.state == CheckState.COUNTED else begin_check(work, check.id, by=by)


def go_on(work: Work, check: InventoryCheck, by: Actor) -> None:
    """A reading after the count was ended opens it again; after two counts it is the look that settles.

    Raises `NotAtThisPoint`.
    """
    checks.is_at(check, CheckState.COUNTING, CheckState.COUNTED)
    if check.state == CheckState.COUNTING:
        return
    check.state = CheckState.COUNTING.value
    if check.turn == SECOND:
        check.turn = LAST
    work.flush()
    log(work, check, "gone_on", by, {"turn": check.turn})


def end_count(work: Work, number: int, *, by: Actor) -> InventoryCheck:
    """What was not read by now counts as empty. Raises `NotAtThisPoint`, `SecondCountByAnother`."""
    check = check_numbered(work, number, locked=True)
    at_own_site(by, check.site)
    if check.state == CheckState.COUNTED:
        return check
    checks.is_at(check, CheckState.COUNTING)
    checks.counts_as_another(work, check, by, check.turn)
    check.state = CheckState.COUNTED.value
    check.counted_at, check.counted_by = moments.now(), by.person
    work.flush()
    log(work, check, "counted", by, counted_content(work, check))
    return check


def count_again(work: Work, number: int, *, by: Actor) -> InventoryCheck:
    """The second count, by somebody else. Raises `NotAtThisPoint`, `SecondCountByAnother`."""
    check = check_numbered(work, number, locked=True)
    at_own_site(by, check.site)
    if check.state == CheckState.COUNTING and check.turn == SECOND:
        return check
    checks.is_at(check, CheckState.COUNTED)
    if check.turn != FIRST:
        raise checks.NotAtThisPoint(f"Check {check.id} was counted twice; look where the two counts differ.")
    checks.counts_as_another(work, check, by, SECOND)
    check.turn = SECOND
    _begin(check, by)
    work.flush()
    log(work, check, "begun", by, {"turn": check.turn, "at": moments.text_or_none(check.begun_at)})
    return check


def cancel_check(work: Work, number: int, because: str, *, by: Actor) -> InventoryCheck:
    """Give it up; what was read stays to be seen. Raises `NotAtThisPoint`, what `reason_is_fit` raises."""
    check = check_numbered(work, number, locked=True)
    at_own_site(by, check.site)
    because = because.strip()
    reason_is_fit(work, check, because, by=by)
    checks.is_at(check, CheckState.PLANNED, CheckState.COUNTING, CheckState.COUNTED)
    check.state, check.because = CheckState.CANCELLED.value, because
    check.closed_at, check.closed_by = moments.now(), by.person
    work.flush()
    log(work, check, "cancelled", by, {"because": because, "at": moments.text_or_none(check.closed_at)})
    return check


def reason_is_fit(work: Work, check: InventoryCheck, reason: str, *, by: Actor) -> None:
    """It names nobody whose material lies in the unit or was read. Raises `Invalid`, `OwnNameWritten`."""
    checks.reason_is_fit(reason)
    read = select(InventoryReading.item_id).where(InventoryReading.check_id == check.id)
    there = select(Item.participant).where((Item.container_id == check.unit_id) | Item.id.in_(read))
    for code in sorted({code for code in work.session.scalars(there.distinct()) if code}):
        own_name_is_not_in(work, by, code, reason, "because")


def subject_of(check: InventoryCheck) -> str:
    return f"inventory:{check.id}"


def told(check: InventoryCheck) -> dict[str, Any]:
    """What its first entry says of a check beside its unit; `verify` compares the two."""
    return {
        "site": check.site,
        "reason": check.reason,
        "within": check.within_id,
        "sample": check.sample_id,
        "due_on": check.due_on.isoformat() if check.due_on else None,
        "planned_by": check.planned_by,
        "planned_at": moments.text_or_none(check.planned_at),
    }


def counted_content(work: Work, check: InventoryCheck) -> dict[str, Any]:
    """What a count came to, and the SHA-256 of every reading behind it with who read it and when."""
    return {
        "turn": check.turn,
        "at": moments.text_or_none(check.counted_at),
        "readings": readings_told(work, check),
        "read_sha256": sha256_of_readings(readings_of(work, check)),
    }


def sha256_of_readings(readings: Sequence[InventoryReading]) -> str:
    """Of all of them in their order, also of what was taken back."""
    names = ("turn", "position", "seen", "code", "item_id", "read_by", "source", "reference", "confirmation")
    told = [
        {name: getattr(each, name) for name in names} | {"read_at": moments.to_text(each.read_at)}
        for each in sorted(readings, key=lambda each: each.id)
    ]
    return sha256_of({"readings": told})


def readings_told(work: Work, check: InventoryCheck) -> list[list[str | None]]:
    """What the count came to, position by position, as the log keeps it."""
    return told_of_readings(readings_of(work, check), check.turn)


def told_of_readings(readings: list[InventoryReading], turn: int) -> list[list[str | None]]:
    slots = laid_together(readings, turn).slots
    return sorted(
        ([each.position, each.seen, each.code, each.confirmation] for each in slots.values()),
        key=lambda each: tuple(part or "" for part in each),
    )


def log(work: Work, check: InventoryCheck, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    append_to(
        work,
        subject=subject_of(check),
        kind=KIND,
        content={"change": change, "recorded_by": by.person, **content},
    )
