"""The calibration page of a printer: where every label should be, two rulers, what to measure and enter."""

import textwrap

from labels.cells import Cell, roll_cell, sheet_cells
from labels.errors import LabelError
from labels.fonts import BOLD
from labels.model import MM_PER_INCH, Align, Correction, Stock, Text
from labels.paper import Page, pages_pdf
from labels.pdf import NO_CORRECTION
from labels.rows import Box

RULER_MM = 50

NUMBERED_MM = 20
"""Shorter rulers have no room for figures."""

CROSS_MM = 2.0
MARGIN_MM = 15.0

POINTS, LINE_MM, CHARACTERS_A_MM = 10.0, 5.0, 0.52

EDGE_MM = 1.0
"""A printer leaves out what lies nearer to the edge of a roll's label."""

TICKS_MM = {10: 5.0, 5: 3.5, 1: 2.0}
"""How long a tick is at each multiple of so many millimetres."""


def calibration_pdf(stock: Stock, *, dpi: int = 300, correction: Correction = NO_CORRECTION) -> bytes:
    """The outlines of a sheet's labels as this printer would hit them, then rulers and words on another page.

    A roll has one label: its outline a millimetre inside, cross-hairs, and rulers as long as it has room for.
    Raises LabelError for a correction that pushes labels off the page.
    """
    if stock.labels_a_page > 1:
        pages = [_grid(stock, correction, dpi), _words(stock, correction, dpi)]
    else:
        pages = [_roll(stock, correction, dpi)]
    return pages_pdf(pages, f"Calibration of {stock.title}, {dpi} dpi")


def calibration_steps(stock: Stock, correction: Correction = NO_CORRECTION) -> tuple[str, ...]:
    """What to do with the pages and which figure to enter where, a sentence or two each."""
    printed = f"x_mm = {correction.x_mm:g}, y_mm = {correction.y_mm:g}"
    pitches: tuple[str, ...] = ()
    if stock.labels_a_page > 1:
        right, below = max(stock.columns - 1, 1), max(stock.rows - 1, 1)
        printed += f", pitch_x_mm = {correction.pitch_x_mm:g}, pitch_y_mm = {correction.pitch_y_mm:g}"
        pitches = (
            f"pitch_x_mm: how far label {stock.columns} has yet to move right, divided by {right}.",
            f"pitch_y_mm: how far label {stock.labels_a_page} has yet to move down, divided by {below}.",
        )
    return (
        "Print on plain paper at 100 %, without “fit to page”.",
        "Measure both rulers. Where one is not as long as it says, the printer stretches: end that first.",
        "Lay the outlines over the labels and hold both against the light.",
        "x_mm: how far the outline of label 1 has to move to the right; to the left is less than 0.",
        "y_mm: how far it has to move down; up is less than 0.",
        *pitches,
        f"This was printed with {printed}. Add what you measured to these figures, and enter the sums.",
        "Print again and see that it fits.",
    )


def _grid(stock: Stock, correction: Correction, dpi: int) -> Page:
    page = Page(stock.page_width_mm, stock.page_height_mm, dpi)
    for number, cell in enumerate(sheet_cells(stock, correction, dpi), 1):
        page.frame(Box(cell.left, cell.top, cell.width, cell.height))
        left, top, width, height = _millimetres(cell, dpi)
        _cross(page, left + width / 2, top + height / 2)
        page.write((left + 1, top + 0.5, width / 2 - CROSS_MM - 1, 3.5), Text(str(number), 7))
    return page


def _words(stock: Stock, correction: Correction, dpi: int) -> Page:
    page = Page(stock.page_width_mm, stock.page_height_mm, dpi)
    width, top = page.width_mm - 2 * MARGIN_MM, MARGIN_MM
    page.write((MARGIN_MM, top, width, 8), Text("Calibration", 16, font=BOLD))
    page.write((MARGIN_MM, top + 8, width, 6), Text("{stock}", 10), stock=f"{stock.title}, {dpi} dpi")
    top += 18
    for number, step in enumerate(calibration_steps(stock, correction), 1):
        page.write((MARGIN_MM, top, 8, LINE_MM), Text(f"{number}.", POINTS))
        for line in textwrap.wrap(step, round(width * CHARACTERS_A_MM)):
            page.write((MARGIN_MM + 8, top, width - 8, LINE_MM), Text("{line}", POINTS), line=line)
            top += LINE_MM
        top += LINE_MM / 3
    _rulers(page, MARGIN_MM, top + 8, RULER_MM, RULER_MM, numbered=True)
    return page


def _roll(stock: Stock, correction: Correction, dpi: int) -> Page:
    page = Page(stock.page_width_mm, stock.page_height_mm, dpi)
    cell = roll_cell(stock, 0, correction, dpi)
    left, top, width, height = _millimetres(cell, dpi)
    across, down = (min(int((length - 2 * EDGE_MM) // 5) * 5, RULER_MM) for length in (width, height))
    if abs(correction.x_mm) > EDGE_MM or abs(correction.y_mm) > EDGE_MM:
        raise LabelError(
            f"The printer's correction pushes the outline off {stock.title}; shift the roll itself, and "
            f"correct {EDGE_MM:g} mm at most."
        )
    _cross(page, left + width / 2, top + height / 2)
    if stock.round:
        return page
    edge = page.scale.dots(EDGE_MM)
    page.frame(Box(cell.left + edge, cell.top + edge, cell.width - 2 * edge, cell.height - 2 * edge))
    _rulers(page, left + EDGE_MM, top + EDGE_MM, across, down, numbered=down >= NUMBERED_MM)
    return page


def _millimetres(cell: Cell, dpi: int) -> tuple[float, float, float, float]:
    left, top, width, height = (
        length * MM_PER_INCH / dpi for length in (cell.left, cell.top, cell.width, cell.height)
    )
    return left, top, width, height


def _cross(page: Page, x: float, y: float) -> None:
    page.across(x - CROSS_MM, y, 2 * CROSS_MM)
    page.down(x, y - CROSS_MM, 2 * CROSS_MM)


def _rulers(page: Page, left: float, top: float, across: int, down: int, *, numbered: bool) -> None:
    """Two rulers from one corner, to the right and down, with a tick a millimetre."""
    page.across(left, top, across)
    page.down(left, top, down)
    for at in range(1, max(across, down) + 1):
        size = next(size for every, size in TICKS_MM.items() if at % every == 0)
        if at <= across:
            page.down(left + at, top, size)
        if at <= down:
            page.across(left, top + at, size)
    if numbered:
        for at in range(10, across + 1, 10):
            page.write((left + at - 5, top + 5.5, 10, 3.5), Text(str(at), 7, align=Align.CENTRE))
        for at in range(20, down + 1, 10):
            page.write((left + 6, top + at - 1.75, 10, 3.5), Text(str(at), 7))
