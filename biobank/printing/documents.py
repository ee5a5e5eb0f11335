"""A job's labels as the document that its paper asks for: sheets, a roll or ZPL; proved or not given."""

from collections.abc import Sequence

import labels as drawing
from biobank.printing.choices import Medium
from biobank.printing.printers import Paper
from biobank.printing.queries import LabelsRefused
from labels import Label, LabelError, prove_pdf, prove_zpl

CONTENT_TYPES = {Medium.PDF: "application/pdf", Medium.ZPL: "text/plain; charset=utf-8"}


def proved(labels: Sequence[Label], paper: Paper) -> bytes:
    """Drawn, rasterised at the printer's resolution and read back, else `LabelsRefused` and no document."""
    document = drawn(labels, paper)
    try:
        _prove(document, labels, paper)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem
    return document


def drawn(labels: Sequence[Label], paper: Paper) -> bytes:
    """The same labels on the same paper give the same bytes. Raises `LabelsRefused`."""
    try:
        return _drawn(labels, paper)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem


def _drawn(labels: Sequence[Label], paper: Paper) -> bytes:
    if paper.medium is Medium.ZPL:
        return drawing.zpl(labels, dpi=paper.dpi, stock=paper.stock)
    if paper.stock is not None and paper.stock.labels_a_page > 1:
        return drawing.sheet_pdf(
            labels, paper.stock, start=paper.start, dpi=paper.dpi, correction=paper.correction
        )
    return drawing.roll_pdf(labels, dpi=paper.dpi, stock=paper.stock, correction=paper.correction)


def _prove(document: bytes, labels: Sequence[Label], paper: Paper) -> None:
    if paper.medium is Medium.ZPL:
        prove_zpl(document, labels, dpi=paper.dpi, stock=paper.stock)
    else:
        prove_pdf(
            document, labels, paper.stock, start=paper.start, dpi=paper.dpi, correction=paper.correction
        )
