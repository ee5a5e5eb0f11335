"""The PNG of a label is the picture that is printed, dot by dot."""

from io import BytesIO

import numpy as np
import pytest
import zxingcpp
from PIL import Image

from labels import LabelError, png, roll_pdf


@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_a_label_is_its_pdf_dot_by_dot(kit_job, pages, dpi):
    picture = Image.open(BytesIO(png(kit_job[0], dpi=dpi)))
    assert picture.mode == "L"
    assert round(picture.info["dpi"][0]) == dpi
    [page] = pages(roll_pdf(kit_job[:1], dpi=dpi), dpi)
    assert np.array_equal(np.asarray(picture), page)
    assert {code.text for code in zxingcpp.read_barcodes(picture)} == {kit_job[0].id}


def test_a_stock_is_its_size(kit_job, stocks):
    assert Image.open(BytesIO(png(kit_job[1], stock=stocks["roll-25x50"]))).size == (300, 600)


def test_what_cannot_print_is_refused(kit_job, stocks):
    with pytest.raises(LabelError, match="choose a larger stock"):
        png(kit_job[0], stock=stocks["dot-9"])
