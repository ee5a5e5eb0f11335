"""Code 128: the bits that are drawn are the text that was asked for, or the text is refused."""

import numpy as np
import pytest
import zxingcpp
from hypothesis import given
from hypothesis import strategies as st

from labels import LabelError, code128

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=24)


def picture(text):
    """The bits alone, two dots a module, with their quiet zones."""
    quiet = "0" * code128.QUIET_MODULES
    row = np.array([255 * (bit == "0") for bit in quiet + code128.bits(text) + quiet], dtype=np.uint8)
    return np.repeat(np.tile(row, (40, 1)), 2, axis=1)


@given(PRINTABLE.filter(lambda text: not text.startswith("99")))
def test_a_reader_reads_what_was_encoded(text):
    assert [
        code.text for code in zxingcpp.read_barcodes(picture(text), text_mode=zxingcpp.TextMode.Plain)
    ] == [text]


def test_an_identifier_takes_the_shortest_symbol():
    # Start B, the letter, change to C, six pairs, check value; the stop is two modules longer.
    assert len(code128.bits("T483134562451")) == 11 * 10 + 13


def test_bars_are_the_ones_of_the_bits():
    drawn = ["0"] * len(code128.bits("KIT-12345678"))
    for first, wide in code128.runs("KIT-12345678"):
        drawn[first : first + wide] = "1" * wide
    assert "".join(drawn) == code128.bits("KIT-12345678")


@pytest.mark.parametrize("text", ["995560", "99", "99T1"])
def test_a_leading_99_is_refused(text):
    with pytest.raises(LabelError, match="begins with 99"):
        code128.bits(text)


def test_99_elsewhere_is_carried():
    assert zxingcpp.read_barcode(picture("T991234569999")).text == "T991234569999"


@pytest.mark.parametrize("text", ["T48é", "T48\n", "T48\x1d", "４８３１", "T48\x7f"])
def test_what_code_128_cannot_carry_is_refused(text):
    with pytest.raises(LabelError, match="printable ASCII"):
        code128.bits(text)


def test_an_empty_code_is_refused():
    with pytest.raises(LabelError, match="empty"):
        code128.bits("")
