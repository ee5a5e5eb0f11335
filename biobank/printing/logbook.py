"""The print log as a list: whose jobs, on which printer, in which state, of which item."""

from dataclasses import dataclass

from sqlalchemy import ColumnElement, Select, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.printing.choices import JobState
from biobank.printing.models import PrintedLabel, PrintJob, PrintJobEvent
from biobank.printing.queries import REQUISITION, jobs_seen_by

RECENT = 20_000
"""Newest jobs among which those are looked for that nobody printed yet; an older one is forgotten."""


@dataclass(frozen=True)
class Wanted:
    """Which jobs: all of those that may be seen, as far as nothing narrower is said."""

    mine: bool = False
    printer: str | None = None
    state: JobState | None = None
    item: int | None = None
    """Its number."""


def jobs_wanted(by: Actor, wanted: Wanted) -> Select[PrintJob]:
    """What `jobs_seen_by` gives, narrowed down."""
    question = jobs_seen_by(by)
    if wanted.mine:
        question = question.where(PrintJob.printed_by == by.person)
    if wanted.printer:
        question = question.where(PrintJob.printer == wanted.printer)
    if wanted.item is not None:
        of_item = select(PrintedLabel.job_id).where(PrintedLabel.item_id == wanted.item)
        question = question.where(PrintJob.id.in_(of_item))
    return question.where(_stands(wanted.state)) if wanted.state else question


def _stands(state: JobState) -> ColumnElement[bool]:
    """As `state_of` says it of one job: what was said last, not counting documents handed out."""
    if state is JobState.MADE:
        newest = select(func.max(PrintJob.id)).scalar_subquery()
        return and_(PrintJob.id > newest - RECENT, _said(JobState.MADE), ~_labels_handed_out())
    if state is JobState.HANDED_OUT:
        return and_(_said(JobState.MADE), _labels_handed_out())
    if state is JobState.SENDING:
        return _said(state, PrintJobEvent.until > moments.now())
    if state is JobState.UNCLEAR:
        return or_(_said(state), _said(JobState.SENDING, PrintJobEvent.until <= moments.now()))
    return _said(state)


def _labels_handed_out() -> ColumnElement[bool]:
    return exists().where(
        PrintJobEvent.job_id == PrintJob.id,
        PrintJobEvent.state == JobState.HANDED_OUT.value,
        PrintJobEvent.remark.is_distinct_from(REQUISITION),
    )


def _said(state: JobState, *more: ColumnElement[bool]) -> ColumnElement[bool]:
    """Where this was said last; the few jobs of which it was ever said are found by it first."""
    later = aliased(PrintJobEvent)
    newest = (
        select(func.max(later.id))
        .where(later.job_id == PrintJob.id, later.state != JobState.HANDED_OUT.value)
        .correlate(PrintJob)
        .scalar_subquery()
    )
    said_last = exists().where(PrintJobEvent.id == newest, PrintJobEvent.state == state.value, *more)
    if state is JobState.MADE:
        return said_last
    ever = select(PrintJobEvent.job_id).where(PrintJobEvent.state == state.value)
    return and_(PrintJob.id.in_(ever), said_last)
