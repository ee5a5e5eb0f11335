"""Milestones of tubes: noted as steps are taken, and made again from the log where a step was taken back."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from operator import itemgetter
from typing import Any

import orjson
from sqlalchemy import bindparam, delete, select
from sqlalchemy.dialects.postgresql import insert as insert_or_not

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.statements import Statement
from biobank.core.tables import table_of
from biobank.custody.queries import item_by_id
from biobank.custody.statements import items
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Done, ItemNow
from biobank.ledger.models import LedgerEntry
from biobank.reports.choices import DRAWS, STEP_OF, Step
from biobank.reports.models import Milestone

milestones = table_of(Milestone)
entries = table_of(LedgerEntry)
AT_ONCE = 500
Row = dict[str, Any]

NOTE = Statement(
    insert_or_not(milestones)
    .values({name: bindparam(name) for name in milestones.c.keys()})  # noqa: SIM118 (columns, no dict)
    .on_conflict_do_nothing()
)
"""The first time counts; both databases say it in the same words."""


def note_milestone(work: Work, done: Done) -> None:
    """Wired after each step that is one: two statements more on the scan path's cursor at most."""
    item, step = done.item, STEP_OF[done.attempt.action]
    if item.kind is not Kind.TUBE or (step not in DRAWS and item.collected_at is None):
        return
    told = done.attempt.at
    at = moments.to_microseconds(told.at if told else done.attempt.recorded_at)
    work.run(NOTE, **_row(item, step, at, done.attempt.details))


def _row(item: ItemNow, step: Step, at: int, details: Mapping[str, Any]) -> Row:
    return {
        "item_id": item.id,
        "step": step.value,
        "site": item.site,
        "kit_id": item.kit_id,
        "drawn_at": at if step in DRAWS else item.collected_at,
        "at": at,
        "answer": _answer(step, details),
    }


def _answer(step: Step, details: Mapping[str, Any]) -> str | None:
    told = details.get("fill" if step is Step.COLLECTED else "reason") if step in DRAWS else None
    return str(told)[:40] if told else None


def milestones_follow(work: Work, done: Done) -> None:
    """Wired after `correct`: what was taken back is no milestone, and what was told otherwise is so."""
    if done.item.kind is Kind.TUBE:
        make_again(work, [done.item.id])


def make_again(work: Work, numbers: Sequence[int]) -> None:
    """From the log, for these tubes."""
    work.flush()
    tubes = {item.identifier: item for item in (item_by_id(work, number) for number in numbers)}
    work.connection.execute(delete(milestones).where(milestones.c.item_id.in_(numbers)))
    question = select(entries.c.subject, entries.c.body).where(
        entries.c.subject.in_(tubes), entries.c.kind == "custody"
    )
    told = work.connection.execute(question.order_by(entries.c.subject, entries.c.sequence)).all()
    for subject, rows in groupby(told, key=itemgetter(0)):
        found = _rows(tubes[subject], (orjson.loads(bytes(body)) for _, body in rows))
        if found:
            work.run_many(NOTE, found)


def _rows(item: ItemNow, events: Iterable[Mapping[str, Any]]) -> list[Row]:
    """The first of each step that was not taken back."""
    found: dict[Step, tuple[int, Mapping[str, Any]]] = {}
    for event in events:
        action = Action(event["action"])
        if action is Action.CORRECT and event.get("details", {}).get("undo"):
            found = {step: kept for step, kept in found.items() if kept[0] != event["corrects"]}
        elif action in STEP_OF:
            found.setdefault(STEP_OF[action], (event["sequence"], event))
    return [
        _row(item, step, _at(event), event.get("details", {}))
        for step, (_, event) in found.items()
        if step in DRAWS or item.collected_at is not None
    ]


def _at(event: Mapping[str, Any]) -> int:
    return moments.to_microseconds(moments.read_moment(event["occurred_at"] or event["recorded_at"]).at)


def tubes_after(work: Work, number: int) -> list[int]:
    """The next tubes by number, to go through all of them in batches."""
    question = select(items.c.id).where(items.c.kind == Kind.TUBE.value, items.c.id > number)
    return list(work.connection.scalars(question.order_by(items.c.id).limit(AT_ONCE)))
