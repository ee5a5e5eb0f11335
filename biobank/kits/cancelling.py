"""Cancelling a kit's collection and restoring it: nothing is erased, the specimens are held or freed."""

from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict
from biobank.core.moments import Told, to_text
from biobank.custody.checks import item_seen_by
from biobank.custody.holds import lift_hold, place_hold
from biobank.custody.item_entries import append_in_turn
from biobank.custody.queries import item_by_id
from biobank.custody.states import HoldKind, Kind
from biobank.custody.steps import ItemNow, Source
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import with_all_made_of
from biobank.kits.choices import CancelReason, RestoreReason
from biobank.kits.models import CollectionChange
from biobank.kits.queries import newest_change

CANCELLED, RESTORED = "cancelled", "restored"
ENTRY = "collection"
"""The kind of the kit's entries about its collection as a whole."""


class NothingToCancel(Conflict):
    """Only what was assigned to a participant is a collection."""

    title = "Nothing to cancel"


class CancelledAlready(Conflict):
    title = "Cancelled already"


class NotCancelled(Conflict):
    title = "Not cancelled"


def cancel_collection(
    work: Work, kit: str, reason: CancelReason, *, by: Actor, source: Source, at: Told | None
) -> CollectionChange:
    """A kit's collection is not to count: the kit, its tubes and all that was made of them are held.

    `kit` is its printed identifier or an alias; `at` is None when nobody knows when. Raises `OtherSite`,
    `NothingToCancel`, `CancelledAlready`.
    """
    found = item_seen_by(work, by, kit)
    if found.kind is not Kind.KIT or found.participant is None:
        raise NothingToCancel(
            f"{printed(found.identifier)} is no kit that was assigned to a participant; "
            "void a kit that nobody uses.",
            item=found.identifier,
        )
    if is_cancelled(work, found.id):
        raise CancelledAlready(
            f"The collection of {printed(found.identifier)} was cancelled before; nothing is left to do.",
            item=found.identifier,
        )
    change = _append(work, found, CANCELLED, reason.value, by=by, source=source, at=at)
    for number in _kit_and_what_came_of_it(work, found.id):
        place_hold(work, item_by_id(work, number), HoldKind.CANCELLED, reason.value, by=by)
    return change


def restore_collection(
    work: Work, kit: str, reason: RestoreReason, *, by: Actor, source: Source, at: Told | None
) -> CollectionChange:
    """A cancelled collection counts after all: its hold comes off, every other one stays.

    Raises `OtherSite`, `NotCancelled`.
    """
    found = item_seen_by(work, by, kit)
    if not is_cancelled(work, found.id):
        raise NotCancelled(
            f"The collection of {printed(found.identifier)} is not cancelled; there is nothing to restore.",
            item=found.identifier,
        )
    change = _append(work, found, RESTORED, reason.value, by=by, source=source, at=at)
    for number in _kit_and_what_came_of_it(work, found.id):
        lift_hold(work, item_by_id(work, number), HoldKind.CANCELLED, reason.value, by=by)
    return change


def is_cancelled(work: Work, kit_id: int) -> bool:
    newest = newest_change(work, kit_id)
    return newest is not None and newest.change == CANCELLED


def _append(
    work: Work, kit: ItemNow, change: str, reason: str, *, by: Actor, source: Source, at: Told | None
) -> CollectionChange:
    content: dict[str, Any] = {
        "action": f"{'cancel' if change == CANCELLED else 'restore'}_collection",
        "change": change,
        "reason": reason,
        "recorded_by": by.person,
        "source": {"kind": source.kind, "reference": source.reference},
        "occurred_at": to_text(at.at) if at else None,
    }
    if at:
        content |= {"zone": at.zone, "offset_minutes": at.offset_minutes}
    after = append_in_turn(work, kit.id, ENTRY, content)
    appended = CollectionChange(
        kit_id=kit.id,
        change=change,
        reason=reason,
        sequence=after.sequence,
        recorded_at=moments.from_microseconds(after.recorded_at),
        recorded_by=by.person,
    )
    work.session.add(appended)
    work.flush()
    return appended


def _kit_and_what_came_of_it(work: Work, kit_id: int) -> list[int]:
    """The kit, its tubes, and everything made of them."""
    found = with_all_made_of(select(Item.id).where(Item.kit_id == kit_id))
    return [kit_id, *work.session.scalars(select(found.c.id).order_by(found.c.id))]
