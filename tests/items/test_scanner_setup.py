"""Scanner test: each damage is named, and a scanner that is set up well is told so."""

import random
import unicodedata

import pytest

from biobank.items.keyboards import KEYS, LAYOUTS, SHIFTED
from biobank.items.scanner_setup import LINEAR, MATRIX, judged
from biobank.printing.scanner_codes import TEST_CODES

NO_SEPARATOR = MATRIX.replace("\x1d", "")
BOTH = f"{LINEAR}\n{MATRIX}\n"


def typed(text, layout):
    return text.translate(str.maketrans(KEYS + SHIFTED, "".join(LAYOUTS[layout])))


def set_to(text, layout):
    """A scanner set to `layout` at a computer with a US keyboard."""
    return text.translate(str.maketrans("".join(LAYOUTS[layout]), KEYS + SHIFTED))


def words(text):
    return [finding.word for finding in judged(text).findings]


def sentence(text, word):
    return next(finding.sentence for finding in judged(text).findings if finding.word == word)


@pytest.mark.parametrize(
    "text",
    [
        BOTH,
        BOTH.replace("\n", "\r\n"),
        BOTH.replace("\n", "\t"),
        f"]C0{LINEAR}\n]d1{MATRIX}\n",
        BOTH.replace("\x1d", "^]"),
        BOTH.replace("\x1d", "<F8>"),
        BOTH.replace("\x1d", "{GS}"),
    ],
)
def test_a_scanner_that_is_set_up_well_is_told_so(text):
    assert judged(text).is_right, judged(text)
    assert {finding.tone for finding in judged(text).findings} <= {"right", "plain"}


@pytest.mark.parametrize("layout", [name for name in LAYOUTS if name != "US"])
def test_a_layout_is_named(layout):
    text = typed(f"{LINEAR}\n{NO_SEPARATOR}\n", layout)
    assert not judged(text).is_right
    found = sentence(text, "Keyboard layout")
    assert f" {layout} " in found
    assert "at a computer with" in found


@pytest.mark.parametrize("layout", ["French", "German", "Spanish", "British"])
def test_a_layout_of_the_scanner_itself_is_named(layout):
    assert f"{layout} keyboard at a computer with a US one" in sentence(
        set_to(f"{LINEAR}\n", layout), "Keyboard layout"
    )


@pytest.mark.parametrize(
    ("text", "word", "says"),
    [
        ("", "Nothing arrived", "point the scanner"),
        (" \n\t\n", "Nothing arrived", "point the scanner"),
        (BOTH.swapcase(), "Caps Lock", "switch Caps Lock off"),
        (BOTH.lower(), "Caps Lock", "switch Caps Lock off"),
        (f"{LINEAR.translate(str.maketrans(KEYS, SHIFTED))}\n", "Shift held", "Caps Lock"),
        (LINEAR + MATRIX, "Enter missing", "suffix to Enter"),
        (LINEAR + LINEAR, "Enter missing", "suffix to Enter"),
        (f"{LINEAR}\n{MATRIX}", "No Enter at the end", "suffix to Enter"),
        (BOTH.replace("\n", "\n\n"), "Two Enters", "CR alone"),
        (f"{LINEAR}\n", "No Data Matrix", "2D, ECC 200"),
        (f"{MATRIX}\n", "No Code 128", "switch Code 128 on"),
        (f"{LINEAR}\n{NO_SEPARATOR}\n", "Group separator lost", "^] or as F8"),
        (f"~{LINEAR}%\n", "Something added", "'~' before the code and '%' after the code"),
        (f"{LINEAR}#7\n", "Something added", "after the code"),
        ("".join(each for each in LINEAR if not each.isdigit()) + "\n", "Digits lost", "Num Lock"),
        (LINEAR.replace("5", "").replace(";", "") + "\n", "Characters dropped", "5 ; did not arrive"),
        (LINEAR.replace("5", "55") + "\n", "Characters doubled", "5 came once more"),
        ("".join(each * 2 for each in LINEAR) + "\n", "Characters doubled", "slower"),
        (LINEAR.replace("/", "?") + "\n", "Characters exchanged", "/ came as ?"),
        ("T483134562451\n", "Another code", "one of the two on this page"),
    ],
)
def test_each_damage_is_named_with_what_to_set(text, word, says):
    assert word in words(text)
    assert says in sentence(text, word)
    assert not judged(text).is_right


def test_wide_characters_are_an_input_method():
    wide = "".join(chr(ord(each) + 0xFEE0) if "!" <= each <= "~" else each for each in LINEAR)
    assert unicodedata.normalize("NFKC", wide) == LINEAR
    assert words(f"{wide}\n")[0] == "Input method"


def test_whatever_arrives_is_judged():
    drawn = random.Random(20261122)
    signs = KEYS + SHIFTED + "\r\n\t\x00\x1d\udcffé"
    for _ in range(300):
        text = "".join(drawn.choice(signs) for _ in range(drawn.randrange(120)))
        judgement = judged(drawn.choice(("", LINEAR, MATRIX)) + text)
        assert judgement.findings
        assert all(finding.sentence.endswith(".") for finding in judgement.findings)
    assert not judged("\x00" * 2**20).is_right


@pytest.mark.parametrize(("name", "text"), [("code-128", LINEAR), ("data-matrix", MATRIX)])
def test_the_pictures_are_what_is_asked_for(name, text):
    """Read back by a decoder, from the rectangles alone."""
    import re

    import numpy as np
    import zxingcpp

    picture = TEST_CODES[name]().decode()
    width, height = map(int, re.search(r'viewBox="0 0 (\d+) (\d+)"', picture).groups())
    paper = np.full((height * 4, width * 4), 255, np.uint8)
    for found in re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)", picture):
        x, y, wide, high = (int(each) * 4 for each in found)
        paper[y : y + high, x : x + wide] = 0
    assert [read.bytes for read in zxingcpp.read_barcodes(paper)] == [text.encode()]
    assert "style=" not in picture
