"""PDF: labels on sheets, or one a page for a roll; every edge of a bar lies on a whole printer dot.

Version 1 of a template prints the picture that release 0.1.0 printed, dot by dot. The bytes of the file
differ: text no longer goes through reportlab's canvas.
"""

from collections.abc import Iterable, Sequence
from itertools import chain, groupby

from labels.cells import Cell, cells_from, page_size, roll_cell
from labels.document import Document
from labels.errors import LabelError
from labels.faces import Faces
from labels.layout import ink, own_size, refuse_unknown_resolution
from labels.model import Correction, Ink, Label, Stock, Words
from labels.stocks import roll

NO_CORRECTION = Correction()

Placed = tuple[Label, Stock, Cell]


def sheet_pdf(
    labels: Sequence[Label],
    stock: Stock,
    *,
    start: int = 1,
    dpi: int = 300,
    correction: Correction = NO_CORRECTION,
) -> bytes:
    """Labels on sheets, row by row from cell `start` (1 is top left) of the first sheet.

    The same labels give the same bytes. Raises LabelError, and then nothing was made, for what cannot print.
    """
    _refuse_unprintable(labels, dpi)
    cells = cells_from(stock, start, len(labels), correction, dpi)
    return _document([(label, stock, cell) for label, cell in zip(labels, cells, strict=True)], dpi)


def roll_pdf(
    labels: Sequence[Label],
    *,
    dpi: int = 300,
    stock: Stock | None = None,
    correction: Correction = NO_CORRECTION,
) -> bytes:
    """One label a page, on `stock`, or each in the size its template was drawn for.

    Raises LabelError for what cannot print, and for a correction that pushes ink off its label.
    """
    _refuse_unprintable(labels, dpi)
    placed = [
        (label, on, roll_cell(on, page, correction, dpi))
        for page, label in enumerate(labels)
        for on in [stock or own_roll(label)]
    ]
    if correction != NO_CORRECTION:
        for label, on, cell in placed:
            _refuse_ink_off_page(label, on, cell, dpi)
    return _document(placed, dpi)


def own_roll(label: Label) -> Stock:
    """A roll in the size that the label's template was drawn for."""
    return roll(label.template, label.template, *own_size(label))


def _refuse_unprintable(labels: Sequence[Label], dpi: int) -> None:
    refuse_unknown_resolution(dpi)
    if not labels:
        raise LabelError("There is no label to print; choose at least one item.")


def _document(placed: Sequence[Placed], dpi: int) -> bytes:
    document = Document(f"{len(placed)} labels, {dpi} dpi", dpi)
    faces = Faces(document)
    for _, page in groupby(placed, key=lambda place: place[2].page):
        _add_page(document, faces, list(page))
    return document.finish()


def _add_page(document: Document, faces: Faces, page: Sequence[Placed]) -> None:
    width, height = page_size(page[0][1], document.dpi)
    drawn = (faces.operators(label, stock, cell.left, height - cell.top) for label, stock, cell in page)
    document.add_page(width, height, chain.from_iterable(drawn))


def _refuse_ink_off_page(label: Label, stock: Stock, cell: Cell, dpi: int) -> None:
    marks = ink(label, stock.label_width_mm, stock.label_height_mm, dpi)
    left, top, right, bottom = _edges(marks)
    width, height = page_size(stock, dpi)
    if cell.left + left < 0 or cell.top + top < 0 or cell.left + right > width or cell.top + bottom > height:
        raise LabelError(
            f"The printer's correction pushes the ink of a {label.template} label off {stock.title}; "
            "measure again, and enter what is left over in millimetres."
        )


def _edges(marks: Iterable[Ink]) -> tuple[int, int, int, int]:
    """Left, top, right and bottom of all ink."""
    boxes = [_box(mark) for mark in marks]
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return min(lefts), min(tops), max(rights), max(bottoms)


def _box(mark: Ink) -> tuple[int, int, int, int]:
    if not isinstance(mark, Words):
        return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
    size = round(mark.size)
    if mark.turned:
        return mark.x, mark.baseline, mark.x + size, mark.baseline + mark.width
    return mark.x, mark.baseline - size, mark.x + mark.width, mark.baseline
