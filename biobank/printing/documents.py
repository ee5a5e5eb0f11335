"""Labels as a printable PDF, on sheets or on a roll, and as ZPL for a label printer."""

from collections.abc import Sequence

import labels as drawing
from biobank.core.database import Work
from biobank.printing.queries import LabelsRefused, stock_named
from labels import Label, LabelError

SHEET = "avery-5160"
"""Thirty labels a sheet: what every office printer can do."""


def sheet_pdf(
    work: Work, labels: Sequence[Label], stock: str = SHEET, *, start: int = 1, dpi: int = 300
) -> bytes:
    """Sheets of `stock`, from its label `start` on; the same labels give the same bytes.

    Raises `StockUnknown`, `LabelsRefused`.
    """
    sheet = stock_named(work, stock)
    try:
        return drawing.sheet_pdf(labels, sheet, start=start, dpi=dpi)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem


def roll_pdf(work: Work, labels: Sequence[Label], stock: str | None = None, *, dpi: int = 300) -> bytes:
    """One label a page; without a stock each in its own size. Raises `StockUnknown`, `LabelsRefused`."""
    roll = stock_named(work, stock) if stock else None
    try:
        return drawing.roll_pdf(labels, dpi=dpi, stock=roll)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem


def zpl(work: Work, labels: Sequence[Label], *, dpi: int = 203, stock: str | None = None) -> bytes:
    """For a label printer of 203, 300 or 600 dpi. Raises `StockUnknown`, `LabelsRefused`."""
    roll = stock_named(work, stock) if stock else None
    try:
        return drawing.zpl(labels, dpi=dpi, stock=roll)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem
