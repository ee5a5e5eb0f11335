"""The packing list of what is handed to a study, as a PDF: codes only, it names nobody."""

from collections.abc import Sequence
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, white
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from biobank.core.database import Work
from biobank.core.moments import shown
from biobank.distribution.models import Distribution, StudyRequest
from biobank.distribution.queries import Distributed, distributed_in
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.printing import fonts

MARGIN = 18 * mm
GREY, INK = HexColor("#565c65"), HexColor("#162e51")
HEAD = ("No.", "Code", "Kind", "What it is", "Volume")


def _style(name: str, size: float, font: str = fonts.SANS, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.3, **more)


TITLE = _style("title", 18, fonts.BOLD)
BODY = _style("body", 10)
CELL = _style("cell", 9)
CELL_HEAD = _style("head", 9, fonts.BOLD, textColor=white)


def packing_list_pdf(work: Work, distribution: Distribution) -> bytes:
    """Letter, as many pages as the pieces take, each with the number of the hand-over."""
    fonts.register()
    output = BytesIO()
    document = SimpleDocTemplate(
        output, pagesize=LETTER, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=f"Packing list of distribution {distribution.id}", author=work.settings.programme, lang="en",
    )  # fmt: skip

    def foot(canvas: Canvas, _document: object) -> None:
        canvas.saveState()
        canvas.setFont(fonts.SANS, 8)
        canvas.setFillColor(GREY)
        told = f"Distribution {distribution.id}. Codes only: this page names nobody."
        canvas.drawString(MARGIN, 10 * mm, told)
        canvas.drawRightString(LETTER[0] - MARGIN, 10 * mm, f"Page {canvas.getPageNumber()}")
        canvas.restoreState()

    document.build(_story(work, distribution), onFirstPage=foot, onLaterPages=foot)
    return output.getvalue()


def _story(work: Work, distribution: Distribution) -> list[Flowable]:
    request = work.session.get_one(StudyRequest, distribution.request_id)
    pieces = distributed_in(work, distribution)
    items = {item.id: item for item in items_numbered(work, [each.item_id for each in pieces])}
    closed = distribution.closed_at
    when = shown(closed, work.settings.time_zone) if closed else "not closed yet"
    facts = (
        f"To {request.receiver}, for study {request.study}",
        f"Request {request.number}, agreement {request.agreement}",
        f"From {distribution.site}, {when}",
        f"Pieces: {len(pieces)}, given for good",
    )
    return [
        Paragraph(f"Packing list of distribution {distribution.id}", TITLE),
        Spacer(1, 3 * mm),
        *(Paragraph(escape(fact), BODY) for fact in facts),
        Spacer(1, 5 * mm),
        _table(pieces, items),
        Spacer(1, 5 * mm),
        Paragraph(
            "These pieces may be used for this study alone. If their giver withdraws, you will be asked what "
            "became of them.",
            BODY,
        ),
    ]


def _table(pieces: Sequence[Distributed], items: dict[int, Item]) -> Table:
    rows = [[Paragraph(text, CELL_HEAD) for text in HEAD]]
    for number, each in enumerate(pieces, 1):
        item = items[each.item_id]
        volume = "not known" if item.volume_microlitres is None else f"{item.volume_microlitres} µL"
        told = (str(number), printed(each.item), item.kind, item.specification or "", volume)
        rows.append([Paragraph(escape(text), CELL) for text in told])
    return Table(
        rows,
        colWidths=[14 * mm, 52 * mm, 30 * mm, 48 * mm, 30 * mm],
        repeatRows=1,
        style=[("BACKGROUND", (0, 0), (-1, 0), INK), ("LINEBELOW", (0, 1), (-1, -1), 0.5, GREY)],
    )
