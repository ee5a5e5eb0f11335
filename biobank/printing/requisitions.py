"""The requisition that goes with a kit's labels: what to draw in which order, to scan, tick and sign."""

from collections.abc import Sequence
from dataclasses import asdict

import orjson

from biobank.core.database import Work
from biobank.custody.states import Kind
from biobank.items.models import Item
from biobank.kits.queries import specification_of_tube
from biobank.printing.printers import Paper
from biobank.printing.queries import LabelsRefused
from biobank.printing.wording import label_of, named_lines
from labels import LabelError, Requisition, RequisitionTube, prove_requisition, requisition_pdf

DPI = 300
WIDEST_A4_MM = 212
"""Letter is 215.9 mm wide, A4 210."""


def requisition_told(work: Work, items: Sequence[Item], paper: Paper) -> str | None:
    """What the requisition of a job says, in JSON, with its paper; None unless the job is one whole kit."""
    kits = [item for item in items if item.kind == Kind.KIT.value]
    tubes = [item for item in items if item.kind == Kind.TUBE.value]
    if len(kits) != 1 or not tubes or {item.kit_id for item in items} - {kits[0].id, None}:
        return None
    return orjson.dumps({"paper": _paper(paper), **asdict(_requisition(work, kits[0], tubes))}).decode()


def _requisition(work: Work, kit: Item, tubes: Sequence[Item]) -> Requisition:
    box = named_lines(label_of(work, kit, "kit_box"))
    return Requisition(
        kit.identifier,
        tuple(_tube(work, tube, order) for order, tube in enumerate(tubes, 1)),
        programme=box["title"],
        **{name: box[name] for name in ("definition", "site", "lot", "expiry")},
    )


def _tube(work: Work, tube: Item, order: int) -> RequisitionTube:
    known = specification_of_tube(work, tube)
    code = tube.specification or ""
    if known is None:
        return RequisitionTube(order, tube.identifier, code, code=code)
    additive = known.additive if known.additive != "none" else ""
    return RequisitionTube(
        order, tube.identifier, known.label, known.colour, additive, code=code, labels=known.labels
    )


def _paper(paper: Paper) -> str:
    """That of the labels' sheet; beside a roll lies what the office printer of the default has."""
    is_a4 = (
        paper.stock is not None and paper.stock.labels_a_page > 1 and paper.stock.page_width_mm < WIDEST_A4_MM
    )
    return "a4" if is_a4 else "letter"


def requisition_drawn(told: str, *, proved: bool) -> bytes:
    """The same text gives the same bytes; `proved` reads every code back first. Raises `LabelsRefused`."""
    said = orjson.loads(told)
    paper = said.pop("paper")
    tubes = tuple(RequisitionTube(**tube) for tube in said.pop("tubes"))
    requisition = Requisition(tubes=tubes, **said)
    try:
        pdf = requisition_pdf(requisition, paper=paper, dpi=DPI)
        if proved:
            prove_requisition(pdf, requisition, paper=paper, dpi=DPI)
    except LabelError as problem:
        raise LabelsRefused(str(problem)) from problem
    return pdf
