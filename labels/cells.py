"""Where each label falls on its page, in whole printer dots, and the correction that one printer needs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

from labels.errors import LabelError
from labels.model import Correction, Stock
from labels.rows import dots
from labels.stocks import beyond_page, overlapping

OVERLAP_MM = 1.0
"""A pitch may be corrected until labels overlap by this much: no template prints that near to its edge."""


@dataclass(frozen=True, slots=True)
class Cell:
    """The place of one label: its page, counted from 0, and its rectangle from the page's top left corner."""

    page: int
    left: int
    top: int
    width: int
    height: int


def sheet_cells(stock: Stock, correction: Correction, dpi: int) -> list[Cell]:
    """All labels of one sheet, row by row. Raises LabelError for a correction that leaves the page."""
    grid = _corrected(stock, correction)
    width, height = dots(grid.label_width_mm, dpi), dots(grid.label_height_mm, dpi)
    return [
        Cell(
            0,
            dots(grid.left_mm + column * grid.pitch_x_mm, dpi),
            dots(grid.top_mm + row * grid.pitch_y_mm, dpi),
            width,
            height,
        )
        for row in range(grid.rows)
        for column in range(grid.columns)
    ]


def cells_from(stock: Stock, start: int, count: int, correction: Correction, dpi: int) -> Iterator[Cell]:
    """The places of `count` labels from label `start` (1 is top left) of the first sheet on.

    Raises LabelError for a start that the sheet does not have, and as `sheet_cells` does.
    """
    if not 1 <= start <= stock.labels_a_page:
        raise LabelError(
            f"A sheet of {stock.title} has labels 1 to {stock.labels_a_page}; it cannot start at {start}."
        )
    sheet = sheet_cells(stock, correction, dpi)
    for index in range(start - 1, start - 1 + count):
        page, on_page = divmod(index, len(sheet))
        cell = sheet[on_page]
        yield Cell(page, cell.left, cell.top, cell.width, cell.height)


def roll_cell(stock: Stock, page: int, correction: Correction, dpi: int) -> Cell:
    """The one label of a page of a roll. Raises LabelError for a correction of a pitch: a roll has none."""
    if correction.pitch_x_mm or correction.pitch_y_mm:
        raise LabelError(f"{stock.title} has one label a page and no pitch to correct; correct x and y only.")
    width, height = dots(stock.label_width_mm, dpi), dots(stock.label_height_mm, dpi)
    left, top = stock.left_mm + correction.x_mm, stock.top_mm + correction.y_mm
    return Cell(page, dots(left, dpi), dots(top, dpi), width, height)


def page_size(stock: Stock, dpi: int) -> tuple[int, int]:
    return dots(stock.page_width_mm, dpi), dots(stock.page_height_mm, dpi)


def _corrected(stock: Stock, correction: Correction) -> Stock:
    grid = replace(
        stock,
        left_mm=stock.left_mm + correction.x_mm,
        top_mm=stock.top_mm + correction.y_mm,
        pitch_x_mm=stock.pitch_x_mm + correction.pitch_x_mm,
        pitch_y_mm=stock.pitch_y_mm + correction.pitch_y_mm,
    )
    for wrong, what in (
        (beyond_page(grid), "off the page"),
        (overlapping(grid, OVERLAP_MM), "over each other"),
    ):
        if wrong and correction != Correction():
            raise LabelError(
                f"The printer's correction pushes labels of {stock.title} {what}; measure again, and enter "
                "what is left over in millimetres."
            )
    return grid
