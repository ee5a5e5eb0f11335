"""Holds and discrepancies: why an item may not be used, and what has to be explained."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.custody import queries
from biobank.custody.cases import CASE, due_from, opened_content, subject_of_case
from biobank.custody.item_entries import Overtaken, append_to_item
from biobank.custody.models import Discrepancy
from biobank.custody.statements import LIFT_HOLD, PLACE_HOLD
from biobank.custody.states import HoldKind
from biobank.custody.steps import ItemNow
from biobank.ledger.operations import append_to


def place_hold(work: Work, item: ItemNow, kind: HoldKind, reason: str, *, by: Actor) -> None:
    """Put a hold on an item, once a kind; an entry of the item."""
    while (now := _as_it_is(work, item)) and kind not in queries.holds_on(work, item.id):
        with suppress(Overtaken):
            sequence = _log(work, now, {"hold": kind.value, "change": "placed", "reason": reason}, by)
            work.run(PLACE_HOLD, item_id=item.id, kind=kind.value, reason=reason, sequence=sequence)
            work.expire()


def lift_hold(work: Work, item: ItemNow, kind: HoldKind, reason: str, *, by: Actor) -> None:
    """Take a hold off an item; an entry of the item. Nothing happens when there is none."""
    while (now := _as_it_is(work, item)) and kind in queries.holds_on(work, item.id):
        with suppress(Overtaken):
            sequence = _log(work, now, {"hold": kind.value, "change": "lifted", "reason": reason}, by)
            work.run(LIFT_HOLD, item=item.id, hold=kind.value, sequence=sequence)
            work.expire()


def _as_it_is(work: Work, item: ItemNow) -> ItemNow:
    """Read before its holds: who changes them in between changes the item too, and is noticed."""
    work.flush()
    return queries.item_by_id(work, item.id)


def _log(work: Work, now: ItemNow, content: Mapping[str, Any], by: Actor) -> int:
    """Append to the item; returns the entry's number. Raises `Overtaken`: then ask anew."""
    recorded_at = max(moments.now(), moments.from_microseconds(now.recorded_at))
    content = {**content, "recorded_by": by.person}
    after, _ = append_to_item(work, now, "hold", content, {}, recorded_at)
    return after.sequence


def open_discrepancy(work: Work, item: ItemNow, kind: str, sentence: str, *, by: Actor) -> Discrepancy:
    """Open a case that the item's site has to explain; the first entry of the case."""
    at = moments.now()
    case = Discrepancy(
        item_id=item.id,
        kind=kind,
        sentence=sentence,
        site=item.site,
        found_at=by.bench_site or _here(item),
        due_at=due_from(at, kind, work.settings),
        opened_at=at,
        opened_by=by.person,
        opened_sequence=item.sequence,
    )
    work.session.add(case)
    work.flush()
    content = opened_content(case, item.identifier, item.site)
    append_to(work, subject=subject_of_case(case.id), kind=CASE, content=content, recorded_at=at)
    return case


def _here(item: ItemNow) -> str | None:
    """The site that has it; None while it travels or is outside."""
    kind, _, code = (item.custodian or "").partition(":")
    return code if kind == "site" else None
