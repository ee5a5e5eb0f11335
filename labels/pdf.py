"""PDF: labels on sheets, or one a page for a roll; every edge of a bar lies on a whole printer dot."""

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import lru_cache
from io import BytesIO
from itertools import groupby

from reportlab.pdfgen.canvas import Canvas

from labels import fonts
from labels.errors import LabelError
from labels.layout import ink, own_size, refuse_unknown_resolution
from labels.model import POINTS_PER_INCH, Block, Ink, Label, Stock, Symbol, Words
from labels.rows import dots
from labels.stocks import roll
from labels.symbols import Dark, dark


@dataclass(frozen=True, slots=True)
class _Cell:
    """Where one label goes: its page, and its place on it."""

    page: int
    stock: Stock
    column: int = 0
    row: int = 0


def sheet_pdf(labels: Sequence[Label], stock: Stock, *, start: int = 1, dpi: int = 300) -> bytes:
    """Labels on sheets, row by row from cell `start` (1 is top left) of the first sheet.

    The same labels give the same bytes. Raises LabelError, before any of it is drawn, for what cannot print.
    """
    if not 1 <= start <= stock.labels_a_page:
        raise LabelError(
            f"A sheet of {stock.title} has labels 1 to {stock.labels_a_page}; it cannot start at {start}."
        )
    cells = [_cell(stock, index) for index in range(start - 1, start - 1 + len(labels))]
    return _document(labels, cells, dpi)


def roll_pdf(labels: Sequence[Label], *, dpi: int = 300, stock: Stock | None = None) -> bytes:
    """One label a page, on `stock`, or each in the size its template was drawn for."""
    cells = [_Cell(page, stock or own_roll(label)) for page, label in enumerate(labels)]
    return _document(labels, cells, dpi)


def own_roll(label: Label) -> Stock:
    """A roll in the size that the label's template was drawn for."""
    return roll(label.template, label.template, *own_size(label))


def _cell(stock: Stock, index: int) -> _Cell:
    page, on_page = divmod(index, stock.labels_a_page)
    row, column = divmod(on_page, stock.columns)
    return _Cell(page, stock, column, row)


def _document(labels: Sequence[Label], cells: Sequence[_Cell], dpi: int) -> bytes:
    refuse_unknown_resolution(dpi)
    if not labels:
        raise LabelError("There is no label to print; choose at least one item.")
    fonts.register()
    inked = [
        (cell, ink(label, cell.stock.label_width_mm, cell.stock.label_height_mm, dpi))
        for label, cell in zip(labels, cells, strict=True)
    ]
    output = BytesIO()
    canvas = Canvas(output, pageCompression=1, invariant=1)
    canvas.setTitle(f"{len(labels)} labels, {dpi} dpi")
    canvas.setViewerPreference("PrintScaling", "None")
    for _, page in groupby(inked, key=lambda pair: pair[0].page):
        _draw_page(canvas, list(page), dpi)
    canvas.save()
    return output.getvalue()


def _draw_page(canvas: Canvas, page: Sequence[tuple[_Cell, list[Ink]]], dpi: int) -> None:
    stock = page[0][0].stock
    width, height = dots(stock.page_width_mm, dpi), dots(stock.page_height_mm, dpi)
    canvas.setPageSize((_page_points(width, dpi), _page_points(height, dpi)))
    canvas.addLiteral(f"{POINTS_PER_INCH / dpi:.10f} 0 0 {POINTS_PER_INCH / dpi:.10f} 0 0 cm")
    for cell, marks in page:
        left = dots(stock.left_mm + cell.column * stock.pitch_x_mm, dpi)
        top = height - dots(stock.top_mm + cell.row * stock.pitch_y_mm, dpi)
        canvas.addLiteral("\n".join(_shapes(marks, left, top)))
        _draw_words(canvas, marks, left, top)
    canvas.showPage()


def _page_points(length_in_dots: int, dpi: int) -> float:
    """A hair short of its last dot: a page a hair beyond is rasterised with one dot more, and stretched."""
    return math.ceil(length_in_dots * POINTS_PER_INCH / dpi * 1000 - 1) / 1000


def _shapes(marks: Iterable[Ink], left: int, top: int) -> Iterator[str]:
    for mark in marks:
        if isinstance(mark, Block):
            yield f"{left + mark.x} {top - mark.y - mark.height} {mark.width} {mark.height} re f"
        elif isinstance(mark, Symbol):
            bottom = top - mark.y - mark.height
            yield f"q 1 0 0 1 {left + mark.x} {bottom} cm {_dark(mark)} f Q"


def _dark(symbol: Symbol) -> str:
    """Every dark rectangle, upwards from the symbol's lower left corner."""
    return _rectangles(dark(symbol), symbol.height)


@lru_cache(maxsize=4096)
def _rectangles(areas: tuple[Dark, ...], height: int) -> str:
    return " ".join(f"{x} {height - y - high} {wide} {high} re" for x, y, wide, high in areas)


def _draw_words(canvas: Canvas, marks: Iterable[Ink], left: int, top: int) -> None:
    for mark in marks:
        if isinstance(mark, Words):
            canvas.setFillGray(1 if mark.white else 0)
            canvas.setFont(mark.font, mark.size)
            _draw_string(canvas, mark, left + mark.x, top - mark.baseline)


def _draw_string(canvas: Canvas, words: Words, x: int, y: int) -> None:
    if not words.turned:
        canvas.drawString(x, y, words.text)
        return
    canvas.saveState()
    canvas.translate(x, y)
    canvas.rotate(-90)
    canvas.drawString(0, 0, words.text)
    canvas.restoreState()
