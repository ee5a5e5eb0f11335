"""Version 1 of each template is released: a reprint of an old label is the old label, dot by dot."""

import hashlib
import json
from dataclasses import replace
from pathlib import Path

import pytest

from labels import roll_pdf, sheet_pdf, zpl

RELEASED = json.loads((Path(__file__).parent / "released_1.json").read_text())
"""SHA-256 of what release 0.1.0 made of `one_of_each`, by output and template."""

RESOLUTIONS = (203, 300, 600)


def digest(*contents):
    return hashlib.sha256(b"".join(contents)).hexdigest()


@pytest.fixture
def released(one_of_each):
    return {label.template: replace(label, version=1) for label in one_of_each}


@pytest.mark.parametrize("template", RELEASED["zpl"])
def test_the_zpl_is_the_released_one(released, stocks, template):
    forms = [zpl([released[template]], dpi=dpi) for dpi in RESOLUTIONS]
    forms += [zpl([released[template]], dpi=300, stock=stocks[name]) for name in ("avery-5160", "avery-5163")]
    assert digest(*forms) == RELEASED["zpl"][template]


@pytest.mark.parametrize("template", RELEASED["dots"])
def test_every_dot_is_the_released_one(released, stocks, pages, template):
    rolls = [
        page.tobytes() for dpi in RESOLUTIONS for page in pages(roll_pdf([released[template]], dpi=dpi), dpi)
    ]
    sheets = pages(sheet_pdf([released[template]] * 3, stocks["avery-5160"], start=5), 300)
    assert digest(*rolls, *(page.tobytes() for page in sheets)) == RELEASED["dots"][template]
