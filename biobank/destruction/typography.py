"""How the certificate looks: typefaces, sizes, colours, tables; and letters that no typeface here draws."""

from collections.abc import Sequence
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import Color, HexColor, white
from reportlab.lib.enums import TA_LEFT
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import Paragraph, Table

from biobank.printing import fonts

INK, QUIET, RULE, WASH = HexColor("#1b1b1b"), HexColor("#565c65"), HexColor("#a9aeb1"), HexColor("#f0f0f0")
BLUE = HexColor("#162e51")
MARGIN = 18 * mm
PADDING = 6
"""Points that reportlab leaves inside the margins."""
LEFT, RIGHT = MARGIN + PADDING, LETTER[0] - MARGIN - PADDING
WIDTH = RIGHT - LEFT


def _style(
    name: str, size: float, *, font: str = fonts.SANS, color: Color = INK, **more: Any
) -> ParagraphStyle:
    return ParagraphStyle(
        name, fontName=font, fontSize=size, leading=size * 1.35, textColor=color, alignment=TA_LEFT, **more
    )


BODY = _style("body", 9)
LEAD = _style("lead", 11, spaceAfter=3 * mm)
CELL = _style("cell", 7.5)
CELL_HEAD = _style("cell head", 7.5, font=fonts.BOLD, color=white)
TERM = _style("term", 7.5, color=QUIET)
HEADING = _style("heading", 11, font=fonts.BOLD, color=BLUE, spaceBefore=5 * mm, spaceAfter=1.5 * mm)
MONO = _style("mono", 6.8, font=fonts.MONO)


def legible(text: str) -> str:
    """Letters that would come out as boxes, unjoined or backwards are given by their Unicode numbers."""
    return "".join(
        letter if letter.isspace() or fonts.prints(letter, fonts.SANS) else f"[U+{ord(letter):04X}]"
        for letter in text
    )


def marked(text: str) -> str:
    """Plain text for a paragraph, never markup."""
    return escape(legible(text))


def table(head: Sequence[str], rows: Sequence[Sequence[str]], shares: Sequence[float]) -> Table:
    """A table whose head is repeated on every page; cells are text, never markup."""
    cells = [[Paragraph(marked(text), CELL_HEAD) for text in head]]
    cells += [[Paragraph(marked(text), CELL) for text in row] for row in rows]
    style: list[tuple[Any, ...]] = [
        ("BACKGROUND", (0, 0), (-1, 0), BLUE),
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 1), (-1, -1), 0.4, RULE),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, WASH]),
        ("TOPPADDING", (0, 0), (-1, -1), 2),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 3),
    ]
    return Table(cells, [WIDTH * share for share in shares], repeatRows=1, style=style)
