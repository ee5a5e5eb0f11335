"""Every template on every stock, drawn by poppler and read by two scanners that know nothing of each other.

    pytest -m campaign tests/labels/test_second_scanners.py -s

prints the whole table; every day each template is read from each of its stocks at one resolution.
"""

from collections import Counter
from itertools import cycle, groupby, islice
from operator import eq

import numpy as np
import pytest

from biobank.items.identifiers import looks_like_ours
from labels import TEMPLATES, Label, LabelError, Stock, Symbology, requisition_pdf, sheet_pdf, symbols_of
from tests.labels.examples import (
    REQUISITION,
    RESOLUTIONS,
    STOCKS,
    cells,
    longest,
    own_roll,
    pairs,
    versions,
    windows,
)
from tests.labels.scanners import (
    TOOLS,
    needs,
    phantoms,
    rasterised,
    seen_by_libdmtx,
    seen_by_zbar,
    seen_by_zxing,
)

pytestmark = needs(*TOOLS)

ON_A_ROLL, BESIDE = 3, 5
SMALL_MM = 60
SHIFTED = (0.5, 0.75, 0.9, 0.97, 0.99, 0.995, 1.005, 1.01, 1.03, 1.1)
"""Resolutions beside the one that a label was made for, as shares of it."""


def read_back(labels: list[Label], stock: Stock, dpi: int) -> tuple[Counter[str], int]:
    """Of how many labels each scanner told exactly what should stand there, no less and no more.

    zbar and libdmtx look at each label where it should be, zxing-cpp at the whole page.
    A phantom is a code of another symbology, an EAN-13 for example: not on the label, and not one of ours.
    """
    pages = rasterised(sheet_pdf(labels, stock, dpi=dpi), dpi)
    asked = [Counter(symbols_of(label, stock, dpi)) for label in labels]
    assert all(asked), "a label without a symbol would be read whatever stood on it"
    whole = sum((seen_by_zxing(page) for page in pages), Counter())
    other = phantoms(whole)
    assert not any(looks_like_ours(text) for _, text in other)
    cut = cells(pages, stock, len(labels), dpi)
    right = Counter({"zbar, libdmtx": sum(map(eq, others(cut, labels, stock, dpi), asked))})
    right["zxing-cpp"] = len(labels) if whole - other == sum(asked, Counter()) else 0
    return right, other.total()


def others(cut: list[np.ndarray], labels: list[Label], stock: Stock, dpi: int) -> list[Counter]:
    """What zbar and libdmtx tell of each label, together."""
    seen = seen_by_zbar(cut)
    aimed = [windows(cell, label, stock, dpi) for cell, label in zip(cut, labels, strict=True)]
    found = iter(seen_by_libdmtx([window for one in aimed for window in one]))
    return [sum(islice(found, len(one)), bars) for bars, one in zip(seen, aimed, strict=True)]


def everyday():
    """Each pair at one resolution; large pages not at 600 dpi, where they take seconds."""
    coarse, any_of = cycle(RESOLUTIONS[:2]), cycle(RESOLUTIONS)
    return [
        pytest.param(template, name, next(any_of if STOCKS[name].page_height_mm < SMALL_MM else coarse))
        for template, name in pairs()
    ]


def everything():
    """Each pair at every resolution; older versions of a template at the coarsest."""
    for template, name in pairs():
        for version in versions(template):
            newest = version == TEMPLATES[template].version
            for dpi in RESOLUTIONS if newest else RESOLUTIONS[:1]:
                yield template, version, name, dpi


@pytest.mark.parametrize(("template", "name", "dpi"), everyday())
def test_two_scanners_read_the_same_from_every_label(template, name, dpi):
    labels, stock = longest(template, 2), STOCKS[name]
    right, _ = read_back(labels, stock, dpi)
    assert set(right.values()) == {len(labels)}


@pytest.mark.parametrize("dpi", RESOLUTIONS[:2])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_two_scanners_read_every_code_of_a_requisition(paper, dpi):
    [page] = rasterised(requisition_pdf(REQUISITION, paper=paper, dpi=dpi), dpi)
    asked = Counter((Symbology.CODE_128, one.id) for one in REQUISITION.tubes)
    asked[Symbology.CODE_128, REQUISITION.kit] += 1
    assert [seen_by_zxing(page)] == seen_by_zbar([page]) == [asked]


def test_every_template_has_a_stock_and_every_stock_a_template():
    assert {template for template, _ in pairs()} == set(TEMPLATES)
    assert {name for _, name in pairs()} == set(STOCKS)


@pytest.mark.campaign
def test_every_label_is_read_at_every_resolution():
    """Whole sheets, each label with a code of its own."""
    failures, read, rows = [], Counter(), {}
    for (template, version, name), group in groupby(everything(), key=lambda one: one[:3]):
        stock = STOCKS[name]
        number = stock.labels_a_page if stock.labels_a_page > 1 else ON_A_ROLL
        labels, row = longest(template, number, version), []
        for *_, dpi in group:
            try:
                right, other = read_back(labels, stock, dpi)
            except LabelError as problem:
                if version == TEMPLATES[template].version:
                    raise
                row.append(f"{dpi}: refused, {problem}")  # an older layout, for which the stock is too small
                continue
            read.update({**right, "labels": number, "phantoms": other})
            row.append(f"{dpi}: " + " ".join(f"{times}/{number}" for times in right.values()))
            failures += [(template, version, name, dpi, dict(right))] * (set(right.values()) != {number})
        rows[template, version, name] = row
    print(
        "\ntemplate version stock; a resolution: by zbar and libdmtx from each label, by zxing-cpp from the page"
    )
    for pair, row in rows.items():
        print(f"  {' '.join(map(str, pair)):<34}{'   '.join(row)}")
    print(f"  {dict(read)}, {len(failures)} failures")
    assert not failures


@pytest.mark.campaign
def test_resolutions_beside_the_right_one_only_as_a_table():
    """Somebody prints to another printer: told, not promised. Labels of the template's own size, 300 dpi."""
    print(f"\nread of {BESIDE} by zxing-cpp when 300 dpi is drawn at so much of it")
    print(f"  {'':<16}" + "".join(f"{share:>7}" for share in SHIFTED))
    for template in sorted({template for template, _ in pairs()}):
        labels, stock = longest(template, BESIDE), own_roll(template)
        pdf = sheet_pdf(labels, stock, dpi=300)
        asked = [Counter(symbols_of(label, stock, 300)) for label in labels]
        row = [
            sum(
                seen_by_zxing(page) == one
                for page, one in zip(rasterised(pdf, 300 * share), asked, strict=True)
            )
            for share in SHIFTED
        ]
        print(f"  {template:<16}" + "".join(f"{read:>7}" for read in row))
