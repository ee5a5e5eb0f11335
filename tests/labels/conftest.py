"""Labels as a scanner sees them: PDFs rasterised dot by dot, and read."""

from collections import Counter
from pathlib import Path

import numpy as np
import pypdfium2
import pytest
import zxingcpp

from labels import Label, load_stocks

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def stocks():
    return load_stocks(ROOT / "config" / "stocks.toml")


def _pages(pdf: bytes, dpi: int) -> list[np.ndarray]:
    """Every page in grey, one pixel a printer dot."""
    return [page.render(scale=dpi / 72, grayscale=True).to_numpy() for page in pypdfium2.PdfDocument(pdf)]


def _read(page: np.ndarray) -> list[zxingcpp.Barcode]:
    return zxingcpp.read_barcodes(page, formats=zxingcpp.BarcodeFormat.Code128)


@pytest.fixture
def pages():
    return _pages


@pytest.fixture
def read():
    return _read


@pytest.fixture
def scanned():
    return lambda pdf, dpi: Counter(code.text for page in _pages(pdf, dpi) for code in _read(page))


KIT = "K552018374609"
TUBES = (
    ("T483134562451", "8 mL SST", "Red and gray", "1SS08", 1),
    ("T483134562548", "1st 4.5 mL PST", "Light Green", "PS04A", 1),
    ("T000000000097", "10 mL EDTA", "Lavender", "1ED10", 1),
    ("T483134562742", "Urine 10 mL", "Yellow", "1UR10", 2),
)


@pytest.fixture
def kit_job():
    """A kit as it is printed: its box, then its tubes in draw order, the urine one twice."""
    box = Label(
        KIT,
        "kit_box",
        ("Adult blood and urine", "adult-3.2", "Lot L24-118", "Use by 2027-05-31", "Site PHX-02"),
    )
    tubes = [
        Label(tube, "tube", (specimen, additive, code, "K 5520 1837 46-09", "Demo programme"))
        for tube, specimen, additive, code, copies in TUBES
        for _ in range(copies)
    ]
    return [box, *tubes]


@pytest.fixture
def one_of_each(kit_job):
    """Every template that bears a Code 128, with the longest texts that are in use."""
    return [
        kit_job[0],
        kit_job[1],
        Label(
            "S483134562451",
            "aliquot",
            ("Plasma, lithium heparin", "0.5 mL", "2026-11-21", "T 4831 3456 24-51"),
        ),
        Label("R100000000033", "storage_unit", ("Quarantine rack 12", "Biobank, Room B-117", "−80 °C ± 10")),
        Label(
            "B100000000017", "storage_box", ("Box 2026-0417", "Freezer 3, rack B, shelf 2", "9 × 9, −80 °C")
        ),
        Label(
            "H100000000063", "waste_bag", ("Waste bag 2026-11-21 / 3", "Opened 2026-11-21 14:30", "Biobank")
        ),
        Label(
            "X100000000015",
            "parcel",
            ("Clinic PHX-02", "Biobank, dock 3", "1 kit, 10 tubes", "Exempt human specimens"),
        ),
        Label(
            "D100000000025", "found_item", ("Tube without a label", "Found 2026-11-21", "Freezer 3, rack B")
        ),
        Label("T483134562645", "narrow_tube", ("1st 4.5 mL PST", "PS04A")),
    ]
