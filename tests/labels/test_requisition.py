"""The requisition: every code scans and none beside it, every page says whose it is, and nobody is named."""

import tomllib
from dataclasses import replace
from itertools import combinations
from pathlib import Path

import pypdfium2
import pytest
from pypdf import PdfReader

from labels import LabelError, ProofFailed, Requisition, RequisitionTube, prove_requisition, requisition_pdf
from labels.model import Symbol
from labels.requisition import SIGNATURES_MM, _drawn, _pages

KITS = sorted((Path(__file__).parents[2] / "config" / "kits").glob("*.toml"))


def tubes(count):
    return tuple(
        RequisitionTube(number, f"T4831345{62400 + number:05d}", "4 mL EDTA", "Lavender", "EDTA", "1ED04")
        for number in range(1, count + 1)
    )


def requisition(count=9):
    return Requisition(
        "K552018374609",
        tubes(count),
        "Demo programme",
        "adult-4",
        "Site PHX-02",
        "Lot L24-118",
        "use by 2027-05-31",
    )


def text_of(pdf):
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("paper", ["a4", "letter"])
@pytest.mark.parametrize("path", KITS, ids=lambda path: path.stem)
def test_every_real_kit_fits_on_one_page_and_is_proved(path, paper):
    found = tomllib.loads(path.read_text())["tube"]
    kit = replace(
        requisition(0),
        tubes=tuple(
            RequisitionTube(
                tube["draw_order"],
                f"T4831345{62400 + tube['draw_order']:05d}",
                tube["label"],
                tube["colour"],
                tube["additive"],
                tube["code"],
                tube["labels"],
            )
            for tube in found
        ),
    )
    pdf = requisition_pdf(kit, paper=paper)
    prove_requisition(pdf, kit, paper=paper)
    [text] = text_of(pdf)
    for tube in found:
        assert f"{tube['draw_order']}. {tube['label']}" in text
        assert f"{tube['colour']}, {tube['additive']}, {tube['code']}" in text
    assert text.count("2 labels") == sum(tube["labels"] == 2 for tube in found)


@pytest.mark.parametrize(("paper", "width", "height"), [("a4", 210, 297), ("letter", 215.9, 279.4)])
@pytest.mark.parametrize("dpi", [203, 300, 600])
def test_symbols_are_25_mm_apart_and_pages_whole_dots(paper, width, height, dpi, pages):
    asked = requisition(30)
    pdf = requisition_pdf(asked, paper=paper, dpi=dpi)
    assert {page.shape for page in pages(pdf, dpi)} == {
        (round(height / 25.4 * dpi), round(width / 25.4 * dpi))
    }
    for page, part in zip(_drawn(asked, paper, dpi), _pages(asked, paper), strict=True):
        symbols = [mark for mark in page.marks if isinstance(mark, Symbol)]
        assert len(symbols) == len(part) + 1
        for one, other in combinations(symbols, 2):
            across = max(one.x, other.x) - min(one.x + one.width, other.x + other.width)
            down = max(one.y, other.y) - min(one.y + one.height, other.y + other.height)
            assert max(across, down) >= 25 / 25.4 * dpi


@pytest.mark.parametrize("count", [1, 9, 10, 11, 12, 13, 14, 22, 23, 24, 30])
@pytest.mark.parametrize("paper", ["a4", "letter"])
def test_each_page_has_the_kit_and_its_number_and_the_last_one_the_signatures(count, paper):
    asked = requisition(count)
    pdf = requisition_pdf(asked, paper=paper)
    texts = text_of(pdf)
    for number, text in enumerate(texts, 1):
        assert "Kit K 5520 1837 46-09" in text
        assert f"Page {number} of {len(texts)}" in text
        assert ("Labels confirmed with the participant by" in text) == (number == len(texts))
        assert ("Performed by" in text) == (number == len(texts))
    assert sum(text.count("T 4831 3456 2") for text in texts) == count
    assert [len(part) for part in _pages(asked, paper)][-1] >= 1
    prove_requisition(pdf, asked, paper=paper)


def test_the_rows_end_above_the_signatures():
    for paper, height in (("a4", 297), ("letter", 279.4)):
        for count in range(1, 31):
            *_, last = _pages(requisition(count), paper)
            assert 12 + 36 + len(last) * 16.8 <= height - 12 - 6 - SIGNATURES_MM


def test_nobody_is_named():
    [text] = text_of(requisition_pdf(requisition()))
    assert "do not write the participant's name on this page" in text
    assert text.count("participant") == 2
    assert "birth" not in text.lower()


def test_there_is_a_box_to_tick_and_a_line_to_write_on_in_every_row():
    [text] = text_of(requisition_pdf(requisition()))
    assert [text.count(words) for words in ("collected at", "short", "not collected, why")] == [9, 9, 9]
    assert "first tube at" in text
    assert "last tube at" in text


def test_typefaces_are_embedded_and_alone(tmp_path):
    path = tmp_path / "requisition.pdf"
    path.write_bytes(requisition_pdf(requisition()))
    fonts = [font for page in PdfReader(path).pages for font in page["/Resources"]["/Font"].values()]
    assert len(fonts) == 3
    assert all("/FontFile2" in font["/FontDescriptor"] for font in fonts)


def test_the_same_requisition_gives_the_same_bytes():
    assert requisition_pdf(requisition()) == requisition_pdf(requisition())


def test_another_kits_requisition_is_not_proved():
    pdf = requisition_pdf(requisition())
    with pytest.raises(
        ProofFailed, match="Page 1 lacks Code 128 K552018374706 and bears what was not asked for"
    ):
        prove_requisition(pdf, replace(requisition(), kit="K552018374706"))
    with pytest.raises(ProofFailed, match="has 1 pages and not 3"):
        prove_requisition(pdf, requisition(30))


def test_words_are_proved_and_the_paper():
    pdf = requisition_pdf(requisition())
    with pytest.raises(ProofFailed, match="Page 1 lacks the words “adult-5, Lot L24-118"):
        prove_requisition(pdf, replace(requisition(), definition="adult-5"))
    with pytest.raises(ProofFailed, match="Page 1 is 2480 x 3508 dots and not 2550 x 3300"):
        prove_requisition(pdf, requisition(), paper="letter")


def test_a_kit_without_tubes_is_refused():
    with pytest.raises(LabelError, match="K 5520 1837 46-09 has no tubes to draw"):
        requisition_pdf(requisition(0))


def test_other_paper_is_refused():
    with pytest.raises(LabelError, match="no paper “a5” here; choose one of a4, letter"):
        requisition_pdf(requisition(), paper="a5")


def test_an_unknown_resolution_is_refused():
    with pytest.raises(LabelError, match="72 dpi"):
        requisition_pdf(requisition(), dpi=72)


def test_what_does_not_fit_is_refused():
    with pytest.raises(LabelError, match="does not fit in a line"):
        requisition_pdf(replace(requisition(), tubes=(replace(tubes(1)[0], specimen="W" * 90),)))
    with pytest.raises(LabelError, match="bars of “MANUFACTURER-TUBE-0000001” are too long for the 38 mm"):
        requisition_pdf(replace(requisition(), tubes=(replace(tubes(1)[0], id="MANUFACTURER-TUBE-0000001"),)))


def test_a_tube_may_say_less():
    asked = replace(
        requisition(), tubes=(RequisitionTube(1, "T483134562451", "Urine"),), programme="", definition=""
    )
    [text] = text_of(requisition_pdf(asked))
    assert "1. Urine" in text
    assert "Lot L24-118, use by 2027-05-31, Site PHX-02" in text
