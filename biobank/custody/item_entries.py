"""One entry of one item: the row and the ledger change together, or somebody else was faster."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import item_by_id
from biobank.custody.statements import CHANGE_ITEM, CHANGEABLE
from biobank.custody.steps import ItemNow
from biobank.ledger.operations import Written, store_entry, write_entry

NEW_VALUES = tuple(f"new_{name}" for name in CHANGEABLE)


class Overtaken(Exception):
    """The item changed between reading and writing; nothing was written."""


def append_to_item(
    work: Work,
    item: ItemNow,
    kind: str,
    content: Mapping[str, Any],
    changed: Mapping[str, Any],
    recorded_at: datetime,
) -> tuple[ItemNow, Mapping[str, Any]]:
    """Write one entry of an item and the item's new columns; the guarded UPDATE settles races."""
    written = write_entry(
        subject=item.identifier,
        sequence=item.sequence + 1,
        previous=item.head,
        kind=kind,
        recorded_at=recorded_at,
        content=content,
    )
    after = _after(item, written, changed)
    values: dict[str, Any] = dict(zip(NEW_VALUES, after[-len(NEW_VALUES) :], strict=True))
    values["new_state"] = after.state.value
    if (
        work.run(
            CHANGE_ITEM,
            **values,
            item_id=item.id,
            sequence_read=item.sequence,
            state_read=item.state.value,
        ).rowcount
        != 1
    ):
        raise Overtaken
    appended = store_entry(work, written)
    return after, appended.event


def append_in_turn(work: Work, item_id: int, kind: str, content: Mapping[str, Any]) -> ItemNow:
    """The item after an entry that moves nothing, whoever else changes it meanwhile."""
    while True:
        now = item_by_id(work, item_id)
        recorded_at = max(moments.now(), moments.from_microseconds(now.recorded_at))
        try:
            after, _ = append_to_item(work, now, kind, content, {}, recorded_at)
        except Overtaken:
            continue
        work.expire()
        return after


def _after(item: ItemNow, written: Written, changed: Mapping[str, Any]) -> ItemNow:
    columns = {name: value for name, value in changed.items() if name in CHANGEABLE}
    columns |= {
        "sequence": written.sequence,
        "head": written.hash,
        "recorded_at": moments.to_microseconds(written.recorded_at),
    }
    return item._replace(**columns)
