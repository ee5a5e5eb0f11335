"""The documentation's pictures of the labels are what is printed now, and none is left out."""

import re

import numpy as np
import pytest
from PIL import Image

from labels import TEMPLATES
from tests.labels.pictures import FOLDER, LAYOUTS, PAPER, picture

PAGE = FOLDER.parents[1] / "labels.md"
NAMES = (*LAYOUTS, *PAPER)
NOTICED = 64
"""Of 255 shades: rasterisers of other machines may smooth an edge a little differently."""


@pytest.mark.parametrize("name", NAMES)
def test_a_picture_is_what_is_printed_now(name):
    kept, now = (np.asarray(one, int) for one in (Image.open(FOLDER / f"{name}.png"), picture(name)))
    assert kept.shape == now.shape
    differing = np.count_nonzero(np.abs(kept - now) > NOTICED)
    assert differing == 0, "make the pictures anew: python -m tests.labels.pictures"


def test_every_picture_is_shown_and_none_is_left_over():
    linked = re.findall(r"pictures/labels/([\w.-]+)\.png", PAGE.read_text())
    assert sorted(linked) == sorted(NAMES)
    assert {path.stem for path in FOLDER.glob("*.png")} == set(NAMES)


@pytest.mark.parametrize("template", TEMPLATES.values(), ids=TEMPLATES.keys())
def test_the_page_tells_every_template_with_its_sizes_and_lines(template):
    page = PAGE.read_text()
    section = page.split(f"### `{template.name}`", 1)[1].split("\n### ", 1)[0].split("\n## ", 1)[0]
    for layout in template.layouts:
        assert f"{layout.width_mm:g} x {layout.height_mm:g} mm" in section
    for line in template.lines:
        assert f"`{line}`" in section
