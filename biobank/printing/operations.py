"""Noting what was printed: a label more on a tube is a question when two of them turn up."""

import hashlib
from collections import Counter
from collections.abc import Sequence
from typing import Literal

from sqlalchemy import func, select

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.items.models import Item
from biobank.printing.models import PrintedLabel, PrintJob
from labels import Label


def note_print(
    work: Work,
    labels: Sequence[Label],
    document: bytes,
    *,
    medium: Literal["pdf", "zpl"],
    by: Actor,
    dpi: int,
    stock: str | None = None,
) -> PrintJob:
    """Log a document of labels; each label counts on from those of its item that were printed before."""
    job = PrintJob(
        medium=medium,
        stock=stock,
        dpi=dpi,
        labels=len(labels),
        sha256=hashlib.sha256(document).hexdigest(),
        printed_at=moments.now(),
        printed_by=by.person,
        station=by.station,
    )
    work.session.add(job)
    work.flush()
    numbers = _numbers(work, {label.id for label in labels})
    copies = _printed_before(work, list(numbers.values()))
    for label in labels:
        item = numbers[label.id]
        copies[item] += 1
        printed = PrintedLabel(job_id=job.id, item_id=item, template=label.template, copy=copies[item])
        work.session.add(printed)
    work.flush()
    return job


def _numbers(work: Work, identifiers: set[str]) -> dict[str, int]:
    rows = work.session.execute(select(Item.identifier, Item.id).where(Item.identifier.in_(identifiers)))
    return {row.identifier: row.id for row in rows}


def _printed_before(work: Work, items: Sequence[int]) -> Counter[int]:
    rows = work.session.execute(
        select(PrintedLabel.item_id, func.max(PrintedLabel.copy).label("newest"))
        .where(PrintedLabel.item_id.in_(items))
        .group_by(PrintedLabel.item_id),
    )
    return Counter({row.item_id: row.newest for row in rows})
