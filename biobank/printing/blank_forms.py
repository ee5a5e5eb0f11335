"""Blank forms for a clinic whose computers are down, drawn and proved as labels are."""

from collections.abc import Sequence

from biobank.printing.queries import LabelsRefused
from labels import (
    BlankForm,
    BlankTube,
    FormWords,
    Instructions,
    LabelError,
    blank_forms_pdf,
    prove_blank_forms,
)

__all__ = ["BlankForm", "BlankTube", "FormWords", "Instructions", "blank_forms_drawn"]

DPI = 300


def blank_forms_drawn(forms: Sequence[BlankForm], words: FormWords, paper: str) -> bytes:
    """Every number was read back; the same forms give the same bytes. Raises `LabelsRefused`."""
    try:
        pdf = blank_forms_pdf(forms, words, paper=paper, dpi=DPI)
        prove_blank_forms(pdf, forms, words, paper=paper, dpi=DPI)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem
    return pdf
