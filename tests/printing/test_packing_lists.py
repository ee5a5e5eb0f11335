"""The packing list as a PDF: its symbol is read back, every tube is on it, and nobody is."""

from base64 import b64decode
from datetime import datetime
from zoneinfo import ZoneInfo

import pypdfium2
import zxingcpp

from biobank.printing.packing_lists import PackedTube, PackingList, packing_list_pdf, symbol_svg

PARCEL = "X533465772289"
AT = datetime(2026, 11, 1, 1, 30, tzinfo=ZoneInfo("America/Chicago"))


def told(count):
    tubes = tuple(
        PackedTube(f"T{number:012}", "8 mL SST", "Red", "K056769602857", AT) for number in range(count)
    )
    return PackingList(
        programme="Research & programme", parcel=PARCEL, sender="Clinic <Lakeside>", receiver="Central biobank", carrier="FedEx",
        tracking_number="794612345678", seal="S-1", logger=None, dry_ice_grams=2500, made_at=AT, dispatched_at=None, tubes=tubes,
    )  # fmt: skip


def test_whoever_opens_the_parcel_can_scan_its_list_and_finds_every_tube():
    document = pypdfium2.PdfDocument(packing_list_pdf(told(60)))
    assert len(document) > 1
    texts = [page.get_textpage().get_text_range() for page in document]
    text = " ".join(texts)
    assert all(f"T {number // 10**8:04}" in text for number in range(60))
    assert text.count("8 mL SST") == 60
    for words in ("Clinic <Lakeside>", "Research & programme", "794612345678", "S-1", "2.5 kg", "UN 3373"):
        assert words in text
    assert "Temperature logger" not in text
    assert all(PARCEL[1:5] in page for page in texts)
    symbols = zxingcpp.read_barcodes(document[0].render(scale=200 / 72).to_pil())
    assert [(symbol.text, symbol.format) for symbol in symbols] == [(PARCEL, zxingcpp.BarcodeFormat.Code128)]


def test_the_symbol_on_the_page_is_whole_modules_wide():
    svg = b64decode(symbol_svg(PARCEL).partition(",")[2]).decode()
    assert svg.startswith('<svg xmlns="http://www.w3.org/2000/svg" width="')
    width = int(svg.partition('width="')[2].partition('"')[0])
    assert f'viewBox="0 0 {width // 2} 40"' in svg
