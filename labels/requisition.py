"""The requisition of a kit: which tubes to draw in which order, to scan, tick and sign at the chair.

It bears codes only; there is no line for a participant's name.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from labels.errors import LabelError
from labels.fonts import BOLD, MONO_BOLD
from labels.model import Align, Text
from labels.paper import Page, pages_pdf, size_of
from labels.proof import prove_pages
from labels.spelling import readable

MARGIN_MM = 12.0
HEADER_MM = 36.0
SIGNATURES_MM = 45.0
FOOTER_MM = 6.0

ROW_MM = 16.8
BARS_MM = (38.0, 8.0)
"""Width with the quiet zones, and height. Symbols change sides from row to row, so that from one to the next
on its side there are 25 mm: a hand scanner never catches the neighbour."""

BOX_MM = 3.4


@dataclass(frozen=True, slots=True)
class RequisitionTube:
    """One tube in draw order; its colour is the word for the stopper's."""

    order: int
    id: str
    specimen: str
    colour: str = ""
    additive: str = ""
    code: str = ""
    labels: int = 1


@dataclass(frozen=True, slots=True)
class Requisition:
    """What is asked of the person who draws: the kit and its tubes in draw order."""

    kit: str
    tubes: tuple[RequisitionTube, ...]
    programme: str = ""
    definition: str = ""
    site: str = ""
    lot: str = ""
    expiry: str = ""


def requisition_pdf(requisition: Requisition, *, paper: str = "a4", dpi: int = 300) -> bytes:
    """On A4 or Letter, as many pages as the tubes need, the kit's code on each.

    Raises LabelError for a kit without tubes, for other paper, and for what would not fit.
    """
    return pages_pdf(_drawn(requisition, paper, dpi), f"Requisition {requisition.kit}, {dpi} dpi")


def prove_requisition(pdf: bytes, requisition: Requisition, *, paper: str = "a4", dpi: int = 300) -> None:
    """Each page bears the kit's code, those of its own tubes alone, and its words. Raises ProofFailed."""
    prove_pages(pdf, [(*page.size, page.marks) for page in _drawn(requisition, paper, dpi)], dpi)


def _drawn(requisition: Requisition, paper: str, dpi: int) -> list[Page]:
    pages = list(_pages(requisition, paper))
    return [
        _page(requisition, tubes, f"Page {number} of {len(pages)}", Page(*size_of(paper), dpi))
        for number, tubes in enumerate(pages, 1)
    ]


