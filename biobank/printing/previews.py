"""Labels to look at before they are printed, and the page that a printer is measured with."""

from collections.abc import Sequence
from dataclasses import dataclass

import labels as drawing
from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.items.models import Item
from biobank.printing import choosing, queries
from biobank.printing.choices import Medium, PrinterKind
from biobank.printing.choosing import Target
from biobank.printing.documents import CONTENT_TYPES
from biobank.printing.inputs import NewPrint
from biobank.printing.operations import Document, as_it_was
from biobank.printing.printers import Paper
from biobank.printing.queries import LabelsRefused
from labels import Label, LabelError, png, svg

DRAWN_AS = {"svg": (svg, "image/svg+xml"), "png": (png, "image/png")}
"""By the ending of the picture: what draws it, and what it is."""

MOST_SHOWN = 60
"""Labels of one preview; nobody looks at more."""


@dataclass(frozen=True)
class Preview:
    """One label, and the picture of it."""

    item: Item
    label: Label
    svg: bytes


@dataclass(frozen=True)
class Previews:
    """What would be printed where: the first labels, and how many there are in all."""

    target: Target
    labels: tuple[Preview, ...]
    count: int


def preview(work: Work, asked: NewPrint, *, by: Actor) -> Previews:
    """What `prepare` would print; nothing is written. Raises as `prepare` does, but for the reason."""
    items = choosing.items_asked(work, asked, by)
    target = choosing.target_for(work, asked, items, by)
    pairs = choosing.labels_for(work, items, by, stock=target.paper.stock, template=asked.template)
    return Previews(target, _pictures(pairs, target.paper), len(pairs) * asked.copies)


def picture(work: Work, item: str, ending: str, *, by: Actor) -> Document:
    """An item's label as it would be printed now, on the stock of its printer, as `svg` or `png`.

    Raises as `preview` does.
    """
    asked = NewPrint(items=(item,))
    items = choosing.items_asked(work, asked, by)
    paper = choosing.target_for(work, asked, items, by).paper
    (_, label), *_ = choosing.labels_for(work, items, by, stock=paper.stock)
    draw, content_type = DRAWN_AS[ending]
    try:
        return Document(f"label.{ending}", content_type, draw(label, stock=paper.stock, dpi=paper.dpi))
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem


def preview_of_job(work: Work, number: int | str, *, by: Actor) -> tuple[Preview, ...]:
    """The labels of a job as they were. Raises `JobUnknown`, `NotReprintable`."""
    paper, pairs = as_it_was(work, queries.job_seen_by(work, by, number))
    return _pictures(pairs, paper)


def calibration_page(work: Work, printer: str, *, by: Actor) -> Document:
    """What an office printer is measured with: outlines of its labels, as it is corrected now, and a ruler.

    Raises `PrinterUnknown`, `LabelsRefused` for a network printer, which is set up at itself.
    """
    found = queries.printer_named(work, printer, by)
    if found.kind is not PrinterKind.OFFICE:
        raise LabelsRefused(f"{found.name} is a label printer; calibrate it with its own menu.")
    try:
        page = drawing.calibration_pdf(found.stock, dpi=found.dpi, correction=found.correction)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem
    return Document("calibration.pdf", CONTENT_TYPES[Medium.PDF], page)


def _pictures(pairs: Sequence[tuple[Item, Label]], paper: Paper) -> tuple[Preview, ...]:
    try:
        return tuple(
            Preview(item, label, svg(label, stock=paper.stock, dpi=paper.dpi))
            for item, label in pairs[:MOST_SHOWN]
        )
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem
