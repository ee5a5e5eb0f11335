"""Labels of every template with the longest texts in use, and every stock that one of them fits."""

import random
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from biobank.items.identifiers import LETTERS, check_digits
from labels import (
    TEMPLATES,
    Label,
    LabelError,
    Requisition,
    RequisitionTube,
    Stock,
    Symbology,
    layouts_fit,
    load_stocks,
    template_named,
)
from labels.layout import ink
from labels.model import Symbol
from labels.stocks import roll

RESOLUTIONS = (203, 300, 600)

STOCKS = load_stocks(Path(__file__).parents[2] / "config" / "stocks.toml")

LETTER = {
    "kit_box": "K",
    "cryovial": "S",
    "cap_dot": "S",
    "aliquot": "S",
    "storage_box": "B",
    "storage_unit": "R",
    "waste_bag": "H",
    "found_item": "D",
    "parcel": "X",
}
"""Of the items that wear a template; all others are tubes."""

LONGEST = {
    "title": "Adult blood and urine",
    "definition": "pediatric-below-16.4-kg-3.2",
    "lot": "Lot L24-118",
    "expiry": "Use by 2027-05-31",
    "site": "Site PHX-02",
    "specimen": "1st 4.5 mL PST",
    "additive": "lithium-heparin plasma gel",
    "code": "2PS4A",
    "kit": "K 5520 1837 46-09",
    "programme": "Demo programme",
    "kind": "Plasma, lithium heparin",
    "amount": "0.25 mL",
    "date": "2026-11-21",
    "parent": "T 4831 3456 24-51",
    "name": "Quarantine rack 12",
    "where": "Freezer 3, rack B, shelf 2",
    "conditions": "−80 °C ± 10",
    "opened": "Opened 2026-11-21",
    "found": "Found 2026-11-21",
    "from": "Clinic PHX-02",
    "to": "Biobank, dock 3",
    "count": "1 kit, 10 tubes",
    "contents": "Exempt human specimens",
}
"""By the name of a line; a line that is not here says its own name."""

LONGEST_ON = {
    "kit_box": {"title": "Blood and urine, children", "contents": "4 tubes, 2 urine cups"},
    "waste_bag": {"title": "Waste bag 2026-11-21 / 3", "site": "Biobank"},
    "found_item": {"name": "Tube without a label", "where": "Freezer 3, rack B"},
}
"""Where a line of that name says something else."""


REQUISITION = Requisition(
    "K552018374609",
    tuple(
        RequisitionTube(order, identifier, specimen, colour, additive, code, count)
        for order, (identifier, specimen, colour, additive, code, count) in enumerate(
            (
                ("T483134562451", "8 mL SST", "Red and gray", "serum gel", "1SS08", 1),
                ("T483134562548", "1st 4.5 mL PST", "Light Green", "lithium-heparin plasma gel", "PS04A", 1),
                ("T483134562645", "Cell-Free DNA", "Clear-Red", "cell-free DNA preservative", "2ED10", 1),
                ("T000000000097", "10 mL EDTA", "Lavender", "EDTA", "1ED10", 1),
                ("T483134562742", "Urine 10 mL", "Yellow", "none", "1UR10", 2),
            ),
            1,
        )
    ),
    "Demo programme",
    "adult-3.2",
    "Site PHX-02",
    "Lot L24-118",
    "Use by 2027-05-31",
)
"""Five tubes of a kit, in draw order."""


def identifier(letter: str, drawn: random.Random) -> str:
    body = f"{letter}{drawn.randrange(10**10):010d}"
    return body + check_digits(body)


def identifiers(number: int, seed: int) -> list[str]:
    """As many of each of our letters."""
    drawn = random.Random(seed)
    return [identifier(LETTERS[at % len(LETTERS)], drawn) for at in range(number)]


def longest(template: str, number: int = 1, version: int | None = None) -> list[Label]:
    """So many labels of a template, each with a code of its own; the same ones at every call."""
    drawn = random.Random(template)
    texts = LONGEST | LONGEST_ON.get(template, {})
    lines = tuple(texts.get(line, line) for line in template_named(template, version).lines)
    letter = LETTER.get(template, "T")
    return [Label(identifier(letter, drawn), template, lines, version) for _ in range(number)]


def versions(template: str) -> Iterator[int]:
    """From 1, which is released, to the newest."""
    number = 1
    while True:
        try:
            template_named(template, number)
        except LabelError:
            return
        yield number
        number += 1


def pairs() -> list[tuple[str, str]]:
    """Every template with every stock that it fits."""
    return [
        (template, name)
        for template in TEMPLATES
        for name, stock in STOCKS.items()
        if layouts_fit(template, stock)
    ]


def own_roll(template: str, layout: int = 0) -> Stock:
    """A roll in the size that one of the template's layouts was drawn for."""
    drawn = TEMPLATES[template].layouts[layout]
    return roll(template, template, drawn.width_mm, drawn.height_mm)


def cells(pages: Sequence[np.ndarray], stock: Stock, labels: int, dpi: int) -> list[np.ndarray]:
    """Each label cut out of its page, where the stock has it."""
    width, height = (_dots(size, dpi) for size in (stock.label_width_mm, stock.label_height_mm))
    cut = []
    for index in range(labels):
        page, on_page = divmod(index, stock.labels_a_page)
        row, column = divmod(on_page, stock.columns)
        left = _dots(stock.left_mm + column * stock.pitch_x_mm, dpi)
        top = _dots(stock.top_mm + row * stock.pitch_y_mm, dpi)
        cut.append(pages[page][top : top + height, left : left + width])
    return cut


def windows(cell: np.ndarray, label: Label, stock: Stock, dpi: int) -> list[np.ndarray]:
    """Each Data Matrix of a label with what is 3 mm around it, as somebody aims at it."""
    marks = ink(label, stock.label_width_mm, stock.label_height_mm, dpi)
    around = _dots(3, dpi)
    return [
        cell[max(mark.y - around, 0) : mark.y + mark.height + around][
            :, max(mark.x - around, 0) : mark.x + mark.width + around
        ]
        for mark in marks
        if isinstance(mark, Symbol) and mark.symbology is Symbology.DATA_MATRIX
    ]


def _dots(millimetres: float, dpi: int) -> int:
    return round(millimetres * dpi / 25.4)
