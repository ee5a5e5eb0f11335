"""On paper: the walk of a pick list door by door, and the manifest of a hand-over; both name nobody."""

from collections.abc import Iterator, Sequence
from xml.sax.saxutils import escape

from reportlab.lib.styles import ParagraphStyle
from reportlab.lib.units import mm
from reportlab.platypus import CondPageBreak, Flowable, Paragraph, Spacer, Table, TableStyle

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import shown
from biobank.distribution.models import StudyRequest
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.printing import fonts
from biobank.printing.packing_lists import BODY, CELL, GREY, HEAD, TITLE, WASH, codes_only_pdf
from biobank.retrieval.models import PickList
from biobank.retrieval.numbering import Manifest
from biobank.retrieval.walk import Stop, walk_of

COLUMNS = ("Done", "Position", "Code", "Kind", "What it is", "Volume")
WIDTHS = [14 * mm, 20 * mm, 46 * mm, 26 * mm, 42 * mm, 26 * mm]
PLACE = ParagraphStyle("place", parent=BODY, fontName=fonts.BOLD)
ROOM = 45 * mm
"""A place, the head of its table and its first pieces."""
GRID = TableStyle([
    ("BACKGROUND", (0, 0), (-1, 0), GREY), ("LINEBELOW", (0, 1), (-1, -1), 0.5, GREY),
    ("ROWBACKGROUNDS", (0, 1), (-1, -1), [None, WASH]),
])  # fmt: skip

WALK = TableStyle([("BOX", (0, 1), (0, -1), 0.5, GREY)], parent=GRID)
"""With a box to tick before each piece."""


def walk_pdf(work: Work, listed: PickList) -> bytes:
    """Each page with the number of the list."""
    title = f"Pick list {listed.id}"
    return codes_only_pdf(
        lambda: list(_story(work, listed, title)),
        title=title,
        programme=work.settings.programme,
        about=title,
    )


def _story(work: Work, listed: PickList, title: str) -> Iterator[Flowable]:
    walk, zone = walk_of(work, listed), work.settings.time_zone
    yield Paragraph(title, TITLE)
    yield Spacer(1, 3 * mm)
    for fact in (
        goes(work, listed),
        f"At {listed.site}; printed {shown(moments.now(), zone)}",
        f"Pieces to pick: {walk.pieces}. Places: {len(walk.stops)}. Freezer doors: {walk.doors}.",
        "The screen counts, this sheet does not: scan each piece as you take it.",
    ):
        yield Paragraph(escape(fact), BODY)
    for stop in walk.stops:
        yield Spacer(1, 5 * mm)
        yield CondPageBreak(ROOM)
        yield Paragraph(escape(place_said(stop.path)), PLACE)
        yield Spacer(1, 1 * mm)
        yield _pieces(stop)


def goes(work: Work, listed: PickList) -> str:
    """Where what is picked goes, in one line of codes."""
    if listed.request_id is None:
        return f"For {listed.goes_to}"
    request = work.session.get_one(StudyRequest, listed.request_id)
    return f"For {request.receiver}, study {request.study}, request {request.number}"


def place_said(path: Sequence[Item]) -> str:
    """From the outside inwards."""
    names = [f"{place.specification or printed(place.identifier)}" for place in path]
    return " > ".join(names) or "In no container"


def _pieces(stop: Stop) -> Table:
    rows = [[Paragraph(text, HEAD) for text in COLUMNS]]
    for item in (each.item for each in stop.pieces):
        volume = "not known" if item.volume_microlitres is None else f"{item.volume_microlitres} µL"
        told = (
            "",
            item.position or "",
            printed(item.identifier),
            item.kind,
            item.specification or "",
            volume,
        )
        rows.append([Paragraph(escape(text), CELL) for text in told])
    return Table(rows, colWidths=WIDTHS, repeatRows=1, style=WALK)


MANIFEST = ("The study's number", "Kind", "What it is", "Volume", "Collected")
MANIFEST_WIDTHS = [44 * mm, 30 * mm, 42 * mm, 30 * mm, 28 * mm]


def manifest_pdf(work: Work, manifest: Manifest) -> bytes:
    """The study's own numbers and no code of ours."""
    title = f"Manifest of distribution {manifest.distribution}"
    return codes_only_pdf(
        lambda: _manifest(manifest, title), title=title, programme=work.settings.programme, about=title
    )


def _manifest(manifest: Manifest, title: str) -> list[Flowable]:
    request = manifest.request
    rows = [[Paragraph(text, HEAD) for text in MANIFEST]]
    for line in manifest.lines:
        sample, kind, specification, volume, collected = line.told
        told = (
            sample,
            kind,
            specification,
            f"{volume} µL" if volume else "not told",
            collected or "not told",
        )
        rows.append([Paragraph(escape(text), CELL) for text in told])
    return [
        Paragraph(title, TITLE),
        Spacer(1, 3 * mm),
        Paragraph(escape(f"To {request.receiver}, for study {request.study}"), BODY),
        Paragraph(escape(f"Request {request.number}, agreement {request.agreement}"), BODY),
        Paragraph(f"Pieces: {len(manifest.lines)}", BODY),
        Spacer(1, 5 * mm),
        Table(rows, colWidths=MANIFEST_WIDTHS, repeatRows=1, style=GRID),
        Spacer(1, 5 * mm),
        Paragraph(
            "Each number was drawn for this study alone. The list in the box says which tube it belongs to.",
            BODY,
        ),
    ]
