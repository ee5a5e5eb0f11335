"""The calibration page: outlines where the labels will be, rulers that are as long as they say, and the words."""

import numpy as np
import pypdfium2
import pytest

from labels import Correction, LabelError, calibration_pdf, calibration_steps
from labels.cells import sheet_cells

SHEETS = ("avery-5160", "avery-5163", "avery-5167", "avery-l7651", "avery-l4731")


def texts(pdf):
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("correction", [Correction(), Correction(1, 0.5, 0.1, -0.05)])
@pytest.mark.parametrize("name", SHEETS)
def test_every_label_is_outlined_with_its_number_and_a_cross(stocks, pages, name, correction):
    stock = stocks[name]
    pdf = calibration_pdf(stock, correction=correction)
    grid, _ = pages(pdf, 300)
    dark = grid < 128
    for cell in sheet_cells(stock, correction, 300):
        right, bottom = cell.left + cell.width, cell.top + cell.height
        assert dark[cell.top + 1, cell.left + 2 : right - 2].all()
        assert dark[bottom - 2, cell.left + 2 : right - 2].all()
        assert dark[cell.top + 2 : bottom - 2, cell.left + 1].all()
        assert dark[cell.top + 2 : bottom - 2, right - 2].all()
        middle_y, middle_x = cell.top + cell.height // 2, cell.left + cell.width // 2
        assert dark[middle_y + 1, middle_x - 20 : middle_x + 20].all()
        assert dark[middle_y - 20 : middle_y + 20, middle_x + 1].all()
    assert {str(number) for number in range(1, stock.labels_a_page + 1)} <= set(texts(pdf)[0].split())


def starts(line):
    """Where each run of dark dots begins."""
    dark = line < 128
    return np.flatnonzero(dark & ~np.roll(dark, 1))


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_both_rulers_are_50_mm_with_a_tick_a_millimetre(stocks, pages, dpi):
    _, page = pages(calibration_pdf(stocks["avery-5160"], dpi=dpi), dpi)
    millimetre = dpi / 25.4
    left = round(15 * millimetre)
    # The corner: the first row below the words that is dark for 50 mm from the margin on.
    [top, *_] = [
        row
        for row in range(round(60 * millimetre), page.shape[0] - 1)
        if (page[row, left : left + round(49 * millimetre)] < 128).all()
    ]
    across = starts(page[top + round(1.6 * millimetre), left - 2 : left + round(51 * millimetre)]) - 2
    down = starts(page[top - 2 : top + round(51 * millimetre), left + round(1.6 * millimetre)]) - 2
    for ticks in (across, down):
        assert len(ticks) == 51
        assert np.abs(ticks - np.arange(51) * millimetre).max() <= 1.5
    assert abs(across[-1] - 50 * millimetre) <= 1
    assert abs(down[-1] - 50 * millimetre) <= 1


def test_the_words_say_which_figure_to_enter(stocks):
    pdf = calibration_pdf(stocks["avery-5160"], correction=Correction(0.5, -0.25, 0.1))
    words = " ".join(texts(pdf)[1].split())
    for step in calibration_steps(stocks["avery-5160"], Correction(0.5, -0.25, 0.1)):
        assert step in words
    assert "label 3 has yet to move right, divided by 2." in words
    assert "label 30 has yet to move down, divided by 9." in words
    assert "x_mm = 0.5, y_mm = -0.25, pitch_x_mm = 0.1, pitch_y_mm = 0." in words


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize(
    "name", ["roll-50x25", "roll-25x50", "roll-101x152", "roll-44x12", "dot-9", "dot-12"]
)
def test_a_roll_has_its_label_alone(stocks, pages, name, dpi):
    stock = stocks[name]
    [page] = pages(calibration_pdf(stock, dpi=dpi), dpi)
    edge = round(dpi / 25.4)
    middle = tuple(round(size / 2 / 25.4 * dpi) + 1 for size in (stock.label_height_mm, stock.label_width_mm))
    assert page[middle] < 128
    assert (page[: edge - 2] == 255).all()
    assert (page[edge + 1, edge + 2 : -edge - 2] < 128).all() == (not stock.round)


def test_a_rolls_words_have_no_pitch(stocks):
    assert not any("pitch" in step for step in calibration_steps(stocks["roll-50x25"]))


def test_a_correction_that_cannot_be_is_refused(stocks):
    with pytest.raises(LabelError, match="off the page"):
        calibration_pdf(stocks["avery-5160"], correction=Correction(x_mm=9))
    with pytest.raises(LabelError, match="pushes the outline off Roll of 50.8"):
        calibration_pdf(stocks["roll-50x25"], correction=Correction(y_mm=-1.1))
    with pytest.raises(LabelError, match="no pitch to correct"):
        calibration_pdf(stocks["roll-50x25"], correction=Correction(pitch_x_mm=1))


def test_a_roll_is_shifted(stocks, pages):
    [page] = pages(calibration_pdf(stocks["roll-50x25"], correction=Correction(0.5, 0.5)), 300)
    assert page[13:, :].min() < 128
    assert (page[:17, :] == 255).all()
