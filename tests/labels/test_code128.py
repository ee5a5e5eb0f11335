"""Code 128: the bits that are drawn are the text that was asked for, or the text is refused."""

import random
import re
from itertools import product

import numpy as np
import pytest
import zxingcpp
from barcode import Code128
from hypothesis import given
from hypothesis import strategies as st

from labels import LabelError, code128
from labels.symbols import runs
from tests.labels.encoders import fewest_code_words

PRINTABLE = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), min_size=1, max_size=24)

NINES = "99990123A-z "
ASCII = "".join(map(chr, range(0x20, 0x7F)))


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


@pytest.mark.parametrize("length", range(1, 10))
def test_no_symbol_could_be_narrower_but_after_an_odd_run_at_the_end(length):
    for shape in product("A7", repeat=length):
        text = "".join(shape)
        run = re.search("[^7](7+)$", text)
        more = 1 if run and len(run[1]) >= 5 and len(run[1]) % 2 else 0
        assert len(code128.bits(text)) == 11 * (fewest_code_words(text) + more + 1) + 13, text


def test_bits_are_the_encoders_own():
    drawn = random.Random(128)
    for _ in range(2000):
        text = "".join(drawn.choices(drawn.choice((NINES, ASCII)), k=drawn.randint(1, 24)))
        if not text.startswith("99"):
            assert code128.bits(text) == Code128(text).build()[0]


def test_no_text_loses_a_character():
    """Of nines, digits and letters above all: that is where change of character set and pairs hide."""
    drawn = random.Random(99)
    texts = ["".join(drawn.choices(NINES, k=drawn.randint(1, 16))) for _ in range(2000)]
    for text in texts:
        if text.startswith("99"):
            with pytest.raises(LabelError, match="begins with 99"):
                code128.bits(text)
        else:
            assert zxingcpp.read_barcode(picture(text), text_mode=zxingcpp.TextMode.Plain).text == text


def test_bars_are_the_ones_of_the_bits():
    drawn = ["0"] * len(code128.bits("KIT-12345678"))
    for first, wide in runs(code128.bits("KIT-12345678")):
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
