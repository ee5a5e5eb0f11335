"""A printer's correction moves every label by whole dots, and is refused where it would leave the page."""

import numpy as np
import pytest

from labels import Correction, Label, LabelError, ProofFailed, prove_pdf, roll_pdf, sheet_pdf
from labels.cells import cells_from, roll_cell, sheet_cells

NONE = Correction()
TUBE = Label("T483134562451", "tube", ("4 mL EDTA",))


def test_the_cells_of_a_sheet_are_where_the_stock_has_them(stocks):
    cells = sheet_cells(stocks["avery-5160"], NONE, 300)
    assert [(cell.left, cell.top, cell.width, cell.height) for cell in (cells[0], cells[1], cells[29])] == [
        (56, 150, 788, 300),
        (881, 150, 788, 300),
        (1706, 2850, 788, 300),
    ]


def test_labels_go_on_on_the_next_sheet(stocks):
    cells = list(cells_from(stocks["avery-5160"], 30, 3, NONE, 300))
    assert [(cell.page, cell.left, cell.top) for cell in cells] == [
        (0, 1706, 2850),
        (1, 56, 150),
        (1, 881, 150),
    ]


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_every_dot_moves_by_the_correction(stocks, pages, dpi):
    stock, labels = stocks["avery-5160"], [TUBE] * 30
    correction = Correction(1.4, -2.2, pitch_x_mm=0.31, pitch_y_mm=-0.12)
    [plain], [moved] = (
        pages(sheet_pdf(labels, stock, dpi=dpi, correction=which), dpi) for which in (NONE, correction)
    )
    for before, after in zip(sheet_cells(stock, NONE, dpi), sheet_cells(stock, correction, dpi), strict=True):
        picture = plain[before.top : before.top + before.height, before.left : before.left + before.width]
        row, column = (
            (before.top - 12.7 / 25.4 * dpi) / dpi,
            (before.left - 4.7625 / 25.4 * dpi) / dpi * 25.4 / 69.85,
        )
        assert abs(after.left - before.left - (1.4 + 0.31 * round(column)) / 25.4 * dpi) <= 1
        assert abs(after.top - before.top - (-2.2 - 0.12 * round(row)) / 25.4 * dpi) <= 1
        found = moved[after.top : after.top + after.height, after.left : after.left + after.width]
        # Bars are proved below; the soft edges of letters and a thin line may come out differently.
        assert (np.abs(found.astype(int) - picture) > 16).mean() < 0.01
    prove_pdf(
        sheet_pdf(labels, stock, dpi=dpi, correction=correction),
        labels,
        stock,
        dpi=dpi,
        correction=correction,
    )


@pytest.mark.parametrize(
    ("correction", "what"),
    [
        (Correction(x_mm=-5), "off the page"),
        (Correction(x_mm=5), "off the page"),
        (Correction(y_mm=13), "off the page"),
        (Correction(y_mm=-12.8), "off the page"),
        (Correction(pitch_x_mm=2.5), "off the page"),
        (Correction(pitch_y_mm=1.5), "off the page"),
        (Correction(pitch_x_mm=-4.2), "over each other"),
        (Correction(pitch_y_mm=-1.1), "over each other"),
    ],
)
def test_a_correction_that_cannot_be_is_refused(stocks, correction, what):
    with pytest.raises(LabelError, match=f"correction pushes labels of Avery 5160.* {what}; measure again"):
        sheet_pdf([TUBE], stocks["avery-5160"], correction=correction)


def test_a_roll_is_shifted_as_far_as_its_ink_stays_on_it(stocks, pages):
    [plain], [moved] = (
        pages(roll_pdf([TUBE], stock=stocks["roll-50x25"], correction=which), 300)
        for which in (NONE, Correction(x_mm=-1, y_mm=0.8))
    )
    assert (moved[9:, :-12] == plain[:-9, 12:]).mean() > 0.999
    for correction in (Correction(x_mm=-2), Correction(x_mm=2), Correction(y_mm=-2), Correction(y_mm=2.5)):
        with pytest.raises(LabelError, match="pushes the ink of a tube label off Roll of 50.8"):
            roll_pdf([TUBE], stock=stocks["roll-50x25"], correction=correction)


def test_the_ink_of_a_turned_label_stays_on_it_too(stocks):
    roll = stocks["roll-25x50"]
    correction = Correction(x_mm=0.5, y_mm=-0.5)
    prove_pdf(roll_pdf([TUBE], stock=roll, correction=correction), [TUBE], roll, correction=correction)
    with pytest.raises(LabelError, match="pushes the ink"):
        roll_pdf([TUBE], stock=roll, correction=Correction(y_mm=3))


def test_a_roll_has_no_pitch(stocks):
    with pytest.raises(LabelError, match="one label a page and no pitch to correct"):
        roll_pdf([TUBE], correction=Correction(pitch_y_mm=0.1))
    assert roll_cell(stocks["roll-50x25"], 7, NONE, 300).page == 7


def test_a_job_printed_without_its_correction_is_not_proved(stocks):
    stock, correction = stocks["avery-5160"], Correction(x_mm=4)
    with pytest.raises(ProofFailed):
        prove_pdf(sheet_pdf([TUBE], stock), [TUBE], stock, correction=correction)
