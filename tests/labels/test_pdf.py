"""PDF: what a scanner reads from the printed sheet is what was asked for, in number and in place."""

import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from io import BytesIO

import numpy as np
import pypdfium2
import pytest
import zxingcpp
from PIL import Image

from labels import TEMPLATES, Label, LabelError, code128, roll_pdf, sheet_pdf
from labels.model import DOTS_PER_MODULE

RESOLUTIONS = (203, 300, 600)


def asked(labels):
    return Counter(label.id for label in labels)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("name", ["avery-5160", "avery-5163"])
def test_every_template_scans_from_a_sheet(one_of_each, stocks, scanned, name, dpi):
    assert {label.template for label in one_of_each} == set(TEMPLATES) - {"cryovial", "cap_dot"}
    assert scanned(sheet_pdf(one_of_each, stocks[name], dpi=dpi), dpi) == asked(one_of_each)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_every_template_scans_from_a_roll_of_its_own_size(one_of_each, scanned, dpi):
    pdf = roll_pdf(one_of_each, dpi=dpi)
    assert len(pypdfium2.PdfDocument(pdf)) == len(one_of_each)
    assert scanned(pdf, dpi) == asked(one_of_each)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
@pytest.mark.parametrize("name", ["roll-50x25", "roll-101x50", "roll-101x152"])
def test_every_template_scans_from_any_roll(one_of_each, stocks, scanned, name, dpi):
    assert scanned(roll_pdf(one_of_each, stock=stocks[name], dpi=dpi), dpi) == asked(one_of_each)


