"""Text on labels: it shrinks, is refused before it overflows or prints wrongly, and keeps every character."""

from itertools import pairwise, product

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import TEMPLATES, Label, LabelError, fonts, readable, roll_pdf
from labels.layout import ink
from labels.model import Align, Bars, Block, Row, Symbol, Words

SIZES = ((50.8, 25.4), (66.675, 25.4), (101.6, 50.8), (101.6, 152.4))


def words_of(label, dpi=300):
    return [mark for mark in ink(label, 50.8, 25.4, dpi) if isinstance(mark, Words)]


def test_a_long_text_shrinks_to_its_row():
    short, long = (
        words_of(Label("T483134562451", "tube", (text,)))[0]
        for text in ("SST", "Acid citrate dextrose, solution A")
    )
    assert long.size < short.size
    assert long.x + long.width <= 600 - 18


def test_text_that_cannot_shrink_far_enough_is_refused():
    with pytest.raises(
        LabelError, match=r"“W{60}” does not fit in a line of 48 mm at a size that can be read; shorten it\."
    ):
        words_of(Label("T483134562451", "tube", ("W" * 60,)))


def test_two_texts_of_a_row_are_refused_together():
    lines = (
        "Acid citrate dextrose",
        "Light yellow, with a conventional stopper",
        "1ACD8",
        "K 5520 1837 46-09 and more",
    )
    with pytest.raises(LabelError, match="Light yellow, with a conventional stopper K 5520"):
        words_of(Label("T483134562451", "tube", lines))


@given(
    st.sampled_from(sorted(TEMPLATES)),
    st.lists(st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), max_size=30), max_size=5),
    st.sampled_from(SIZES),
    st.sampled_from((203, 300, 600)),
)
def test_text_never_overflows_nor_overlaps(template, lines, size, dpi):
    label = Label("T483134562451", template, tuple(lines[: len(TEMPLATES[template].lines)]))
    try:
        marks = ink(label, *size, dpi)
    except LabelError:
        return
    words = [mark for mark in marks if isinstance(mark, Words)]
    width, height = (millimetres * dpi / 25.4 for millimetres in size)
    for mark in words:
        assert mark.x >= 0
        assert mark.x + fonts.width_in_ems(mark.text, mark.font) * mark.size <= width
        assert 0 < mark.baseline - mark.size * fonts.CAP_HEIGHT < mark.baseline < height
    for left, right in pairwise(sorted(words, key=lambda mark: (mark.baseline, mark.x))):
        assert left.baseline != right.baseline or left.x + left.width < right.x


@pytest.mark.parametrize(("template", "size"), list(product(sorted(TEMPLATES), SIZES)))
def test_bars_are_high_enough_and_clear_of_the_text(template, size):
    marks = ink(Label("T483134562451", template, ("A",) * len(TEMPLATES[template].lines)), *size, 300)
    [symbol] = [mark for mark in marks if isinstance(mark, Symbol)]
    assert symbol.height >= 5 / 25.4 * 300
    for mark in marks:
        if isinstance(mark, Words):
            assert (
                mark.baseline < symbol.y
                or mark.baseline - mark.size * fonts.CAP_HEIGHT > symbol.y + symbol.height
            )


@pytest.mark.parametrize("layout", [layout for template in TEMPLATES.values() for layout in template.layouts])
def test_rows_are_as_high_as_their_type_and_one_part_is_the_bars(layout):
    assert [type(part) for part in layout.parts].count(Bars) == 1
    for row in (part for part in layout.parts if isinstance(part, Row)):
        assert all(cell.points * 25.4 / 72 <= row.height_mm for cell in row.cells)


def test_too_many_lines_are_refused():
    with pytest.raises(LabelError, match=r"storage_box label has 3 lines \(name, where, conditions\), not 4"):
        words_of(Label("B100000000017", "storage_box", ("a", "b", "c", "d")))


def test_an_unknown_template_is_refused():
    with pytest.raises(LabelError, match="no label template “jar”; choose one of kit_box, tube"):
        roll_pdf([Label("T483134562451", "jar")])


