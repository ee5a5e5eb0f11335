"""A letter on one page: who writes, to whom, the day and plain paragraphs; drawn once and not kept."""

from dataclasses import dataclass
from io import BytesIO
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate

from biobank.printing import fonts

MARGIN = 22 * mm
LEFT = MARGIN + 6
"""Where paragraphs begin: reportlab leaves six points inside its margins."""
WINDOW = LETTER[1] - 52 * mm
"""Where the address begins: the window of a folded letter shows it."""
TEXT_BEGINS = 92 * mm
LINE = 5 * mm
BLANK_LINES = 4
GREY, RULE = HexColor("#565c65"), HexColor("#a9aeb1")
BODY = 11.5


@dataclass(frozen=True)
class Letter:
    """`to` is empty where the address is written by hand."""

    sender: tuple[str, ...]
    to: tuple[str, ...]
    day: str
    subject: str
    paragraphs: tuple[str, ...]
    language: str


def letter_drawn(letter: Letter) -> bytes:
    """The PDF. Letters that no typeface here draws come out as question marks."""
    fonts.register()
    output = BytesIO()
    document = SimpleDocTemplate(
        output,
        pagesize=LETTER,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=TEXT_BEGINS,
        bottomMargin=MARGIN,
        title=letter.subject,
        author=letter.sender[0],
        lang=letter.language,
    )
    document.build(_story(letter), onFirstPage=lambda canvas, _: _head(canvas, letter))
    return output.getvalue()


def _story(letter: Letter) -> list[Flowable]:
    plain = ParagraphStyle(
        "plain", fontName=fonts.SANS, fontSize=BODY, leading=BODY * 1.4, spaceAfter=3.2 * mm
    )
    heading = ParagraphStyle("heading", parent=plain, fontName=fonts.BOLD, fontSize=13, spaceAfter=4 * mm)
    story: list[Flowable] = [Paragraph(_marked(letter.subject), heading)]
    return story + [Paragraph(_marked(text).replace("\n", "<br/>"), plain) for text in letter.paragraphs]


def _marked(text: str) -> str:
    return escape(_drawable(text))


def _drawable(text: str) -> str:
    return "".join(sign if sign.isspace() or fonts.prints(sign, fonts.SANS) else "?" for sign in text)


def _head(canvas: Canvas, letter: Letter) -> None:
    canvas.saveState()
    canvas.setFillColor(GREY)
    for number, line in enumerate(letter.sender):
        canvas.setFont(fonts.BOLD if number == 0 else fonts.SANS, 10 if number == 0 else 9)
        canvas.drawString(LEFT, LETTER[1] - MARGIN + 4 * mm - number * 4.4 * mm, _drawable(line))
    canvas.setFillColor(HexColor("#1b1b1b"))
    canvas.setFont(fonts.SANS, BODY)
    for number, line in enumerate(letter.to):
        canvas.drawString(LEFT, WINDOW - number * LINE, _drawable(line))
    if not letter.to:
        _lines_to_write_on(canvas)
    canvas.drawRightString(LETTER[0] - LEFT, WINDOW, letter.day)
    canvas.restoreState()


def _lines_to_write_on(canvas: Canvas) -> None:
    canvas.setStrokeColor(RULE)
    for number in range(BLANK_LINES):
        at = WINDOW - number * 7 * mm
        canvas.line(LEFT, at, LEFT + 80 * mm, at)
