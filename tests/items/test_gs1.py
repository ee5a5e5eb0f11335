"""GS1 element strings: taken apart where that is certain, and nothing made up where it is not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from biobank.items.gs1 import element_string

PRODUCT = "09506000134352"


@pytest.mark.parametrize(
    ("text", "elements"),
    [
        (f"(01){PRODUCT}(21)A12", (("01", PRODUCT), ("21", "A12"))),
        (f"]d201{PRODUCT}21A12", (("01", PRODUCT), ("21", "A12"))),
        (f"]C101{PRODUCT}21A12\r\n", (("01", PRODUCT), ("21", "A12"))),
        (f"01{PRODUCT}21A12", (("01", PRODUCT), ("21", "A12"))),
        (f"]d201{PRODUCT}10LOT7\x1d21A12", (("01", PRODUCT), ("10", "LOT7"), ("21", "A12"))),
        (f"]d201{PRODUCT}10LOT7^]21A12", (("01", PRODUCT), ("10", "LOT7"), ("21", "A12"))),
        (f"{{GS}}01{PRODUCT}17261231{{GS}}21A12", (("01", PRODUCT), ("17", "261231"), ("21", "A12"))),
        (f"01{PRODUCT}172612312110", (("01", PRODUCT), ("17", "261231"), ("21", "10"))),
        ("]C100106141411234567897", (("00", "106141411234567897"),)),
        ("(8004)ASSET7", (("8004", "ASSET7"),)),
    ],
)
def test_what_is_certain_is_taken_apart(text, elements):
    found = element_string(text)
    assert found is not None
    assert found.elements == elements
    assert element_string(found.bracketed) == found


@pytest.mark.parametrize(
    "text",
    [
        "",
        "T483134562451",
        "KIT-12345678",
        "(01)09506000134353(21)A12",
        f"(01){PRODUCT}(01){PRODUCT}",
        f"(01){PRODUCT}(21)",
        f"(01){PRODUCT}(21)A12(",
        f"(01){PRODUCT}(77)A12",
        f"(21){'A' * 21}",
        "]d2ABC",
        f"]d201{PRODUCT[:-1]}",
        f"]d201{PRODUCT}21A 12",
        f"01{PRODUCT}99XX",
        "]d2(",
    ],
)
def test_what_is_not_certain_is_no_element_string(text):
    assert element_string(text) is None


def test_a_separator_that_was_lost_gives_another_serial_and_never_this_one():
    lost = element_string(f"01{PRODUCT}21A1210LOT7")
    assert lost is not None
    assert lost.value("21") == "A1210LOT7"


@given(st.text(max_size=60) | st.text(alphabet="()0123456789\x1d]d2C1A", max_size=60))
def test_no_text_gives_an_error(text):
    found = element_string(text)
    assert found is None or found.elements
