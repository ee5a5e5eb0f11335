"""The rest of a batch of which one piece was found: each is looked for, by whom and with what finding."""

from collections.abc import Iterable, Mapping, Sequence
from enum import StrEnum
from typing import Any

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, NotFound
from biobank.custody.item_entries import append_in_turn
from biobank.custody.operations import record
from biobank.custody.queries import item_now, newest_event_of
from biobank.custody.states import Action, HoldKind
from biobank.custody.steps import Done, ItemNow, Recorded, Source
from biobank.destruction.checks import NotYourSite
from biobank.destruction.models import RecheckLine, WasteBatch
from biobank.destruction.queries import bag_of, batch_named, pieces_of
from biobank.items.identifiers import printed
from biobank.items.models import Item

KIND = "recheck"
"""Of the entries of the bag that tell of it."""


class Finding(StrEnum):
    FOUND = "found"
    NOT_FOUND = "not_found"
    """Somebody looked where it lay last, and it is gone as the log says."""


class NotToBeChecked(NotFound):
    title = "Not on this list"


class FoundAlready(Conflict):
    title = "Found already"


def batch_that_ended(work: Work, item: ItemNow) -> WasteBatch | None:
    """The batch with which the log says that a piece was destroyed, as its own history tells."""
    event = newest_event_of(work, item.identifier, Action.DESTROY)
    return batch_named(work, str(event["details"]["batch"]))[0] if event else None


def list_for_rechecking(work: Work, batch: WasteBatch, found: ItemNow, *, by: Actor) -> list[Item]:
    """One piece of the batch was found: the others are to be looked for; gives those."""
    listed = {line.item_id for line in lines_of_recheck(work, batch)}
    others = [piece for piece in pieces_of(work, batch) if piece.id != found.id]
    new = [piece for piece in others if piece.id not in listed]
    for piece in new:
        listing = {"listed_at": moments.now(), "listed_by": by.person}
        work.session.add(RecheckLine(batch_id=batch.id, item_id=piece.id, **listing))
    work.flush()
    if new:
        _log(work, batch, "listed", by, {"items": [piece.identifier for piece in new]})
    return others


def note_found(work: Work, done: Done) -> None:
    """A piece that was looked for is in somebody's hand: whatever was said of it before, it was found."""
    asked = select(RecheckLine).where(RecheckLine.item_id == done.item.id)
    for line in work.session.scalars(asked.order_by(RecheckLine.batch_id)).all():
        if line.finding != Finding.FOUND:
            _note(work, line, done.item.identifier, Finding.FOUND, done.attempt.by)


def tell_not_found(work: Work, by: Actor, bag: str, text: str) -> RecheckLine:
    """Somebody looked for a piece where it lay last, and it is not there.

    Raises `BatchUnknown`, `NotYourSite`, `NotToBeChecked`, `FoundAlready`.
    """
    batch, found_of = batch_named(work, bag, locked=True)
    if found_of.site is not None:
        _at_own_site(by, found_of.site)
    item = item_now(work, text)
    line = _line(work, batch, item)
    if line.finding == Finding.FOUND:
        raise FoundAlready(f"{printed(item.identifier)} was found already; it lies in quarantine.")
    _note(work, line, item.identifier, Finding.NOT_FOUND, by)
    return line


def tell_found(work: Work, by: Actor, bag: str, text: str, *, place: str | None = None) -> Recorded:
    """Somebody has one of the pieces in hand: it goes into quarantine, with all that follows of it.

    Raises `BatchUnknown`, `NotToBeChecked` and what `record` does.
    """
    batch, found_of = batch_named(work, bag, locked=True)
    item = item_now(work, text)
    _line(work, batch, item)
    reason = f"found again, of bag {printed(found_of.identifier)}"
    details = {"hold": HoldKind.DISCREPANCY.value, "reason": reason}
    at = moments.told(moments.now())
    told: dict[str, Any] = {"by": by, "source": Source("scan"), "at": at, "details": details}
    return record(work, item.identifier, Action.QUARANTINE, place=place, **told)


def lines_of_recheck(work: Work, batch: WasteBatch) -> Sequence[RecheckLine]:
    asked = select(RecheckLine).where(RecheckLine.batch_id == batch.id).order_by(RecheckLine.item_id)
    return work.session.scalars(asked).all()


def batches_to_recheck(work: Work, by: Actor) -> list[WasteBatch]:
    """With a piece that nobody has looked for yet, of the sites of `by`."""
    waiting = select(RecheckLine.batch_id).where(RecheckLine.finding.is_(None))
    found = work.session.scalars(select(WasteBatch).where(WasteBatch.id.in_(waiting)).order_by(WasteBatch.id))
    return [batch for batch in found.all() if by.works_at(bag_of(work, batch).site or "")]


def pieces_to_recheck(work: Work, by: Actor) -> int:
    """How many nobody has looked for yet."""
    batches = batches_to_recheck(work, by)
    return sum(line.finding is None for batch in batches for line in lines_of_recheck(work, batch))


def _at_own_site(by: Actor, site: str) -> None:
    """Nobody looks in the freezers of a site from another. Raises `NotYourSite`."""
    if not by.works_at(site):
        raise NotYourSite(
            f"The batch is of {site}; somebody who works there looks for its pieces.", site=site
        )


def _line(work: Work, batch: WasteBatch, item: ItemNow) -> RecheckLine:
    line = work.session.get(RecheckLine, (batch.id, item.id))
    if line is None:
        raise NotToBeChecked(
            f"{printed(item.identifier)} is none of the pieces to check again of this batch; look at its own "
            "page."
        )
    return line


def _note(work: Work, line: RecheckLine, identifier: str, finding: Finding, by: Actor) -> None:
    line.finding, line.checked_at, line.checked_by = finding.value, moments.now(), by.person
    work.flush()
    batch = work.session.get_one(WasteBatch, line.batch_id)
    _log(work, batch, "checked", by, {"item": identifier, "finding": finding.value})


def _log(work: Work, batch: WasteBatch, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    append_in_turn(work, batch.item_id, KIND, {"change": change, "recorded_by": by.person, **content})


def told(items: Iterable[Item]) -> str:
    """Their codes, as a sentence says them."""
    return ", ".join(printed(item.identifier) for item in items) or "there are none"