def test_a_kit_is_one_job_in_order_with_its_number_of_labels(kit_job, stocks, read, pages):
    [page] = pages(sheet_pdf(kit_job, stocks["avery-5160"]), 300)
    by_place = sorted(
        read(page), key=lambda code: (code.position.top_left.y // 200, code.position.top_left.x)
    )
    assert [code.text for code in by_place] == [label.id for label in kit_job]
    assert asked(kit_job)["T483134562742"] == 2


@pytest.mark.parametrize("start", [1, 2, 4, 17, 30])
def test_a_part_used_sheet_begins_at_its_first_free_label(stocks, pages, read, start):
    stock = stocks["avery-5160"]
    labels = [Label(f"T{10**11 + number:012d}", "tube", ("4 mL EDTA",)) for number in range(31)]
    sheets = [read(page) for page in pages(sheet_pdf(labels, stock, start=start), 300)]
    assert [len(sheet) for sheet in sheets] == [31 - start, start]
    first = next(code for code in sheets[0] if code.text == labels[0].id)
    row, column = divmod(start - 1, 3)
    cell_left, cell_top = (4.7625 + column * 69.85) / 25.4 * 300, (12.7 + row * 25.4) / 25.4 * 300
    assert (
        cell_left < first.position.top_left.x < first.position.top_right.x < cell_left + 66.675 / 25.4 * 300
    )
    assert cell_top < first.position.top_left.y < first.position.bottom_left.y < cell_top + 300


@pytest.mark.parametrize("start", [0, 31, -1])
def test_a_start_beyond_the_sheet_is_refused(stocks, kit_job, start):
    with pytest.raises(LabelError, match=f"labels 1 to 30; it cannot start at {start}"):
        sheet_pdf(kit_job, stocks["avery-5160"], start=start)


def bar_widths(page, code):
    """Runs of black and white along the middle of the symbol, and whether any dot is grey."""
    middle = (code.position.top_left.y + code.position.bottom_left.y) // 2
    line = page[middle, code.position.top_left.x - 4 : code.position.top_right.x + 5]
    dark = line < 128
    changes = np.flatnonzero(np.diff(dark))
    grey = np.count_nonzero((line > 8) & (line < 247))
    return np.diff(changes), grey


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_every_bar_is_a_whole_number_of_dots(one_of_each, stocks, pages, read, dpi):
    for pdf in (sheet_pdf(one_of_each, stocks["avery-5160"], dpi=dpi), roll_pdf(one_of_each, dpi=dpi)):
        for page in pages(pdf, dpi):
            for code in read(page):
                widths, grey = bar_widths(page, code)
                modules = len(code128.bits(code.text))
                assert sum(widths) % modules == 0
                module = sum(widths) // modules
                assert module % DOTS_PER_MODULE[dpi] == 0
                assert not (widths % module).any()
                assert grey == 0


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_pages_are_whole_dots(kit_job, stocks, pages, dpi):
    [sheet] = pages(sheet_pdf(kit_job, stocks["avery-5160"], dpi=dpi), dpi)
    assert sheet.shape == (round(11 * dpi), round(8.5 * dpi))
    assert pages(roll_pdf(kit_job[1:2], dpi=dpi), dpi)[0].shape == (dpi, 2 * dpi)


@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_nothing_is_printed_outside_the_labels(one_of_each, stocks, pages, dpi):
    stock = stocks["avery-5160"]
    [page] = pages(sheet_pdf(one_of_each, stock, start=1, dpi=dpi), dpi)
    for index in range(30):
        row, column = divmod(index, 3)
        left, top = (round(mm * dpi / 25.4) for mm in (4.7625 + 69.85 * column, 12.7 + 25.4 * row))
        edge = round(dpi / 25.4)
        inside = page[top + edge : top + dpi - edge, left + edge : left + round(66.675 * dpi / 25.4) - edge]
        assert (inside.min() < 128) == (index < len(one_of_each))
        inside[:] = 255
    assert page.min() == 255


@pytest.mark.skipif(
    not shutil.which("pdftoppm"), reason="pdftoppm is missing: poppler's reading is not compared"
)
@pytest.mark.parametrize("dpi", RESOLUTIONS)
def test_poppler_rasterises_the_same_codes(one_of_each, stocks, dpi):
    pdf = sheet_pdf(one_of_each, stocks["avery-5160"], dpi=dpi)
    command = ["pdftoppm", "-r", str(dpi), "-png", "-singlefile", "-"]
    png = subprocess.run(command, input=pdf, capture_output=True, check=True).stdout
    codes = zxingcpp.read_barcodes(Image.open(BytesIO(png)), formats=zxingcpp.BarcodeFormat.Code128)
    assert Counter(code.text for code in codes) == asked(one_of_each)


def test_a_person_can_read_every_line(one_of_each):
    document = pypdfium2.PdfDocument(roll_pdf(one_of_each))
    for label, page in zip(one_of_each, document, strict=True):
        text = page.get_textpage().get_text_range()
        assert all(line in text for line in label.lines)
        identifier = label.id
        assert (
            f"{identifier[0]} {identifier[1:5]} {identifier[5:9]} {identifier[9:11]}-{identifier[11:]}"
            in text
        )


def test_the_same_labels_give_the_same_bytes(kit_job, stocks):
    assert sheet_pdf(kit_job, stocks["avery-5160"]) == sheet_pdf(kit_job, stocks["avery-5160"])
    assert sheet_pdf(kit_job, stocks["avery-5160"]) != sheet_pdf(kit_job[::-1], stocks["avery-5160"])


def test_the_typefaces_are_embedded(kit_job):
    pdf = roll_pdf(kit_job)
    assert pdf.count(b"/FontFile2") == 4
    assert b"/PrintScaling /None" in pdf


@pytest.mark.parametrize("dpi", [0, 72, 301])
def test_an_unknown_resolution_is_refused(kit_job, stocks, dpi):
    with pytest.raises(LabelError, match=f"{dpi} dpi"):
        sheet_pdf(kit_job, stocks["avery-5160"], dpi=dpi)


def test_no_labels_are_refused(stocks):
    with pytest.raises(LabelError, match="no label to print"):
        sheet_pdf([], stocks["avery-5160"])
    with pytest.raises(LabelError, match="no label to print"):
        roll_pdf([])


def test_a_stock_too_small_for_the_template_is_refused(kit_job, stocks):
    narrow = replace(stocks["roll-50x25"], label_height_mm=12.7)
    with pytest.raises(LabelError, match=r"needs 50.8 x 25.4 mm, and this stock has 50.8 x 12.7 mm"):
        roll_pdf(kit_job, stock=narrow)


def test_a_code_whose_bars_are_too_long_is_refused(stocks):
    with pytest.raises(LabelError, match="bars of “MANUFACTURER-KIT-0001” are too long"):
        sheet_pdf([Label("MANUFACTURER-KIT-0001", "tube")], stocks["roll-50x25"])


def test_bars_that_would_fit_only_without_their_quiet_zones_are_refused(stocks):
    assert len(code128.bits("MANUFACTUREKIT")) * DOTS_PER_MODULE[300] < 600
    with pytest.raises(LabelError, match="too long"):
        sheet_pdf([Label("MANUFACTUREKIT", "tube")], stocks["roll-50x25"])


def test_bars_are_twice_as_wide_where_there_is_room(kit_job, pages, read):
    spans = []
    for page in pages(roll_pdf(kit_job[:2]), 300):
        [code] = read(page)
        spans.append(sum(bar_widths(page, code)[0]))
    assert spans == [123 * 6, 123 * 3]


def test_white_words_stand_on_black(one_of_each, pages):
    waste = [label for label in one_of_each if label.template == "waste_bag"]
    [page] = pages(roll_pdf(waste), 300)
    band = page[40:130, 60:1140]
    assert 0.5 < (band < 128).mean() < 0.97


def test_a_manufacturers_code_prints_as_it_is(stocks, scanned):
    pdf = sheet_pdf([Label("KIT-12345678", "tube", ("4 mL EDTA",))], stocks["avery-5160"])
    assert scanned(pdf, 300) == {"KIT-12345678": 1}
    assert "KIT-12345678" in pypdfium2.PdfDocument(pdf)[0].get_textpage().get_text_range()