def test_missing_lines_stay_blank():
    assert [mark.text for mark in words_of(Label("B100000000017", "storage_box", ("Box 1",)))] == [
        "Box 1",
        "B 1000 0000 00-17",
    ]


@pytest.mark.parametrize(
    "name", ["Zażółć gęślą jaźń", "Ελευθερία", "Больница № 4", "Ամերիկա", "naïve – “quoted” {curly}"]
)
def test_names_beyond_latin_print(name):
    text = pypdfium2.PdfDocument(roll_pdf([Label("R100000000033", "storage_unit", ("Room", name))]))[
        0
    ].get_textpage()
    assert name in text.get_text_range()


def test_a_letter_with_its_accent_apart_is_joined():
    assert words_of(Label("B100000000017", "storage_box", ("Cafe\u0301",)))[0].text == "Caf\u00e9"


def test_a_lone_accent_has_room():
    assert words_of(Label("B100000000017", "storage_box", ("\u0301",)))[0].width >= 0


@pytest.mark.parametrize(
    ("text", "named"),
    [
        ("試験", "CJK UNIFIED IDEOGRAPH"),
        ("شمال", "ARABIC LETTER"),
        ("צפון", "HEBREW LETTER"),
        ("two\nlines", r"the control character U\+000A"),
        ("a\u200bb", "ZERO WIDTH SPACE"),
        ("\U0001f9ec", "DNA DOUBLE HELIX"),
    ],
)
def test_a_character_that_would_print_wrongly_is_refused(text, named):
    with pytest.raises(LabelError, match=named):
        words_of(Label("B100000000017", "storage_box", (text,)))


def test_the_zero_of_an_identifier_is_marked():
    """A zero with something inside is drawn with more contours than the two of a plain ring."""
    typefaces = fonts._typefaces()
    contours = {}
    for name in (fonts.SANS, fonts.MONO, fonts.MONO_BOLD):
        face = typefaces[name].face
        offset = face.get_table_pos("glyf")[0] + face.glyphPos[face.charToGlyph[ord("0")]]
        contours[name] = int.from_bytes(face._ttf_data[offset : offset + 2], "big", signed=True)
    assert contours[fonts.SANS] == 2
    assert contours[fonts.MONO] > 2
    assert contours[fonts.MONO_BOLD] > 2


@pytest.mark.parametrize(
    ("identifier", "printed"),
    [
        ("T483134562451", "T 4831 3456 24-51"),
        ("KIT-12345678", "KIT-12345678"),
        ("T48313456245", "T48313456245"),
    ],
)
def test_an_identifier_is_grouped_for_the_eye(identifier, printed):
    assert readable(identifier) == printed


@pytest.mark.parametrize(("template", "size"), list(product(sorted(TEMPLATES), SIZES)))
def test_the_identifier_stands_under_its_bars_with_a_marked_zero(template, size):
    marks = ink(Label("T000000000097", template), *size, 300)
    [identifier] = [mark for mark in marks if isinstance(mark, Words) and mark.text == "T 0000 0000 00-97"]
    [symbol] = [mark for mark in marks if isinstance(mark, Symbol)]
    width = round(size[0] / 25.4 * 300)
    assert identifier.font == fonts.MONO_BOLD
    assert identifier.align is Align.CENTRE
    assert abs(2 * identifier.x + identifier.width - width) <= 3
    assert identifier.baseline > symbol.y + symbol.height


def test_the_line_to_write_on_fills_what_the_texts_leave():
    marks = ink(Label("T483134562451", "tube", ("", "", "", "", "Demo programme")), 50.8, 25.4, 300)
    caption, programme = (
        next(mark for mark in marks if getattr(mark, "text", "") == text)
        for text in ("Date/time", "Demo programme")
    )
    [line] = [mark for mark in marks if isinstance(mark, Block)]
    assert caption.x + caption.width < line.x
    assert line.x + line.width < programme.x
    assert line.width >= 20 / 25.4 * 300
    assert caption.baseline == programme.baseline == line.y
