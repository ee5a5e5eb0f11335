"""Freezing and thawing: each time is noted, what is made of thawed material is born with its thaws."""

import math
from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, func, insert, select

from biobank.core.database import Work
from biobank.core.moments import from_microseconds, to_microseconds
from biobank.core.rows import in_turns
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.queries import happened_at
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Attempt, Done, Flag, ItemNow
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.ledger.queries import entry_of
from biobank.processing.models import FreezeThaw
from biobank.processing.plans import Material, plan_for, todays_plans

FROZEN, THAWED, BORN = "frozen", "thawed", "born"
CHANGES = {Action.FREEZE: FROZEN, Action.THAW: THAWED}
BORN_WITH = "thaws_before"
"""Under this name a specimen's first event tells what its material went through before."""
freeze_thaws = table_of(FreezeThaw)
NOTE_CHANGE = Statement(
    insert(freeze_thaws)
    .values({name: bindparam(name) for name in ("item_id", "sequence", "change", "thaws", "at")})
    .inline()
)


def thaw_counts(work: Work, items: Iterable[int]) -> dict[int, int]:
    """How often the material of each was thawed, also before it was made; by number, without those that never
    were.
    """
    found: dict[int, int] = {}
    for some in in_turns(items):
        asked = (
            select(FreezeThaw.item_id, func.sum(FreezeThaw.thaws))
            .where(FreezeThaw.item_id.in_(some), FreezeThaw.undone_sequence.is_(None))
            .group_by(FreezeThaw.item_id)
        )
        found |= {number: int(thaws) for number, thaws in work.session.execute(asked) if thaws}
    return found


def thaws_of(work: Work, item_id: int) -> int:
    return thaw_counts(work, [item_id]).get(item_id, 0)


def newest_change(work: Work, item_id: int) -> FreezeThaw | None:
    """The last time that it was frozen or thawed, unless that was taken back."""
    asked = select(FreezeThaw).where(
        FreezeThaw.item_id == item_id, FreezeThaw.undone_sequence.is_(None), FreezeThaw.change != BORN
    )
    return work.session.scalar(asked.order_by(FreezeThaw.sequence.desc()).limit(1))


def is_frozen() -> ColumnElement[bool]:
    """Of an `Item` in a question: whether the last that was told of it is that it was frozen."""
    newest = (
        select(FreezeThaw.change)
        .where(FreezeThaw.item_id == Item.id, FreezeThaw.undone_sequence.is_(None), FreezeThaw.change != BORN)
        .order_by(FreezeThaw.sequence.desc())
        .limit(1)
        .scalar_subquery()
    )
    return func.coalesce(newest, THAWED) == FROZEN


def material_of(work: Work, item: Item | ItemNow) -> Material | None:
    """What it is by the plans: an aliquot by its name, a tube that is kept whole by its code."""
    if item.specification is None:
        return None
    named = todays_plans(work.settings).materials.get(item.specification)
    if named is not None:
        return named
    plan = plan_for(work.settings, item.specification)
    return plan.kept_whole if plan else None


# Wired before, after and beside the steps.


def thawed_within_its_limit(work: Work, attempt: Attempt) -> list[Flag]:
    """One thaw more than its kind may have is recorded, and a case to look into."""
    material = material_of(work, attempt.item)
    if material is None:
        return []
    thaws = thaws_of(work, attempt.item.id) + 1
    if thaws <= material.thaws_at_most:
        return []
    sentence = (
        f"{printed(attempt.item.identifier)} has {thaws} thaws now; "
        f"{material.name} may have {material.thaws_at_most}."
    )
    return [Flag("thawed_too_often", sentence)]


def frozen_in_time(work: Work, attempt: Attempt) -> list[Flag]:
    """Kept with the first freezing: a vial is counted from its making on, a tube from its collection."""
    item = attempt.item
    material = material_of(work, item)
    limit = material.freeze_within_minutes if material else None
    if limit is None or attempt.at is None:
        return []
    since = _made_at(work, item)
    if since is None or newest_change(work, item.id):
        return []
    minutes = math.ceil((attempt.at.at - since) / timedelta(minutes=1))
    if minutes <= limit:
        return []
    sentence = f"{printed(item.identifier)} was frozen after {minutes} minutes; {limit} is the most."
    return [Flag("frozen_late", sentence, is_doubt=False)]


def _made_at(work: Work, item: ItemNow) -> datetime | None:
    if item.kind is Kind.TUBE:
        return from_microseconds(item.collected_at) if item.collected_at else None
    return happened_at(entry_of(work, item.identifier, 1).event)


def change_is_noted(work: Work, done: Done) -> None:
    """On the driver's cursor: this stands in the scan path."""
    attempt = done.attempt
    change = CHANGES[attempt.action]
    work.run(
        NOTE_CHANGE,
        item_id=done.item.id,
        sequence=done.event["sequence"],
        change=change,
        thaws=int(change == THAWED),
        at=to_microseconds(attempt.at.at) if attempt.at else None,
    )


def change_is_taken_back(work: Work, done: Done) -> None:
    """With the event that froze or thawed it."""
    attempt = done.attempt
    if not attempt.details.get("undo"):
        return
    taken_back = select(FreezeThaw).where(
        FreezeThaw.item_id == done.item.id, FreezeThaw.sequence == attempt.corrects
    )
    change = work.session.scalar(taken_back)
    if change is not None:
        change.undone_sequence = done.event["sequence"]
        work.flush()


def thaws_to_inherit(work: Work, parents: Sequence[ItemNow]) -> dict[str, Any]:
    """For the first event of what is made of them: the thaws of the one that was thawed most, if any was."""
    most = max(thaw_counts(work, [parent.id for parent in parents]).values(), default=0)
    return {BORN_WITH: most} if most else {}


def thaws_are_inherited(work: Work, born: ItemNow, told: dict[str, Any]) -> None:
    """`told` is what `thaws_to_inherit` gave for its first event."""
    if told:
        work.session.add(FreezeThaw(item_id=born.id, sequence=1, change=BORN, thaws=told[BORN_WITH], at=None))
        work.flush()
