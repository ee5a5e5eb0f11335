"""The proof of ZPL: what the printer is told to draw is painted and read, and nothing it cannot follow passes."""

import re

import pytest

from labels import TEMPLATES, Label, LabelError, ProofFailed, layouts_fit, prove_zpl, zpl

TUBE = Label("T483134562451", "tube", ("4 mL EDTA", "EDTA", "1ED04", "K 5520 1837 46-09", "Demo"))
BOX = Label("K552018374609", "kit_box", ("Adult", "adult-4", "Lot 1", "Use by 2027-05-31", "PHX"))


@pytest.mark.parametrize("dpi", [203, 300, 600])
@pytest.mark.parametrize("template", TEMPLATES)
def test_every_template_passes_on_every_roll_it_fits(stocks, template, dpi):
    label = Label(
        "T483134562451", template, ("Wörter, \\ ^XZ ~ _41",) * min(1, len(TEMPLATES[template].lines))
    )
    for stock in (stock for stock in stocks.values() if layouts_fit(template, stock)):
        prove_zpl(zpl([label], dpi=dpi, stock=stock), [label], dpi=dpi, stock=stock)


def test_a_job_of_every_template_passes_in_own_sizes(one_of_each):
    prove_zpl(zpl(one_of_each), one_of_each)


def refused(change, sentence, labels=(TUBE, BOX)):
    made = zpl([TUBE, BOX], dpi=300).decode()
    broken = change(made)
    assert broken != made
    with pytest.raises(ProofFailed, match=sentence) as caught:
        prove_zpl(broken.encode(), list(labels), dpi=300)
    assert "\n" not in str(caught.value)


def without(pattern):
    return lambda text: re.sub(pattern, "", text, count=1)


def instead(old, new):
    return lambda text: text.replace(old, new, 1)


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (without(r"\^FO[^\n]*\^BC[^\n]*\n"), "Label 1, T483134562451, lacks Code 128 T483134562451"),
        (without(r"\^FO[^\n]*\^BX[^\n]*\n"), "lacks Data Matrix"),
        (without(r"\^FT[^\n]*1ED04[^\n]*\n"), "lacks or adds the text “1ED04”"),
        (instead("^FD1ED04", "^FD1ED10"), "the text “1ED04”, “1ED10”"),
        (
            lambda text: re.sub(r"(\^BC[^\n]*\^FD)T483134562451", r"\1T483134562548", text),
            "lacks Code 128 T483134562451 and bears what was not asked for: Code 128 T483134562548",
        ),
        (lambda text: text.split("^XZ\n")[1] + "^XZ\n" + text.split("^XZ\n")[0] + "^XZ\n", "Label 1, T4831"),
        (lambda text: text.split("^XZ\n")[0] + "^XZ\n", "has 1 labels and not 2"),
        (instead("^XA", "^XA^JUF"), "a command that the proof cannot follow"),
        (instead("^FS\n^XZ", "^FS\n~JR\n^XZ"), "a command that the proof cannot follow"),
        (instead("^FH^FD1ED04", "^FD1ED04"), r"The field \^FT.* is none that the proof can follow"),
        (lambda text: re.sub(r"\^PW\d+", "^PW500", text), "is 500 x 300 dots and not 600 x 300"),
        (lambda text: re.sub(r"\^FO\d+(,\d+\^BY)", r"^FO599\1", text), "or a quiet zone beyond its edge"),
        (lambda text: re.sub(r"\^FO\d+,(\d+\^BY)", r"^FO0,\1", text), "or a quiet zone beyond its edge"),
        (instead("^XZ", "^FO0,0^GB600,290,290^FS\n^XZ"), "lacks Code 128"),
        (instead("^XZ", "^FO10,10^GB50,40,2^FS\n^XZ"), "The box 50 x 40 is not filled"),
    ],
)
def test_a_form_that_went_wrong_is_refused(change, sentence):
    refused(change, sentence)


def test_nothing_proves_nothing():
    with pytest.raises(ProofFailed, match="has 0 labels and not 0"):
        prove_zpl(b"", [])


def test_what_is_no_text_is_refused():
    with pytest.raises(ProofFailed, match="cannot follow"):
        prove_zpl(b"\xff\xfe", [TUBE])


def test_an_unknown_resolution_is_refused():
    with pytest.raises(LabelError, match="72 dpi"):
        prove_zpl(zpl([TUBE]), [TUBE], dpi=72)
