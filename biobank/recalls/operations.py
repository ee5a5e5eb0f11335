"""Recalling a lot, telling what was found of it, lifting the recall: holds and log in one transaction."""

import hashlib
from collections.abc import Iterable, Mapping
from typing import Any

from sqlalchemy import insert, literal, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.core.tables import table_of
from biobank.custody.checks import is_specimen
from biobank.custody.holds import place_hold
from biobank.custody.many_holds import lift_holds, place_holds
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, HoldKind
from biobank.custody.steps import ItemNow, Recorded, Source
from biobank.items.models import Item
from biobank.ledger.operations import append_to
from biobank.recalls import checks
from biobank.recalls.inputs import NewRecall
from biobank.recalls.models import Recall, RecallLine
from biobank.recalls.queries import held_by_it_alone, items_of_lot, line_of, recall_numbered, to_hold

lines = table_of(RecallLine)


def open_recall(work: Work, new: NewRecall, *, by: Actor) -> Recall:
    """List all that is of the lot or made of it, and hold what there still is of it.

    Raises `RecallRefused`, `RecalledAlready`. A lot of which nothing is found can be recalled: what comes
    later is caught.
    """
    checks.can_be_recalled(work, new)
    recall = Recall(
        lot=new.lot,
        specification=new.specification,
        cause=new.cause.value,
        notice=new.notice,
        opened_at=moments.now(),
        opened_by=by.person,
    )
    work.session.add(recall)
    work.flush()
    _list_what_is_of_it(work, recall)
    number = recall.id
    place_holds(work, to_hold(work, recall), HoldKind.RECALL, reason_of(recall), by=by)
    recall = recall_numbered(work, number)
    _log(work, recall, "opened", by, told(recall) | _listed(work, recall))
    return recall


def _list_what_is_of_it(work: Work, recall: Recall) -> None:
    found = items_of_lot(recall.lot, recall.specification)
    listed = select(literal(recall.id), found.c.id)
    work.session.execute(insert(lines).from_select(["recall_id", "item_id"], listed))


def reason_of(recall: Recall) -> str:
    """Why each of its items is held."""
    return subject_of(recall)


def subject_of(recall: Recall) -> str:
    return f"recall:{recall.id}"


def told(recall: Recall) -> dict[str, Any]:
    """What its first entry says of a recall; `verify` compares the two."""
    return {
        "lot": recall.lot,
        "specification": recall.specification,
        "cause": recall.cause,
        "notice": recall.notice,
        "opened_by": recall.opened_by,
    }


def _listed(work: Work, recall: Recall) -> dict[str, Any]:
    """How many items, and a sum over their codes in order; which ones, their own holds say one by one."""
    question = select(Item.identifier).join(lines, lines.c.item_id == Item.id)
    codes = work.session.scalars(
        question.where(lines.c.recall_id == recall.id).order_by(Item.identifier)
    ).all()
    digest = hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()
    return {"items": len(codes), "items_sha256": digest}


def _log(work: Work, recall: Recall, change: str, by: Actor, content: Mapping[str, Any]) -> None:
    append_to(
        work,
        subject=subject_of(recall),
        kind="recall",
        content={"change": change, "recorded_by": by.person, **content},
    )


def join(work: Work, recall: Recall, items: Iterable[ItemNow], *, by: Actor) -> None:
    """List items that came to be of a recall after it was opened; nothing happens for those it lists."""
    recall = recall_numbered(work, recall.id, locked=True)
    new = [item for item in items if line_of(work, recall, item.id) is None]
    work.session.add_all(RecallLine(recall_id=recall.id, item_id=item.id) for item in new)
    work.flush()
    if new:
        _log(work, recall, "joined", by, {"joined": [item.identifier for item in new]})


def tell_found(
    work: Work, number: int, text: str, *, by: Actor, source: Source, at: Told | None
) -> Recorded | ItemNow:
    """Somebody has a thing of a recall in hand and sets it aside; of a specimen it is a step of its own.

    Gives the step, or the kit as it stands. Raises `NoSuchRecall`, `LiftedAlready`, `NotOfThisRecall`.
    """
    recall = recall_numbered(work, number, locked=True)
    checks.still_stands(recall)
    item = item_now(work, text)
    line = line_of(work, recall, item.id)
    checks.is_listed(item, recall, listed=line is not None)
    if line is not None and line.found_at is None:
        line.found_at, line.found_by = moments.now(), by.person
        work.flush()
        _log(work, recall, "found", by, {"found": item.identifier})
    if not is_specimen(item):
        return item
    # What was thought gone when the recall was opened is under no hold yet.
    place_hold(work, item, HoldKind.RECALL, reason_of(recall), by=by)
    details = {"hold": HoldKind.RECALL.value, "reason": reason_of(recall)}
    return record(work, item.identifier, Action.QUARANTINE, by=by, source=source, at=at, details=details)


def lift_recall(work: Work, number: int, reason: str, *, by: Actor) -> Recall:
    """Take its holds off, but for what another standing recall lists.

    Raises `NoSuchRecall`, `LiftedAlready`, `RecallRefused`.
    """
    recall = recall_numbered(work, number, locked=True)
    reason = reason.strip()
    checks.can_be_lifted(recall, reason)
    recall.lifted_at, recall.lifted_by, recall.lifted_because = moments.now(), by.person, reason
    work.flush()
    freed = lift_holds(
        work, held_by_it_alone(work, recall), HoldKind.RECALL, f"{reason_of(recall)} lifted", by=by
    )
    recall = recall_numbered(work, number)
    _log(work, recall, "lifted", by, {"reason": reason, "freed": freed})
    return recall
