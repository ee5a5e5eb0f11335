"""The packing list that goes inside a parcel, as a PDF and its symbol: codes and caps, never a name."""

from base64 import b64encode
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime
from io import BytesIO
from typing import Any
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor, black, white
from reportlab.lib.pagesizes import LETTER
from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import Flowable, Paragraph, SimpleDocTemplate, Spacer, Table

from biobank.items.identifiers import printed
from biobank.printing import fonts
from labels import code128
from labels.symbols import runs

MARGIN = 18 * mm
MODULE = 0.4 * mm
HEIGHT = 14 * mm
QUIET = 12
"""Blank modules beside a symbol; ISO/IEC 15417 asks for 10."""
GREY, WASH = HexColor("#565c65"), HexColor("#f0f0f0")
Say = Callable[[str], str]
"""What the service says in English, in the reader's language."""
UN3373 = "UN 3373 Biological substance, Category B, packed by IATA packing instruction 650."


@dataclass(frozen=True)
class PackedTube:
    """One line: what it is, of which kit, and when it was collected, in the sender's zone."""

    identifier: str
    label: str
    colour: str | None
    kit: str | None
    collected_at: datetime | None


@dataclass(frozen=True)
class PackingList:
    """What lies in a parcel and how it goes; what nobody said yet is None."""

    programme: str
    parcel: str
    sender: str
    receiver: str
    carrier: str | None
    tracking_number: str | None
    seal: str | None
    logger: str | None
    dry_ice_grams: int | None
    made_at: datetime
    dispatched_at: datetime | None
    tubes: tuple[PackedTube, ...]


def symbol_svg(identifier: str) -> str:
    """An identifier as Code 128, as a picture that a page carries in itself."""
    modules = code128.bits(identifier)
    dark = "".join(f"M{first + QUIET} 0h{wide}v40h-{wide}z" for first, wide in runs(modules))
    width = len(modules) + 2 * QUIET
    svg = (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{2 * width}" height="80" viewBox="0 0 {width} 40">'
        f'<rect width="{width}" height="40" fill="#fff"/>'
        f'<path shape-rendering="crispEdges" d="{dark}"/></svg>'
    )
    return f"data:image/svg+xml;base64,{b64encode(svg.encode()).decode()}"


def packing_list_pdf(told: PackingList) -> bytes:
    """Each page with the parcel's code."""
    parcel = printed(told.parcel)
    return codes_only_pdf(
        lambda: _story(told), title=f"Packing list {parcel}", programme=told.programme, about=parcel
    )


def codes_only_pdf(
    story: Callable[[], list[Flowable]], *, title: str, programme: str, about: str,
    say: Say = str, language: str = "en",
) -> bytes:  # fmt: skip
    """Letter, as many pages as it takes, each with what it is about and its own number at the foot."""
    fonts.register()
    output = BytesIO()
    document = SimpleDocTemplate(
        output, pagesize=LETTER, leftMargin=MARGIN, rightMargin=MARGIN, topMargin=MARGIN, bottomMargin=MARGIN,
        title=title, author=programme, lang=language,
    )  # fmt: skip

    def foot(canvas: Canvas, _document: object) -> None:
        canvas.saveState()
        canvas.setFont(fonts.SANS, 8)
        canvas.setFillColor(GREY)
        canvas.drawString(MARGIN, 10 * mm, f"{about}. {say('Codes only: this page names nobody.')}")
        canvas.drawRightString(LETTER[0] - MARGIN, 10 * mm, f"{say('Page')} {canvas.getPageNumber()}")
        canvas.restoreState()

    document.build(story(), onFirstPage=foot, onLaterPages=foot)
    return output.getvalue()


def _style(name: str, size: float, font: str = fonts.SANS, **more: Any) -> ParagraphStyle:
    return ParagraphStyle(name, fontName=font, fontSize=size, leading=size * 1.3, **more)


