"""The packing list of what is handed to a study, as a PDF: codes only, it names nobody."""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from reportlab.lib.colors import HexColor
from reportlab.lib.units import mm
from reportlab.platypus import Flowable, Paragraph, Spacer, Table

from biobank.core.database import Work
from biobank.core.moments import shown
from biobank.distribution.models import Distribution, StudyRequest
from biobank.distribution.queries import Distributed, distributed_in
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import items_numbered
from biobank.printing.packing_lists import BODY, CELL, GREY, HEAD, TITLE, codes_only_pdf

INK = HexColor("#162e51")
COLUMNS = ("No.", "Code", "The study's number", "Kind", "What it is", "Volume")


def packing_list_pdf(work: Work, distribution: Distribution, samples: Mapping[int, str]) -> bytes:
    """Each page with the number of the hand-over; `samples` are the study's own numbers, by piece.

    It lies in the box, so that the receiver finds the number of each tube by the code on its label.
    """
    return codes_only_pdf(
        lambda: _story(work, distribution, samples),
        title=_title(distribution),
        programme=work.settings.programme,
        about=f"Distribution {distribution.id}",
    )


def _title(distribution: Distribution) -> str:
    return f"Packing list of distribution {distribution.id}"


def _story(work: Work, distribution: Distribution, samples: Mapping[int, str]) -> list[Flowable]:
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
        Paragraph(_title(distribution), TITLE),
        Spacer(1, 3 * mm),
        *(Paragraph(escape(fact), BODY) for fact in facts),
        Spacer(1, 5 * mm),
        _table(pieces, items, samples),
        Spacer(1, 5 * mm),
        Paragraph(
            "These pieces may be used for this study alone. If their giver withdraws, you will be asked what "
            "became of them.",
            BODY,
        ),
    ]


def _table(pieces: Sequence[Distributed], items: dict[int, Item], samples: Mapping[int, str]) -> Table:
    rows = [[Paragraph(text, HEAD) for text in COLUMNS]]
    for number, each in enumerate(pieces, 1):
        item = items[each.item_id]
        volume = "not known" if item.volume_microlitres is None else f"{item.volume_microlitres} µL"
        sample = samples.get(each.item_id, "")
        told = (str(number), printed(each.item), sample, item.kind, item.specification or "", volume)
        rows.append([Paragraph(escape(text), CELL) for text in told])
    return Table(
        rows,
        colWidths=[12 * mm, 44 * mm, 34 * mm, 22 * mm, 36 * mm, 26 * mm],
        repeatRows=1,
        style=[("BACKGROUND", (0, 0), (-1, 0), INK), ("LINEBELOW", (0, 1), (-1, -1), 0.5, GREY)],
    )
