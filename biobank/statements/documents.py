"""The statement as a PDF: large type, one thing after the other, the participant's code and nobody's name."""

import re
from collections.abc import Sequence
from io import BytesIO
from typing import Any

from reportlab.lib.colors import white
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from biobank.destruction.typography import BLUE, INK, LEFT, MARGIN, QUIET, RIGHT, RULE, WIDTH, legible, marked
from biobank.printing import fonts
from biobank.statements.journal import Line
from biobank.statements.statement import Part, Sample, Statement
from biobank.statements.wording import Words

SIZE = 12
"""Points: what people read without their glasses, as far as a page allows."""
DAY_WIDTH = 50 * mm
BODY = ParagraphStyle("statement", fontName=fonts.SANS, fontSize=SIZE, leading=SIZE * 1.4, textColor=INK)
LEAD = ParagraphStyle("statement lead", parent=BODY, spaceAfter=2 * mm)
DAY = ParagraphStyle("statement day", parent=BODY, fontName=fonts.BOLD, fontSize=10.5)
SMALL = ParagraphStyle("statement small", parent=BODY, fontSize=10.5, leading=14.5, textColor=QUIET)
STRONG = ParagraphStyle("statement strong", parent=BODY, fontName=fonts.BOLD)
HEADING = ParagraphStyle(
    "statement heading", parent=BODY, fontName=fonts.BOLD, fontSize=16, leading=21, textColor=BLUE,
    spaceBefore=7 * mm, spaceAfter=2.5 * mm,
)  # fmt: skip
CODE = re.compile("[A-Z] [0-9]{4} [0-9]{4} [0-9]{2}-[0-9]{2}")
ROOM = 32 * mm
"""A heading and its first lines stay together."""


def statement_pdf(statement: Statement, words: Words) -> bytes:
    """Drawn twice: the first time to know how many pages there are."""
    fonts.register()
    _, pages = _drawn(statement, words, total=0)
    drawn, _ = _drawn(statement, words, total=pages)
    return drawn


def _drawn(statement: Statement, words: Words, *, total: int) -> tuple[bytes, int]:
    output = BytesIO()
    document = SimpleDocTemplate(
        output,
        pagesize=LETTER,
        leftMargin=MARGIN,
        rightMargin=MARGIN,
        topMargin=34 * mm,
        bottomMargin=22 * mm,
        title=f"{statement.title} {statement.participant}",
        author="",
        lang=statement.language,
    )

    def frame(canvas: Canvas, _document: object) -> None:
        _frame(canvas, statement, words, total)

    document.build(_story(statement, words), onFirstPage=frame, onLaterPages=frame)
    return output.getvalue(), document.page


def _frame(canvas: Canvas, statement: Statement, words: Words, total: int) -> None:
    width, height = LETTER
    canvas.saveState()
    canvas.setFillColor(BLUE)
    canvas.rect(0, height - 26 * mm, width, 26 * mm, stroke=0, fill=1)
    canvas.setFillColor(white)
    canvas.setFont(fonts.BOLD, 18)
    canvas.drawString(LEFT, height - 16 * mm, legible(statement.title))
    canvas.setFont(fonts.MONO_BOLD, 12)
    canvas.drawRightString(RIGHT, height - 16 * mm, statement.participant)
    canvas.setFillColor(QUIET)
    canvas.setFont(fonts.SANS, 9)
    canvas.drawString(LEFT, 12 * mm, legible(words.say("texts", "foot", code=statement.participant)))
    page = words.say("texts", "page", number=str(canvas.getPageNumber()), total=str(total))
    canvas.drawRightString(RIGHT, 12 * mm, page)
    canvas.restoreState()


def _story(statement: Statement, words: Words) -> list[Flowable]:
    story: list[Flowable] = [Paragraph(marked(sentence), LEAD) for sentence in statement.introduction]
    story += _heading(statement.samples_heading)
    if statement.samples:
        story.append(Paragraph(marked(statement.samples_note), LEAD))
        story.append(_samples(statement.samples, words))
    else:
        story.append(Paragraph(marked(words.say("texts", "nothing")), BODY))
    for part in statement.parts:
        story += _part(part, words)
    if statement.left_out:
        story += _heading(words.say("headings", "left_out"))
        story += [
            Paragraph(marked(words.say("texts", "untold", count=str(len(entries)), reason=reason)), SMALL)
            for reason, entries in statement.left_out.items()
        ]
    return story


def _heading(text: str) -> list[Flowable]:
    return [CondPageBreak(ROOM), Paragraph(marked(text), HEADING)]


def _samples(samples: Sequence[Sample], words: Words) -> Table:
    """What is the same of several, such as the portions of one tube, stands there once."""
    alike: dict[tuple[str, tuple[str, ...]], list[Sample]] = {}
    for sample in samples:
        alike.setdefault((sample.what, sample.facts), []).append(sample)
    rows = [
        [
            [Paragraph(marked(_called(same, what, words)), STRONG), Paragraph(_codes(same), SMALL)],
            [Paragraph(marked(fact[:1].upper() + fact[1:]), BODY) for fact in facts] or "",
        ]
        for (what, facts), same in alike.items()
    ]
    return _ruled(rows, (WIDTH * 0.4, WIDTH * 0.6))


def _called(samples: Sequence[Sample], what: str, words: Words) -> str:
    if len(samples) == 1:
        return samples[0].title
    numbers = words.numbers(sample.number for sample in samples)
    return f"{numbers[:1].upper()}{numbers[1:]}: {what}"


def _codes(samples: Sequence[Sample]) -> str:
    """As on their labels."""
    return unbroken(", ".join(sample.code for sample in samples))


def unbroken(text: str) -> str:
    """For a paragraph, never markup; no code is broken at the end of a line."""
    return CODE.sub(lambda found: found[0].replace(" ", "\u00a0"), marked(text))


def _part(part: Part, words: Words) -> list[Flowable]:
    """What has a day in a column of days; what holds in general below it."""
    dated = [line for line in part.lines if line.at is not None]
    undated = [line for line in part.lines if line.at is None]
    story = _heading(part.heading)
    if dated:
        story += [_ruled([_row(line, words) for line in dated], (DAY_WIDTH, WIDTH - DAY_WIDTH))]
        story.append(Spacer(0, 2 * mm))
    return story + [Paragraph(marked(line.text), LEAD) for line in undated]


def _row(line: Line, words: Words) -> list[object]:
    assert line.at is not None  # noqa: S101 (only what has a day stands in the column)
    day = [Paragraph(marked(words.day(line.at)), DAY), Paragraph(f"{line.at:%H:%M}", SMALL)]
    return [day, Paragraph(unbroken(line.text), BODY)]


def _ruled(rows: Sequence[Sequence[object]], widths: Sequence[float]) -> Table:
    style: list[tuple[Any, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("LINEBELOW", (0, 0), (-1, -1), 0.5, RULE),
        ("LEFTPADDING", (0, 0), (0, -1), 0),
        ("TOPPADDING", (0, 0), (-1, -1), 4),
        ("BOTTOMPADDING", (0, 0), (-1, -1), 6),
    ]
    return Table([list(row) for row in rows], widths, style=style)
