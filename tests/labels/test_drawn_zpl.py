"""ZPL as a printer draws it: a scanner reads what was asked for, and each symbol is the PDF's, dot by dot."""

from collections import Counter

import numpy as np
import pytest

from labels import TEMPLATES, Label, Stock, roll_pdf, symbols_of, template_named
from labels.layout import ink
from labels.model import Symbol
from labels.stocks import roll
from tests.labels.drawn_zpl import printer  # noqa: F401 (a fixture)
from tests.labels.examples import RESOLUTIONS, STOCKS, longest, own_roll, pairs, versions
from tests.labels.scanners import needs, rasterised, seen_by_zxing

pytestmark = needs("pdftoppm")

Job = tuple[Label, Stock, int]


def boxes(job: Job, picture: np.ndarray) -> list[np.ndarray]:
    """What is dark where each symbol should stand."""
    label, stock, dpi = job
    marks = ink(label, stock.label_width_mm, stock.label_height_mm, dpi)
    symbols = [mark for mark in marks if isinstance(mark, Symbol)]
    return [picture[mark.y : mark.y + mark.height, mark.x : mark.x + mark.width] < 128 for mark in symbols]


def faults(job: Job, picture: np.ndarray) -> list[str]:
    label, stock, dpi = job
    [printed] = rasterised(roll_pdf([label], dpi=dpi, stock=stock), dpi)
    found = []
    if seen_by_zxing(picture) != Counter(symbols_of(label, stock, dpi)):
        found.append("not read")
    if picture.shape != printed.shape:
        found.append(f"drawn on {picture.shape} dots instead of {printed.shape}")
    elif not all(map(np.array_equal, boxes(job, picture), boxes(job, printed))):
        found.append("a symbol is not the PDF's")
    return found


def test_every_template_reads_from_the_printer(printer):  # noqa: F811 (a fixture)
    jobs = [(longest(template)[0], own_roll(template), 203) for template in TEMPLATES]
    faulty = {job[0].template: faults(job, picture) for job, picture in zip(jobs, printer(jobs), strict=True)}
    assert not {template: found for template, found in faulty.items() if found}


def every_job() -> list[Job]:
    """Every layout of every version in its own size, and every roll that a template fits."""
    rolls = [(template, None, STOCKS[name]) for template, name in pairs() if STOCKS[name].labels_a_page == 1]
    for template in TEMPLATES:
        for version in versions(template):
            for layout in template_named(template, version).layouts:
                size = layout.width_mm, layout.height_mm
                rolls.append((template, version, roll(template, template, *size)))
    return [
        (longest(template, version=version)[0], stock, dpi)
        for template, version, stock in rolls
        for dpi in RESOLUTIONS
    ]


@pytest.mark.campaign
def test_every_label_reads_from_the_printer_at_every_resolution(printer):  # noqa: F811 (a fixture)
    jobs, faulty, drawn = every_job(), [], Counter()
    for job, picture in zip(jobs, printer(jobs), strict=True):
        label, stock, dpi = job
        drawn[label.template, dpi] += 1
        faulty += [(label.template, label.version, stock.title, dpi, found) for found in faults(job, picture)]
    print(f"\nZPL drawn and read by zxing-cpp; {len(jobs)} labels, {len(faulty)} faults")
    for template in TEMPLATES:
        row = "".join(f"{drawn[template, dpi]:>6}" for dpi in RESOLUTIONS)
        print(f"  {template:<16}{row}")
    for fault in faulty:
        print("  fault:", *fault)
    assert not faulty
