"""Text on labels: it shrinks, is refused before it overflows or prints wrongly, and keeps every character."""

from itertools import combinations

import pypdfium2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import TEMPLATES, Label, LabelError, Symbology, code128, fonts, readable, roll_pdf, template_named
from labels.layout import ink
from labels.model import Align, Beside, Block, Row, Symbol, Words

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


VERSIONS = [
    (name, version) for name in sorted(TEMPLATES) for version in range(1, TEMPLATES[name].version + 1)
]

NAMES = st.text(st.characters(min_codepoint=0x20, max_codepoint=0x17F), max_size=30)


def sizes_of(name, version):
    """Each layout's own size, the same upright, and all the usual ones that are large enough."""
    own = [(layout.width_mm, layout.height_mm) for layout in template_named(name, version).layouts]
    fitting = [size for size in SIZES if any(size[0] >= wide and size[1] >= high for wide, high in own)]
    if name == "cap_dot":
        return [*own, (19.0, 19.0)]
    return [*own, *((high, wide) for wide, high in own), *fitting]


def extent(mark):
    """Left, top, right and bottom of what a mark blackens; of a text, to the head of its capitals."""
    if not isinstance(mark, Words):
        return mark.x, mark.y, mark.x + mark.width, mark.y + mark.height
    width = fonts.width_in_ems(mark.text, mark.font) * mark.size
    head = mark.size * fonts.CAP_HEIGHT
    if mark.turned:
        return mark.x, mark.baseline, mark.x + head, mark.baseline + width
    return mark.x, mark.baseline - head, mark.x + width, mark.baseline


def apart(one, other):
    return one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1]


@given(st.data(), st.sampled_from(VERSIONS), st.sampled_from((203, 300, 600)))
def test_text_never_overflows_nor_overlaps(data, versioned, dpi):
    template = template_named(*versioned)
    lines = tuple(data.draw(NAMES) for _ in template.lines)
    width, height = data.draw(st.sampled_from(sizes_of(*versioned)))
    try:
        marks = ink(Label("T483134562451", versioned[0], lines, versioned[1]), width, height, dpi)
    except LabelError:
        return
    inked = [(mark, extent(mark)) for mark in marks if not (isinstance(mark, Words) and mark.white)]
    for _, (left, top, right, bottom) in inked:
        assert left >= 0
        assert top >= 0
        assert right <= round(width * dpi / 25.4)
        assert bottom <= round(height * dpi / 25.4)
    for (one, here), (other, there) in combinations(inked, 2):
        frame = isinstance(one, Block) and isinstance(other, Block)
        assert frame or apart(here, there), (one, other)


@pytest.mark.parametrize(("name", "version"), VERSIONS)
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_the_quiet_zones_are_blank(name, version, dpi):
    lines = ("Ag",) * len(template_named(name, version).lines)
    for width, height in sizes_of(name, version):
        marks = ink(Label("T483134562451", name, lines, version), width, height, dpi)
        edges = (0, 0, round(width * dpi / 25.4), round(height * dpi / 25.4))
        symbols = [mark for mark in marks if isinstance(mark, Symbol)]
        assert symbols
        for symbol in symbols:
            left, top, right, bottom = zone = quiet(symbol)
            if name != "cap_dot":
                assert edges[0] <= left < right <= edges[2]
                assert edges[1] <= top < bottom <= edges[3]
            assert all(apart(zone, extent(mark)) for mark in marks if mark is not symbol)


def quiet(symbol):
    """Ten modules before and after bars; one module, as the standard asks, around a Data Matrix."""
    x, y, right, bottom = extent(symbol)
    if symbol.symbology is Symbology.DATA_MATRIX:
        along = across = symbol.module
    else:
        along, across = code128.QUIET_MODULES * symbol.module, 0
    if symbol.turned:
        along, across = across, along
    return x - along, y - across, right + along, bottom + across


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_bars_are_high_enough(name, version):
    for size in sizes_of(name, version):
        for mark in ink(Label("T483134562451", name, (), version), *size, 300):
            if isinstance(mark, Symbol) and mark.symbology is Symbology.CODE_128:
                assert min(mark.width, mark.height) >= 5 / 25.4 * 300


def rows(parts):
    for part in parts:
        if isinstance(part, Beside):
            yield from rows((*part.left, *part.right))
        elif isinstance(part, Row):
            yield part


@pytest.mark.parametrize(
    "layout", [layout for versions in VERSIONS for layout in template_named(*versions).layouts]
)
def test_rows_are_as_high_as_their_type(layout):
    for row in rows(layout.parts):
        assert all(cell.points * 25.4 / 72 <= row.height_mm for cell in row.cells)
        assert not row.folds or len(row.cells) == 1


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


@pytest.mark.parametrize(("name", "version"), VERSIONS)
def test_the_code_stands_below_its_bars_with_a_marked_zero(name, version):
    for size in sizes_of(name, version):
        marks = ink(Label("T000000000097", name, (), version), *size, 300)
        code = [mark for mark in marks if isinstance(mark, Words) and set("000097") <= set(mark.text)]
        assert {mark.font for mark in code} == {fonts.MONO_BOLD}
        for symbol in (mark for mark in marks if isinstance(mark, Symbol)):
            if symbol.symbology is Symbology.CODE_128:
                [identifier] = code
                assert identifier.text == "T 0000 0000 00-97"
                assert identifier.align is Align.CENTRE
                assert (identifier.x if symbol.turned else symbol.y) < (
                    symbol.x if symbol.turned else identifier.baseline
                )


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
