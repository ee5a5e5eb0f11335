"""Blank forms: each number scans and none beside it, every real kit fits, and nobody is named."""

import tomllib
from pathlib import Path

import pypdfium2
import pytest

from biobank.downtime.wording import form_words
from labels import BlankForm, BlankTube, LabelError, ProofFailed, blank_forms_pdf, prove_blank_forms

CONFIG = Path(__file__).parents[2] / "config"
WORDS = form_words(CONFIG / "downtime.toml")
NUMBERS = ("F130563530881", "F659171883252")


def tubes(count):
    return tuple(
        BlankTube(number, "4 mL EDTA", "Lavender", "1ED04", number == 1) for number in range(1, count + 1)
    )


def forms(made_of):
    return [BlankForm(number, made_of, "Demo programme", "Clinic PHX-02", "adult-3.2") for number in NUMBERS]


def text_of(pdf):
    return [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(pdf)]


@pytest.mark.parametrize("paper", ["letter", "a4"])
def test_the_largest_real_kit_fits_and_every_form_is_proved(paper):
    kits = [tomllib.loads(path.read_text())["tube"] for path in sorted((CONFIG / "kits").glob("*.toml"))]
    largest = max(kits, key=len)
    made = forms(
        tuple(
            BlankTube(tube["draw_order"], tube["label"], tube["colour"], tube["code"], "centrifuge" in tube)
            for tube in largest
        )
    )
    pdf = blank_forms_pdf(made, WORDS, paper=paper)
    prove_blank_forms(pdf, made, WORDS, paper=paper)
    instructions, *pages = text_of(pdf)
    assert "When the system is down" in instructions
    assert "Cuando el sistema no funciona" in instructions
    for page, number in zip(pages, ("F 1305 6353 08-81", "F 6591 7188 32-52"), strict=True):
        assert number in page
        assert all(tube["label"] in page for tube in largest)
        assert "no name" in page
    assert blank_forms_pdf(made, WORDS, paper=paper) == pdf


def test_a_form_of_another_pack_is_no_proof_of_this_one():
    made = forms(tubes(3))
    with pytest.raises(ProofFailed):
        prove_blank_forms(blank_forms_pdf(made, WORDS), made[::-1], WORDS)


@pytest.mark.parametrize(("count", "says"), [(0, "has room for 1 to"), (13, "this kit has 13")])
def test_a_kit_that_does_not_fit_on_a_form_is_refused(count, says):
    with pytest.raises(LabelError, match=says):
        blank_forms_pdf(forms(tubes(count)), WORDS)


def test_no_form_and_no_word_are_refused():
    with pytest.raises(LabelError, match="a number each"):
        blank_forms_pdf([], WORDS)
