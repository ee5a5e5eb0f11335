"""The templates: every size and version that there is, and what a person can read on them."""

import math
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from labels import TEMPLATES, Label, LabelError, Symbology, layouts_fit, readable, symbols_of, template_named
from labels.fonts import CAP_HEIGHT
from labels.layout import ink, texts_by_name
from labels.model import Block, Symbol, Words
from labels.spelling import in_lines
from labels.stocks import roll
from tests.labels.examples import LONGEST

KITS = Path(__file__).parents[2] / "config" / "kits"

CODE, SQUARE = Symbology.CODE_128, Symbology.DATA_MATRIX

SIZES = {
    "kit_box": ([(101.6, 50.8), (50.8, 25.4)], {CODE, SQUARE}),
    "tube": ([(50.8, 25.4)], {CODE, SQUARE}),
    "narrow_tube": ([(44.45, 12.7)], {CODE}),
    "cryovial": ([(32.5, 12.7), (25.4, 12.7), (25.4, 10)], {SQUARE}),
    "cap_dot": ([(12.7, 12.7), (9.5, 9.5)], {SQUARE}),
    "aliquot": ([(50.8, 25.4)], {CODE}),
    "storage_box": ([(50.8, 25.4)], {CODE, SQUARE}),
    "storage_unit": ([(101.6, 50.8), (50.8, 25.4)], {CODE}),
    "waste_bag": ([(101.6, 50.8), (50.8, 25.4)], {CODE}),
    "found_item": ([(101.6, 50.8), (50.8, 25.4)], {CODE}),
    "parcel": ([(101.6, 152.4), (50.8, 25.4)], {CODE}),
}
RESOLUTIONS = (203, 300, 600)

TWO_METRES_MM = 2.9
"""A capital that is five minutes of arc high at two metres, which full sight just resolves."""


def named(template, **lines):
    return Label("T483134562451", template, tuple(lines.get(line, "") for line in TEMPLATES[template].lines))


def words_of(label, width, height, dpi=300):
    return [mark for mark in ink(label, width, height, dpi) if isinstance(mark, Words)]


def test_the_table_is_complete():
    assert set(SIZES) == set(TEMPLATES)


@pytest.mark.parametrize("template", SIZES)
@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_each_size_bears_its_symbols_and_the_longest_texts(template, dpi):
    sizes, symbologies = SIZES[template]
    lines = tuple(LONGEST.get(line, line) for line in TEMPLATES[template].lines)
    for width, height in sizes:
        for stock in (roll("lying", "Lying", width, height), roll("upright", "Upright", height, width)):
            found = symbols_of(Label("T483134562451", template, lines), stock, dpi)
            assert {symbology for symbology, _ in found} == symbologies
            assert {text for _, text in found} == {"T483134562451"}
            assert layouts_fit(template, stock)


@pytest.mark.parametrize("template", SIZES)
def test_a_stock_that_is_a_little_smaller_is_refused(template):
    width, height = SIZES[template][0][-1]
    stock = roll("small", "Small", width - 0.2, height - 0.2)
    assert not layouts_fit(template, stock)
    with pytest.raises(LabelError, match=rf"A {template} label needs .*{width:g} x {height:g} mm"):
        symbols_of(Label("T483134562451", template), stock, 300)


def test_only_what_is_drawn_round_fits_a_round_stock():
    cap = replace(roll("cap", "Cap", 25.4, 25.4), round=True)
    assert [template for template in TEMPLATES if layouts_fit(template, cap)] == ["cap_dot"]
    assert not layouts_fit("cap_dot", roll("wide", "Wide", 50.8, 25.4))
    with pytest.raises(
        LabelError, match="needs round, 9.5 x 9.5 mm, and this stock has 50.8 x 25.4 mm; choose another"
    ):
        ink(Label("T483134562451", "cap_dot"), 50.8, 25.4, 300)