TITLE = _style("title", 18, fonts.BOLD)
BODY = _style("body", 10)
CELL = _style("cell", 9)
HEAD = _style("head", 9, fonts.BOLD, textColor=white)
CODE = _style("code", 8, fonts.MONO)


def _story(told: PackingList) -> list[Flowable]:
    return [
        Paragraph("Packing list", TITLE),
        Spacer(1, 2 * mm),
        Paragraph(escape(f"{told.programme}. Parcel {printed(told.parcel)}, {len(told.tubes)} tubes."), BODY),
        Spacer(1, 3 * mm),
        Symbol(told.parcel),
        Spacer(1, 3 * mm),
        _facts(told),
        Spacer(1, 5 * mm),
        _tubes(told.tubes),
        Spacer(1, 5 * mm),
        Paragraph(UN3373, BODY),
        Paragraph("Whoever opens it: scan the parcel, then each tube; say what is not there.", BODY),
    ]


class Symbol(Flowable):
    """An identifier as Code 128 in a line of its own."""

    def __init__(self, identifier: str) -> None:
        super().__init__()
        self.modules = code128.bits(identifier)

    def wrap(self, _width: float, _height: float) -> tuple[float, float]:
        return (len(self.modules) + 2 * QUIET) * MODULE, HEIGHT

    def draw(self) -> None:
        for first, wide in runs(self.modules):
            self.canv.rect((first + QUIET) * MODULE, 0, wide * MODULE, HEIGHT, stroke=0, fill=1)


def facts(told: PackingList) -> list[tuple[str, str]]:
    """Names and values of the head, those that are known."""
    ice = f"{told.dry_ice_grams / 1000:g} kg when it was packed" if told.dry_ice_grams else None
    known = (
        ("From", told.sender),
        ("To", told.receiver),
        ("Carrier", told.carrier),
        ("Tracking number", told.tracking_number),
        ("Seal", told.seal),
        ("Temperature logger", told.logger),
        ("Dry ice (UN 1845)", ice),
        ("Dispatched", _moment(told.dispatched_at) if told.dispatched_at else None),
        ("This list made", _moment(told.made_at)),
    )
    return [(name, value) for name, value in known if value]


def _moment(at: datetime) -> str:
    offset = at.strftime("%z")
    return f"{at:%Y-%m-%d %H:%M} UTC{offset[:3]}:{offset[3:]}"


def _facts(told: PackingList) -> Table:
    rows = [[Paragraph(name, CELL), Paragraph(escape(value), CELL)] for name, value in facts(told)]
    return Table(rows, colWidths=[40 * mm, None], hAlign="LEFT", style=[("VALIGN", (0, 0), (-1, -1), "TOP")])


def _tubes(tubes: Sequence[PackedTube]) -> Table:
    names = ("", "Tube", "What it is", "Cap", "Kit", "Collected")
    rows = [[Paragraph(name, HEAD) for name in names], *(_row(n, tube) for n, tube in enumerate(tubes, 1))]
    style = [
        ("BACKGROUND", (0, 0), (-1, 0), black),
        ("ROWBACKGROUNDS", (0, 1), (-1, -1), [white, WASH]),
        ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
    ]
    widths = [8 * mm, 36 * mm, 36 * mm, 28 * mm, 36 * mm, 36 * mm]
    return Table(rows, colWidths=widths, repeatRows=1, hAlign="LEFT", style=style)


def _row(number: int, tube: PackedTube) -> list[Paragraph]:
    collected = f"{tube.collected_at:%Y-%m-%d %H:%M}" if tube.collected_at else "not known"
    return [
        Paragraph(str(number), CELL),
        Paragraph(printed(tube.identifier), CODE),
        Paragraph(escape(tube.label), CELL),
        Paragraph(escape(tube.colour or ""), CELL),
        Paragraph(printed(tube.kit) if tube.kit else "", CODE),
        Paragraph(collected, CELL),
    ]
