"""One hold on many items at once, or off them: the same entries as one by one, in few statements."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import bindparam, select, update

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.core.statements import Statement
from biobank.custody.holds import lift_hold, place_hold
from biobank.custody.item_entries import Overtaken
from biobank.custody.queries import item_by_id
from biobank.custody.statements import LIFT_HOLD, PLACE_HOLD, holds, items
from biobank.custody.states import HoldKind
from biobank.ledger.operations import Written, store_entries, write_entry

MOVE_ON = Statement(
    update(items)
    .where(items.c.id == bindparam("item_id"), items.c.sequence == bindparam("sequence_read"))
    .values({name: bindparam(f"new_{name}") for name in ("sequence", "head", "recorded_at")})
)
"""The item has one more entry, and nothing else of it changes."""


class Held(NamedTuple):
    """What an entry about a hold needs of its item."""

    id: int
    identifier: str
    sequence: int
    head: bytes
    recorded_at: datetime


def place_holds(work: Work, numbers: Sequence[int], kind: HoldKind, reason: str, *, by: Actor) -> int:
    """Put a hold on each of these items that has none of its kind; an entry of each. Gives how many."""
    return _change_all(work, numbers, kind, reason, by, placing=True)


def lift_holds(work: Work, numbers: Sequence[int], kind: HoldKind, reason: str, *, by: Actor) -> int:
    """Take a hold off each of these items that is under it; an entry of each. Gives how many."""
    return _change_all(work, numbers, kind, reason, by, placing=False)


def _change_all(
    work: Work, numbers: Sequence[int], kind: HoldKind, reason: str, by: Actor, *, placing: bool
) -> int:
    work.flush()
    count = 0
    for some in in_turns(sorted(numbers)):
        found = _without(work, some, kind) if placing else _under(work, some, kind)
        try:
            with work.savepoint():
                _change(work, found, kind, reason, by, placing=placing)
        except Overtaken:  # somebody scanned one of them just now
            _one_by_one(work, found, kind, reason, by, placing=placing)
        count += len(found)
    work.expire()
    return count


def _under(work: Work, numbers: Sequence[int], kind: HoldKind) -> list[Held]:
    return _read(work, numbers, items.c.id.in_(_standing(numbers, kind)))


def _without(work: Work, numbers: Sequence[int], kind: HoldKind) -> list[Held]:
    return _read(work, numbers, items.c.id.not_in(_standing(numbers, kind)))


def _standing(numbers: Sequence[int], kind: HoldKind) -> Any:
    return select(holds.c.item_id).where(
        holds.c.item_id.in_(numbers), holds.c.kind == kind.value, holds.c.lifted_sequence.is_(None)
    )


def _read(work: Work, numbers: Sequence[int], condition: Any) -> list[Held]:
    columns = [items.c[name] for name in Held._fields]
    question = select(*columns).where(items.c.id.in_(numbers), condition).order_by(items.c.id)
    return [Held(*row) for row in work.connection.execute(question)]


def _change(
    work: Work, found: Sequence[Held], kind: HoldKind, reason: str, by: Actor, *, placing: bool
) -> None:
    """Raises `Overtaken` when one of them changed since it was read; then nothing was written."""
    if not found:
        return
    content = {
        "hold": kind.value,
        "change": "placed" if placing else "lifted",
        "reason": reason,
        "recorded_by": by.person,
    }
    now = moments.now()
    entries = [_entry(item, content, max(now, item.recorded_at)) for item in found]
    pairs = list(zip(found, entries, strict=True))
    if work.run_many(MOVE_ON, [_moved(item, entry) for item, entry in pairs]) != len(found):
        raise Overtaken
    store_entries(work, entries)
    if placing:
        work.run_many(PLACE_HOLD, [_placed(item, entry, kind, reason) for item, entry in pairs])
    else:
        work.run_many(LIFT_HOLD, [_lifted(item, entry, kind) for item, entry in pairs])


def _entry(item: Held, content: dict[str, str], recorded_at: datetime) -> Written:
    return write_entry(
        subject=item.identifier,
        sequence=item.sequence + 1,
        previous=item.head,
        kind="hold",
        recorded_at=recorded_at,
        content=content,
    )


def _moved(item: Held, entry: Written) -> dict[str, object]:
    return {
        "item_id": item.id,
        "sequence_read": item.sequence,
        "new_sequence": entry.sequence,
        "new_head": entry.hash,
        "new_recorded_at": moments.to_microseconds(entry.recorded_at),
    }


def _placed(item: Held, entry: Written, kind: HoldKind, reason: str) -> dict[str, object]:
    return {"item_id": item.id, "kind": kind.value, "reason": reason, "sequence": entry.sequence}


def _lifted(item: Held, entry: Written, kind: HoldKind) -> dict[str, object]:
    return {"item": item.id, "hold": kind.value, "sequence": entry.sequence}


def _one_by_one(
    work: Work, found: Sequence[Held], kind: HoldKind, reason: str, by: Actor, *, placing: bool
) -> None:
    change = place_hold if placing else lift_hold
    for item in found:
        change(work, item_by_id(work, item.id), kind, reason, by=by)