def test_an_unknown_template_fits_nowhere_but_is_named():
    with pytest.raises(LabelError, match="no label template “jar”; choose one of kit_box, tube"):
        layouts_fit("jar", roll("any", "Any", 100, 100))


@pytest.mark.parametrize("template", TEMPLATES)
def test_every_version_can_be_had_and_no_other(template):
    newest = TEMPLATES[template].version
    assert template_named(template) is TEMPLATES[template] is template_named(template, newest)
    for version in range(1, newest + 1):
        assert (template_named(template, version).name, template_named(template, version).version) == (
            template,
            version,
        )
    for version in (0, newest + 1):
        with pytest.raises(LabelError, match=f"“{template}” has versions 1 to {newest}, and no {version}"):
            template_named(template, version)


@pytest.mark.parametrize("template", TEMPLATES)
def test_a_newer_version_takes_the_lines_of_the_older_ones(template):
    for version in range(1, TEMPLATES[template].version + 1):
        lines = template_named(template, version).lines
        assert TEMPLATES[template].lines[: len(lines)] == lines


@pytest.mark.parametrize("name", ["storage_unit", "storage_box", "waste_bag", "found_item"])
@pytest.mark.parametrize(
    "text", ["Freezer 3", "Quarantine rack 12", "Waste 2026-11-21 / 3", "Shelf A-02 left"]
)
@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_names_can_be_read_at_two_metres(name, text, dpi):
    for size in SIZES[name][0]:
        shown = [
            mark
            for mark in words_of(named(name, name=text, title=text), *size, dpi)
            if mark.pattern in {"{name}", "{title}"}
        ]
        assert " ".join(mark.text for mark in shown) == text
        assert min(mark.size for mark in shown) * CAP_HEIGHT / dpi * 25.4 >= TWO_METRES_MM


def test_a_name_stays_on_one_line_where_it_is_as_large():
    texts = [mark.text for mark in words_of(named("storage_unit", name="Rack 12"), 101.6, 50.8)]
    assert texts[0] == "Rack 12"


def test_a_name_breaks_where_the_lines_are_alike():
    first, second, *_ = words_of(named("waste_bag", title="Tubes of order N 40-31"), 50.8, 25.4)[1:]
    assert (first.text, second.text) == ("Tubes of", "order N 40-31")
    assert first.size == second.size
    assert first.baseline < second.baseline - second.size * CAP_HEIGHT


def test_a_name_too_long_for_two_lines_is_refused():
    with pytest.raises(LabelError, match="does not fit in a line of 48 mm at a size that can be read"):
        words_of(
            named("storage_unit", name="The rack at the very far end of the second cold room"), 50.8, 25.4
        )


def test_the_place_of_a_box_is_left_blank_when_it_has_none():
    assert [mark.text for mark in words_of(named("storage_box", name="Box 7"), 50.8, 25.4)] == [
        "Box 7",
        "T 4831 3456 24-51",
    ]


@pytest.mark.parametrize("size", SIZES["cryovial"][0])
def test_a_vial_shows_kind_code_and_date(size):
    vial = named("cryovial", kind="Plasma, lithium heparin", date="2026-11-21", amount="0.25 mL")
    texts = [mark.text for mark in words_of(vial, *size)]
    assert texts == ["Plasma,", "lithium heparin", "T 4831", "3456 24-51", "2026-11-21", "0.25 mL"]


@pytest.mark.parametrize(
    ("code", "count", "lines"),
    [
        ("T483134562451", 2, ["T 4831", "3456 24-51"]),
        ("T483134562451", 3, ["T 4831", "3456", "24-51"]),
        ("KIT-12345678", 2, ["KIT-12", "345678"]),
        ("KIT-1234567", 3, ["KIT-", "1234", "567"]),
    ],
)
def test_a_code_in_lines_loses_no_character(code, count, lines):
    assert in_lines(code, count) == lines
    assert "".join(lines).replace("-", "").replace(" ", "") == code.replace("-", "")
    names = {f"id_{number}_of_{count}": line for number, line in enumerate(lines, 1)}
    assert names.items() <= texts_by_name(Label(code, "cryovial")).items()


