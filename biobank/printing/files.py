"""Labels into a file: a PDF for sheets, ZPL for a label printer; logged once the file is whole."""

from collections.abc import Sequence
from pathlib import Path

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.printing.documents import SHEET, sheet_pdf, zpl
from biobank.printing.operations import note_print
from biobank.printing.queries import LabelsRefused
from labels import Label

SHEET_DPI = 300
PRINTER_DPI = 203


def write_labels(work: Work, labels: Sequence[Label], path: Path, *, by: Actor, stock: str = SHEET) -> None:
    """Write the whole file or none, as its ending says: `.pdf` or `.zpl`. Raises `LabelsRefused`."""
    if path.suffix == ".pdf":
        document = sheet_pdf(work, labels, stock, dpi=SHEET_DPI)
        note_print(work, labels, document, medium="pdf", by=by, dpi=SHEET_DPI, stock=stock)
    elif path.suffix == ".zpl":
        document = zpl(work, labels, dpi=PRINTER_DPI)
        note_print(work, labels, document, medium="zpl", by=by, dpi=PRINTER_DPI)
    else:
        raise LabelsRefused(f"{path.name} has to end in .pdf or .zpl.", field="labels")
    _write_whole(path, document)


def _write_whole(path: Path, content: bytes) -> None:
    beside = path.with_name(f".{path.name}.part")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    except OSError as problem:
        raise LabelsRefused(f"{path} cannot be written: {problem.strerror}.", field="labels") from problem
