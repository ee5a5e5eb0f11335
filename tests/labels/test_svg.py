"""SVG: the ink of the label on a screen, and nothing that a browser would run, fetch or misread."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from labels import TEMPLATES, Label, LabelError, fonts, svg, symbols_of
from labels.layout import ink
from labels.model import Words
from labels.stocks import roll

SVG = "{http://www.w3.org/2000/svg}"

SIZES = [
    (name, layout.width_mm, layout.height_mm)
    for name in sorted(TEMPLATES)
    for layout in TEMPLATES[name].layouts
]


def label(template, text="Plasma, citrate"):
    return Label("T483134562451", template, (text,) * min(len(TEMPLATES[template].lines), 2))


def dots(root):
    """The path drawn on the grid of printer dots."""
    width, height = (int(length) for length in root.get("viewBox").split()[2:])
    picture = np.full((height, width), 255, np.uint8)
    [path] = root.findall(f"{SVG}path")
    for part in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h-\d+z", path.get("d")):
        left, top, wide, high = map(int, part)
        picture[top : top + high, left : left + wide] = 0
    return picture


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize(("template", "width", "height"), SIZES)
def test_a_scanner_reads_the_path(template, width, height, dpi):
    stock = roll("own", "own", width, height)
    root = ET.fromstring(svg(label(template), stock=stock, dpi=dpi))
    read = zxingcpp.read_barcodes(np.pad(dots(root), 20, constant_values=255))
    assert len(read) == len(symbols_of(label(template), stock, dpi))
    assert {code.text for code in read} == {"T483134562451"}


@pytest.mark.parametrize("turned", [False, True])
def test_texts_stand_where_they_are_printed(turned):
    size = (25.4, 50.8) if turned else (50.8, 25.4)
    root = ET.fromstring(svg(label("waste_bag"), stock=roll("bag", "Bag", *size)))
    words = [mark for mark in ink(label("waste_bag"), *size, 300) if isinstance(mark, Words)]
    texts = root.findall(f"{SVG}text")
    assert [text.text for text in texts] == [mark.text for mark in words]
    for text, mark in zip(texts, words, strict=True):
        assert (text.get("x"), text.get("y")) == (str(mark.x), str(mark.baseline))
        assert (text.get("textLength"), text.get("lengthAdjust")) == (str(mark.width), "spacingAndGlyphs")
        assert text.get("transform") == (f"rotate(90 {mark.x} {mark.baseline})" if turned else None)
        assert text.get("fill") == ("#fff" if mark.white else None)
        assert text.get("font-weight") == ("bold" if mark.font in (fonts.BOLD, fonts.MONO_BOLD) else None)


def test_it_is_as_large_as_the_label_and_says_what_it_is():
    root = ET.fromstring(svg(label("storage_box")))
    assert (root.get("role"), root.get("width"), root.get("height")) == ("img", "50.8mm", "25.4mm")
    assert root.get("viewBox") == "0 0 600 300"
    assert root.find(f"{SVG}title").text == "Storage box T 4831 3456 24-51"


@given(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), min_size=1, max_size=20))
def test_any_text_stays_text(text):
    try:
        drawn = svg(label("storage_box", f"<b>&{text}]]>"))
    except LabelError:
        return
    root = ET.fromstring(drawn)
    assert {element.tag for element in root.iter()} == {
        f"{SVG}{tag}" for tag in ("svg", "title", "rect", "path", "text")
    }


def test_a_code_is_escaped_too():
    root = ET.fromstring(svg(Label("</svg><b>&", "cryovial")))
    assert root.find(f"{SVG}title").text == "Cryovial </svg><b>&"


def test_nothing_is_run_or_fetched():
    drawn = svg(label("kit_box", "javascript:alert(1)"))
    assert not re.search(rb"<script|<image|<use|href|url\(|@import|font-face| on[a-z]+=", drawn)
    assert re.findall(rb"http[^\"]*", drawn) == [b"http://www.w3.org/2000/svg"]
    assert set(re.findall(rb'font-family="([^"]*)"', drawn)) == {b"monospace", b"sans-serif"}


def test_an_unknown_resolution_is_refused():
    with pytest.raises(LabelError, match="72 dpi"):
        svg(label("tube"), dpi=72)