@pytest.mark.parametrize("diameter", [9.5, 12.7, 19.0])
@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("code", ["T483134562451", "KIT-12345678", "MWMWMWMWM-WWMW"])
def test_a_caps_ink_stays_in_its_circle(diameter, dpi, code):
    marks = ink(Label(code, "cap_dot"), diameter, diameter, dpi)
    middle = round(diameter * dpi / 25.4) / 2
    [symbol] = [mark for mark in marks if isinstance(mark, Symbol)]
    [end] = [mark for mark in marks if isinstance(mark, Words)]
    assert end.text == code[-6:]
    head = end.baseline - end.size * CAP_HEIGHT
    corners = [
        *((x, y) for x in (symbol.x, symbol.x + symbol.width) for y in (symbol.y, symbol.y + symbol.height)),
        *((x, y) for x in (end.x, end.x + end.width) for y in (head, end.baseline)),
    ]
    assert (
        max(math.dist(corner, (middle, middle)) for corner in corners) <= (diameter / 2 - 0.45) * dpi / 25.4
    )
    assert symbol.y + symbol.height < head


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_a_landscape_label_lies_down_on_upright_stock(dpi):
    label = named("tube", specimen="1st 4.5 mL PST", programme="Demo programme")
    lying, upright = ink(label, 50.8, 25.4, dpi), ink(label, 25.4, 50.8, dpi)
    width = round(25.4 * dpi / 25.4)
    for one, other in zip(lying, upright, strict=True):
        if isinstance(one, Words):
            assert other.turned
            assert (other.x, other.baseline) == (width - one.baseline, one.x)
        else:
            assert (other.x, other.y, other.width, other.height) == (
                width - one.y - one.height,
                one.x,
                one.height,
                one.width,
            )
            assert isinstance(other, Block) or other.turned


def test_an_upright_layout_is_preferred_to_a_turned_one():
    assert not any(mark.turned for mark in words_of(named("tube"), 50.8, 101.6))


def test_equal_texts_are_laid_out_once():
    first, second = (
        ink(Label(code, "tube", ("4 mL EDTA", "EDTA", "1ED04", "", "Demo")), 66.675, 25.4, 300)
        for code in ("T483134562451", "T000000000097")
    )
    new = [one for one, other in zip(first, second, strict=True) if one is not other]
    assert {mark.text for mark in new} == {"T483134562451", "T 4831 3456 24-51"}
    assert len(new) == 3


def tubes():
    for path in KITS.glob("*.toml"):
        kit = tomllib.loads(path.read_text())
        for tube in kit["tube"]:
            yield f"{kit['name']}-{kit['version']}", tube


@pytest.mark.parametrize("width", [50.8, 66.675])
def test_every_tube_of_every_kit_has_room_for_its_texts(width):
    for kit, tube in tubes():
        lines = (
            tube["label"],
            tube["additive"],
            tube["code"],
            "K 5520 1837 46-09",
            "Demo programme",
        )
        shown = {mark.text for mark in words_of(Label("T483134562451", "tube", lines), width, 25.4)}
        assert {*lines, "T 4831 3456 24-51", "Date/time"} == shown
        narrow = Label("T483134562451", "narrow_tube", (tube["label"], tube["code"]))
        assert len(words_of(narrow, 44.45, 12.7)) == 3
        box = Label(
            "K552018374609",
            "kit_box",
            (
                "Demo programme of the coast",
                f"{kit}, 12 tubes",
                "Lot L24-118",
                "Use by 2027-05-31",
                "Site PHX-02-NORTH",
            ),
        )
        for size in SIZES["kit_box"][0]:
            assert readable("K552018374609") in {mark.text for mark in words_of(box, *size)}
