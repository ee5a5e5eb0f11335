"""A sheet to count on by hand where no station is: the unit's symbol and its empty positions, blind."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import escape

from reportlab.lib.enums import TA_CENTER
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, PageBreak, Paragraph, Spacer, Table, TableStyle

from biobank.core.moments import shown
from biobank.items.identifiers import printed
from biobank.printing import fonts
from biobank.printing.packing_lists import BODY, GREY, MARGIN, TITLE, WASH, Say, Symbol, codes_only_pdf

WIDTH = LETTER[0] - 2 * MARGIN
COLUMNS, ROWS = 12, 10
"""Positions on one page; a cell is then wide and high enough for a code in three lines by hand."""
NAMES, CELL_HEIGHT, LINES = 7 * mm, 15.5 * mm, 24
"""Width of a row's name, height of a position; how many lines the sheet of a unit without positions has."""
WRITTEN = ("Counted by (user name)", "Date", "Began", "Ended")
NAME = ParagraphStyle("name", parent=BODY, fontName=fonts.BOLD, alignment=TA_CENTER)
POSITION = ParagraphStyle("position", parent=BODY, fontSize=6, leading=7, textColor=GREY)
RULES = (
    "Write into each position the code that stands on the thing: all of its letters and digits.",
    "A line (/) where nothing stands; a question mark (?) where something stands that cannot be read.",
    "Put everything back where it stood, also what should not be there, and enter this sheet yourself.",
)


@dataclass(frozen=True)
class CountSheet:
    """What is counted, where it is, its positions by row; of what should lie there nothing is told."""

    programme: str
    check: int
    unit: str
    name: str
    place: tuple[str, ...]
    """From the outside inwards."""
    rows: tuple[tuple[str, tuple[str, ...]], ...]
    printed_at: datetime
    zone: str


def count_sheet_pdf(told: CountSheet, say: Say = str, language: str = "en") -> bytes:
    """Each page with the unit's code; whoever counts on it reads `language`, which `say` speaks."""
    title = say(f"Count sheet, check {told.check}")
    return codes_only_pdf(
        lambda: list(_story(told, title, say)),
        title=title,
        programme=told.programme,
        about=say(f"Check {told.check} of {printed(told.unit)}"),
        say=say,
        language=language,
    )


def _story(told: CountSheet, title: str, say: Say) -> Iterator[Flowable]:
    yield Paragraph(title, TITLE)
    yield Spacer(1, 2 * mm)
    place = " > ".join(say(each) for each in told.place)
    yield Paragraph(escape(f"{say(told.name)}, {printed(told.unit)}. {say('Where')}: {place}"), BODY)
    yield Paragraph(f"{say('Printed')} {shown(told.printed_at, told.zone)}", BODY)
    yield Spacer(1, 2 * mm)
    yield Symbol(told.unit)
    yield Spacer(1, 2 * mm)
    yield _boxes_for_who_and_when(say)
    yield Spacer(1, 2 * mm)
    for rule in RULES:
        yield Paragraph(say(rule), BODY)
    yield Spacer(1, 3 * mm)
    yield from _positions(told) if told.rows else (_lines(),)


def _boxes_for_who_and_when(say: Say) -> Table:
    widths = [WIDTH - 3 * 38 * mm, *[38 * mm] * 3]
    cells = [Paragraph(say(text), POSITION) for text in WRITTEN]
    return Table([cells], colWidths=widths, rowHeights=[12 * mm], style=[
        ("GRID", (0, 0), (-1, -1), 0.8, GREY), ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("TOPPADDING", (0, 0), (-1, -1), 1),
    ])  # fmt: skip


def _positions(told: CountSheet) -> Iterator[Flowable]:
    """As many pages as a large grid takes, in the order of its rows."""
    across = len(told.rows[0][1])
    for row in range(0, len(told.rows), ROWS):
        for column in range(0, across, COLUMNS):
            if row or column:
                yield PageBreak()
            yield _grid(told.rows[row : row + ROWS], range(column, min(column + COLUMNS, across)))


def _grid(rows: Sequence[tuple[str, tuple[str, ...]]], columns: range) -> Table:
    widest = max(len(columns), COLUMNS // 2)  # a small box does not have cells as wide as a hand
    head = [Paragraph("", NAME), *(Paragraph(str(column + 1), NAME) for column in columns)]
    lines = [
        [Paragraph(name, NAME), *(Paragraph(positions[column], POSITION) for column in columns)]
        for name, positions in rows
    ]
    return Table(
        [head, *lines],
        colWidths=[NAMES, *[(WIDTH - NAMES) / widest] * len(columns)],
        rowHeights=[6 * mm, *[CELL_HEIGHT] * len(lines)],
        hAlign="LEFT",
        style=[
            ("GRID", (1, 1), (-1, -1), 0.8, GREY),
            ("BACKGROUND", (1, 0), (-1, 0), WASH),
            ("BACKGROUND", (0, 1), (0, -1), WASH),
            ("VALIGN", (1, 1), (-1, -1), "TOP"),
            ("VALIGN", (0, 0), (0, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 1),
            ("RIGHTPADDING", (0, 0), (-1, -1), 1),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
        ],
    )


def _lines() -> Table:
    """Of a unit without positions: a line for each thing."""
    rows = [[Paragraph(str(number), NAME), ""] for number in range(1, LINES + 1)]
    style = TableStyle([("LINEBELOW", (1, 0), (1, -1), 0.8, GREY), ("VALIGN", (0, 0), (0, -1), "BOTTOM")])
    return Table(
        rows, colWidths=[NAMES * 2, WIDTH / 2], rowHeights=[6.2 * mm] * LINES, hAlign="LEFT", style=style
    )
