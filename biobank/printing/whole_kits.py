"""A kit's labels for programs that fetch them by the kit's code, as often as they like."""

from collections.abc import Sequence

from sqlalchemy import select

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.items.models import Item
from biobank.printing import choosing, queries
from biobank.printing.choices import UNCOUNTED, CopyReason, JobState, Medium
from biobank.printing.inputs import NewPrint
from biobank.printing.models import PrintedLabel, PrintJob
from biobank.printing.operations import Document, as_it_was, hand_out, note, prepare
from labels import Label

MOST_LOOKED_AT = 20
"""Newest jobs of a kit that may be the one that is asked for."""


def labels_of_kit(
    work: Work, kit: str, medium: Medium, *, by: Actor, reason: CopyReason | None = None
) -> Document:
    """The document of the kit's newest job when nothing on it has changed since, else that of a new job.

    Handed out again, it is noted and no copy is counted. A new job where there was one already has `reason`,
    else says that the labels changed or are for another kind of printer. Raises as `prepare` does.
    """
    asked = NewPrint(kits=(kit,), medium=medium, reason=reason)
    items = choosing.items_asked(work, asked, by)
    jobs = _jobs_of(work, items[0])
    if reason is None:
        target = choosing.target_for(work, asked, items, by)
        labels = choosing.labels_for(work, items, by, stock=target.paper.stock)
        for job in jobs:
            if job.medium == medium.value and _is_still_so(work, job, labels):
                return hand_out(work, job.id, f"labels.{medium}", by=by)
    same_kind = any(job.medium == medium.value for job in jobs)
    told = reason or (CopyReason.CHANGED if same_kind else CopyReason.OTHER_PRINTER)
    prepared = prepare(work, NewPrint(kits=(kit,), medium=medium, reason=told), by=by)
    document = prepared.documents[0]
    note(work, prepared.job, JobState.HANDED_OUT, by=by, remark=document.name)
    return document


def _jobs_of(work: Work, box: Item) -> list[PrintJob]:
    question = select(PrintJob).join(PrintedLabel, PrintedLabel.job_id == PrintJob.id)
    question = question.where(PrintedLabel.item_id == box.id).order_by(PrintJob.id.desc()).distinct()
    return list(work.session.scalars(question.limit(MOST_LOOKED_AT)))


def _is_still_so(work: Work, job: PrintJob, labels: Sequence[tuple[Item, Label]]) -> bool:
    """Whether a document that may be handed out again says just what would be printed now."""
    if job.paper is None or queries.state_of(work, job) in UNCOUNTED:
        return False
    return [label for _, label in as_it_was(work, job)[1]] == [label for _, label in labels]
