"""Data Matrix: the modules that are drawn are the text that was asked for, or the text is refused."""

import random

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st
from ppf.datamatrix import DataMatrix

from labels import Label, LabelError, Symbology, data_matrix, symbols_of
from labels.layout import ink
from labels.model import Symbol
from labels.stocks import roll
from labels.symbols import dark

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=44)


def read(picture):
    """What a scanner tells of dark modules, four dots each, with two blank ones around."""
    dots = np.kron(np.pad(picture, 2), np.ones((4, 4), bool))
    codes = zxingcpp.read_barcodes(np.where(dots, 0, 255).astype(np.uint8), text_mode=zxingcpp.TextMode.Plain)
    return [(code.format, code.text) for code in codes]


def modules(text):
    return np.array([[bit == "1" for bit in row] for row in data_matrix.bits(text)])


def drawn(symbol):
    """Its dark rectangles, one dot a module."""
    side = symbol.width // symbol.module
    picture = np.zeros((side, side), bool)
    for left, top, width, height in (np.array(area) // symbol.module for area in dark(symbol)):
        picture[top : top + height, left : left + width] = True
    return picture


@given(PRINTABLE)
def test_a_reader_reads_what_was_encoded(text):
    assert read(modules(text)) == [(zxingcpp.BarcodeFormat.DataMatrix, text)]


def test_bits_are_the_encoders_own():
    drawn_texts = random.Random(200)
    for _ in range(300):
        alphabet = drawn_texts.choice(("0123456789", "AB12-", "".join(map(chr, range(0x20, 0x7F)))))
        text = "".join(drawn_texts.choices(alphabet, k=drawn_texts.randint(1, 44)))
        matrix = DataMatrix(text, codecs=["ascii"]).matrix
        assert data_matrix.bits(text) == tuple("".join(map(str, row)) for row in matrix)


@pytest.mark.parametrize("text", ["T483134562451", "K000000000097", "KIT-12345678"])
def test_an_identifier_takes_fourteen_modules(text):
    assert modules(text).shape == (14, 14)


@pytest.mark.parametrize("turned", [False, True])
def test_runs_along_and_across_draw_the_same_modules(turned):
    bits = modules("T483134562451")
    symbol = Symbol("T483134562451", Symbology.DATA_MATRIX, 0, 0, 56, 56, 4, turned=turned)
    assert (drawn(symbol) == (np.rot90(bits, -1) if turned else bits)).all()
    assert read(drawn(symbol)) == read(bits)


def test_no_seam_is_left_between_two_dark_modules():
    """Each pair of dark neighbours lies in one rectangle, so a page a fraction of a dot off has no line in it."""
    bits = modules("T483134562451")
    areas = dark(Symbol("T483134562451", Symbology.DATA_MATRIX, 0, 0, 14, 14, 1))
    across = {(x + at, y) for x, y, width, _ in areas for at in range(width - 1)}
    down = {(x, y + at) for x, y, _, height in areas for at in range(height - 1)}
    pairs_across = {(x, y) for y, x in np.argwhere(bits[:, :-1] & bits[:, 1:])}
    pairs_down = {(x, y) for y, x in np.argwhere(bits[:-1] & bits[1:])}
    assert pairs_across <= across
    assert pairs_down <= down


def test_the_longest_text_is_one_region_and_a_longer_one_is_refused():
    assert modules("x" * 44).shape == (26, 26)
    with pytest.raises(LabelError, match="too long for the Data Matrix"):
        data_matrix.bits("x" * 45)


@pytest.mark.parametrize("text", ["T48é", "T48\n", "T48\x1d", "４８３１", "T48\x7f"])
def test_what_it_cannot_carry_is_refused(text):
    with pytest.raises(LabelError, match="Data Matrix carries printable ASCII"):
        data_matrix.bits(text)


def test_an_empty_code_is_refused():
    with pytest.raises(LabelError, match="empty"):
        data_matrix.bits("")


@pytest.mark.parametrize(
    ("dpi", "size", "module"),
    [(203, 25.4, 3), (300, 25.4, 4), (600, 25.4, 8), (203, 50.8, 6), (300, 50.8, 8), (600, 50.8, 16)],
)
def test_a_module_is_whole_dots_and_grows_with_the_label(dpi, size, module):
    marks = ink(Label("B100000000017", "storage_box"), 2 * size, size, dpi)
    [symbol] = [mark for mark in marks if getattr(mark, "symbology", None) is Symbology.DATA_MATRIX]
    assert (symbol.module, symbol.width) == (module, 14 * module)
    assert module / dpi * 25.4 >= 0.25


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_longer_code_takes_smaller_modules_and_one_too_long_is_refused(dpi):
    stock = roll("vial", "Vial", 25.4, 12.7)
    long = "MANUFACTURER-1"
    assert symbols_of(Label(long, "cryovial"), stock, dpi) == [(Symbology.DATA_MATRIX, long)]
    with pytest.raises(LabelError, match="Data Matrix of “.*” is too large for this cryovial label"):
        symbols_of(Label("MANUFACTURER-OF-TUBES-LOT-0001-NUMBER-000001"[:40], "cryovial"), stock, dpi)
