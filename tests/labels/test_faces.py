"""A face that was laid out once and filled in for another label is the face that the other one gets alone."""

from itertools import pairwise
from string import digits

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import TEMPLATES, Label, LabelError, fonts, roll_pdf, sheet_pdf
from labels.document import Document
from labels.faces import Faces
from labels.stocks import roll

STOCK = roll("a", "A", 101.6, 50.8)

TEXTS = st.sampled_from(
    [
        "",
        "A 1",
        "A 2",
        "1 A",
        "ab",
        "ba",
        "a b",
        "(x\\)",
        "ł1",
        "ł2",
        "e\u0301",
        "\u00e9",
        "\u0301",
        "iW",
        "試",
        "Wi",
    ]
)


def face(faces, label):
    try:
        # Shapes are all black, in whichever order; words come after them.
        return sorted(faces.operators(label, STOCK, 7, 900))
    except LabelError as problem:
        return str(problem)


IDENTIFIERS = st.sampled_from(
    [
        "T483134562451",
        "T999999999999",
        "K483134562451",
        "T48313456245",
        "A1B2",
        "AB12",
        "ab12",
        "T 4831 3456 24-51",
    ]
)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(TEMPLATES)), IDENTIFIERS, st.lists(TEXTS, max_size=5)), max_size=8
    )
)
def test_filled_in_or_laid_out_is_the_same(drawn):
    document = Document("a", 300)
    together = Faces(document)
    for template, identifier, lines in drawn:
        label = Label(identifier, template, tuple(lines[: len(TEMPLATES[template].lines)]))
        # The same document, so that letters have the same codes; other faces, so that nothing is remembered.
        for _ in range(2):
            assert face(together, label) == face(Faces(document), label)


@pytest.mark.parametrize("font", [fonts.SANS, fonts.BOLD, fonts.MONO, fonts.MONO_BOLD])
def test_digits_are_equally_wide(font):
    assert all(
        fonts.width_in_ems(one, font) == fonts.width_in_ems(other, font) for one, other in pairwise(digits)
    )


def test_what_is_filled_in_can_be_searched(stocks):
    labels = [Label(f"T4831345{number:05d}", "tube", ("(8 mL)\\", "żółw", "1SS08")) for number in range(40)]
    pages = pypdfium2.PdfDocument(sheet_pdf(labels, stocks["avery-5160"]))
    text = "".join(page.get_textpage().get_text_range() for page in pages)
    assert text.count("(8 mL)\\") == text.count("żółw") == 40
    for label in labels:
        assert f"T 4831 {label.id[5:9]} {label.id[9:11]}-{label.id[11:]}" in text


def test_a_text_of_two_subsets_is_whole():
    """More letters than one cut-down typeface holds."""
    alphabet = "".join(chr(code) for code in range(0x100, 0x17F)) + "".join(
        chr(code) for code in range(0x410, 0x450)
    )
    parts = [alphabet[start : start + 12] for start in range(0, len(alphabet), 12)]
    mixed = [one + other for one, other in zip(parts, reversed(parts), strict=True)]
    labels = [Label("R100000000033", "storage_unit", ("Room", part)) for part in [*parts, *mixed]]
    document = pypdfium2.PdfDocument(roll_pdf(labels))
    for label, page in zip(labels, document, strict=True):
        assert label.lines[1] in page.get_textpage().get_text_range().replace("\r\n", "")


def test_a_name_that_folds_is_laid_out_each_time():
    document = Document("a", 300)
    together = Faces(document)
    names = ("Quarantine rack in the corner", "Rack in the corner quarantine")
    for name in (*names, *names):
        label = Label("R100000000033", "storage_unit", (name,))
        assert face(together, label) == face(Faces(document), label)
    assert len(face(together, label)) > len(face(together, Label("R100000000033", "storage_unit", ("R",))))


def test_what_no_typeface_has_is_refused_each_time():
    together = Faces(Document("a", 300))
    label = Label("T483134562451", "tube", ("試",))
    assert face(together, label) == face(together, label)
    assert "CJK UNIFIED IDEOGRAPH-8A66" in face(together, label)