def _pages(requisition: Requisition, paper: str) -> Iterator[tuple[RequisitionTube, ...]]:
    """The tubes of each page; the last one has room for the signatures."""
    if not requisition.tubes:
        raise LabelError(f"The kit {readable(requisition.kit)} has no tubes to draw; check its definition.")
    _, height = size_of(paper)
    room = height - 2 * MARGIN_MM - HEADER_MM - FOOTER_MM
    full, last = int(room // ROW_MM), int((room - SIGNATURES_MM) // ROW_MM)
    rest = requisition.tubes
    while len(rest) > last:
        taken = min(full, len(rest) - 1)
        yield rest[:taken]
        rest = rest[taken:]
    yield rest


def _page(requisition: Requisition, tubes: tuple[RequisitionTube, ...], number: str, page: Page) -> Page:
    _header(page, requisition, number)
    for row, tube in enumerate(tubes):
        _tube(page, tube, MARGIN_MM + HEADER_MM + row * ROW_MM, left=row % 2 == 0)
    page.across(MARGIN_MM, MARGIN_MM + HEADER_MM + len(tubes) * ROW_MM, page.width_mm - 2 * MARGIN_MM)
    if tubes[-1] is requisition.tubes[-1]:
        _signatures(page, page.height_mm - MARGIN_MM - FOOTER_MM - SIGNATURES_MM)
    _footer(page)
    return page


def _header(page: Page, requisition: Requisition, page_number: str) -> None:
    left, top, width = MARGIN_MM, MARGIN_MM, page.width_mm - 2 * MARGIN_MM
    beside = width - BARS_MM[0] - 4
    page.write((left, top, beside, 7), Text("Requisition", 16, font=BOLD))
    page.write((left, top + 7.5, beside, 6), Text("{programme}", 10), programme=requisition.programme)
    about = ", ".join(
        text
        for text in (requisition.definition, requisition.lot, requisition.expiry, requisition.site)
        if text
    )
    page.write((left, top + 13.5, beside, 5), Text("{about}", 9), about=about)
    page.write(
        (left, top + 20, beside, 8),
        Text("Kit {kit}", 17, font=MONO_BOLD),
        kit=readable(requisition.kit),
    )
    page.write((left, top + 29, beside, 5), Text("Draw the tubes in this order.", 9))
    page.write(
        (left + beside, top, BARS_MM[0] + 4, 5), Text("{number}", 9, align=Align.RIGHT), number=page_number
    )
    page.bars((left + width - BARS_MM[0], top + 8, BARS_MM[0], 11), requisition.kit)


def _tube(page: Page, tube: RequisitionTube, top: float, *, left: bool) -> None:
    """One row: its symbol at the left or the right edge, what to draw and what to tick in the middle."""
    width, (bars_width, bars_height) = page.width_mm - 2 * MARGIN_MM, BARS_MM
    page.across(MARGIN_MM, top, width)
    side = MARGIN_MM if left else MARGIN_MM + width - bars_width
    page.bars((side, top + (ROW_MM - bars_height) / 2, bars_width, bars_height), tube.id)
    start, middle = MARGIN_MM + bars_width + 2, width - 2 * bars_width - 4
    page.write(
        (start, top + 0.9, middle, 5.2),
        Text("{order}. {specimen}", 11, font=BOLD),
        Text("{code}", 11, font=MONO_BOLD, align=Align.RIGHT),
        order=str(tube.order),
        specimen=tube.specimen,
        code=readable(tube.id),
    )
    details = ", ".join(text for text in (tube.colour, tube.additive, tube.code) if text)
    page.write(
        (start, top + 6, middle, 4.2),
        Text("{details}", 8.5),
        Text("{labels}", 8.5, align=Align.RIGHT),
        details=details,
        labels=f"{tube.labels} {'label' if tube.labels == 1 else 'labels'}",
    )
    _answers(page, start, top + 11, middle)


def _answers(page: Page, left: float, top: float, width: float) -> None:
    """Collected and when, short, or not collected and why."""
    end, beside = left + width, BOX_MM + 1
    for words, taken in (("collected at", 38.0), ("short", 15.0), ("not collected, why", 0.0)):
        page.frame(page.box((left, top + 0.6, BOX_MM, BOX_MM)))
        if words == "short":
            # On the line of its neighbours, which stand as far above the lines to write on.
            page.write((left + beside, top + 1.3, taken - beside, 3.3), Text(words, 8))
        else:
            room = taken - 3 if taken else end - left
            page.write((left + beside, top, room - beside, 4.6), Text(words, 8, write_mm=8))
        left += taken


def _signatures(page: Page, top: float) -> None:
    _lines(
        page, top, (0.5, "Date of the draw (year-month-day)"), (0.25, "first tube at"), (0.25, "last tube at")
    )
    _lines(page, top + 11, (0.6, "Performed by (printed name)"), (0.4, "signature"))
    _lines(page, top + 22, (0.6, "Labels confirmed with the participant by"), (0.4, "signature"))
    _lines(page, top + 33, (1, "Remarks"))


def _lines(page: Page, top: float, *shares: tuple[float, str]) -> None:
    """Lines to write on side by side, each with its share of the width."""
    left, width = MARGIN_MM, page.width_mm - 2 * MARGIN_MM
    for share, words in shares:
        page.write((left, top, share * width - 2, 9), Text(words, 9, write_mm=15))
        left += share * width


def _footer(page: Page) -> None:
    place = (MARGIN_MM, page.height_mm - MARGIN_MM - 4, page.width_mm - 2 * MARGIN_MM, 4)
    page.write(place, Text("Codes only: do not write the participant's name on this page.", 8))
