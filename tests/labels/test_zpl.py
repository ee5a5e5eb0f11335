"""ZPL: a label a form, the ink where the PDF has it, and no text that the printer would obey."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labels import Label, LabelError, Symbology, prove_zpl, zpl
from labels.layout import ink
from labels.model import Symbol, Words
from labels.zpl import hexed


def unhexed(data):
    return re.sub(rb"_([0-9A-F]{2})", lambda code: bytes.fromhex(code[1].decode()), data.encode()).decode()


def fields(command, text):
    return re.findall(rf"{command}[^^]*(?:\^FR)?\^FH\^FD([^^]*)\^FS", text)


@pytest.mark.parametrize(
    ("dpi", "module", "width", "length"), [(203, 2, 406, 203), (300, 3, 600, 300), (600, 6, 1200, 600)]
)
def test_a_label_is_one_form_in_the_printers_dots(kit_job, dpi, module, width, length):
    text = zpl(kit_job[1:2], dpi=dpi).decode()
    assert text.startswith("^XA\n^CI28\n^PW")
    assert text.endswith("^XZ\n")
    assert f"^PW{width}\n^LL{length}\n" in text
    assert f"^BY{module}^BCN," in text


def test_a_kit_is_one_job_in_order(kit_job):
    text = zpl(kit_job).decode()
    assert text.count("^XA") == text.count("^XZ") == len(kit_job)
    assert [unhexed(data) for data in fields(r"\^BCN", text)] == [label.id for label in kit_job]


def test_every_template_carries_its_text(one_of_each):
    for label in one_of_each:
        printed = [unhexed(data) for data in fields(r"\^A0N", zpl([label]).decode())]
        assert set(label.lines) <= set(printed)


def test_ink_is_where_the_pdf_has_it(kit_job, stocks):
    text = zpl(kit_job[1:2], dpi=300, stock=stocks["avery-5160"]).decode()
    marks = ink(kit_job[1], 66.675, 25.4, 300)
    for mark in marks:
        if isinstance(mark, Symbol) and mark.symbology is Symbology.DATA_MATRIX:
            assert f"^FO{mark.x},{mark.y}^BXN,{mark.module},200,14,14^FH^FDT483134562451^FS" in text
        elif isinstance(mark, Symbol):
            assert f"^FO{mark.x},{mark.y}^BY{mark.module}^BCN,{mark.height},N,N,N,A" in text
        elif isinstance(mark, Words):
            assert f"^FT{mark.x},{mark.baseline}" in text
        else:
            assert (
                f"^FO{mark.x},{mark.y}^GB{mark.width},{mark.height},{min(mark.width, mark.height)}^FS" in text
            )


@given(st.text(st.characters(min_codepoint=0x20, exclude_categories=("C",)), max_size=20))
def test_text_never_becomes_a_command(text):
    data = hexed(text)
    assert re.fullmatch(r"[A-Za-z0-9 ]*(_[0-9A-F]{2}[A-Za-z0-9 ]*)*", data)
    assert unhexed(data) == text


def test_a_hostile_name_stays_text():
    hostile = "^XZ~JA_5E\\&"
    text = zpl([Label("B100000000017", "storage_box", (hostile, "a\\&b", "c\\&d"))]).decode()
    assert text.count("^X") == 2
    assert "~" not in text
    assert {hostile, "a\\&b", "c\\&d"} <= {unhexed(data) for data in fields(r"\^A0N", text)}
    # A field block would obey the backslash: only the identifier stands in one.
    assert text.count("^FB") == 1


@pytest.mark.parametrize(
    ("code", "escape"), [("A-1", ""), ("~1X", ",,|"), ("A_d065", ",,|"), ("|!#%_abc", ",,d")]
)
def test_no_code_begins_a_control_sequence_of_its_data_matrix(code, escape):
    """A printer would print FNC1 for `~1`, and for `~d065` an A."""
    labels = [Label(code, "cryovial")]
    text = zpl(labels).decode()
    assert re.findall(r"\^BXN,\d+,200,1\d,1\d([^^]*)\^FH", text) == [escape]
    prove_zpl(text.encode(), labels)


def test_white_text_on_black_is_reversed(one_of_each):
    waste = next(label for label in one_of_each if label.template == "waste_bag")
    assert fields(r"\^FR", zpl([waste]).decode()) == ["FOR DESTRUCTION"]


def test_no_labels_and_unknown_resolutions_are_refused(kit_job):
    with pytest.raises(LabelError, match="no label to print"):
        zpl([])
    with pytest.raises(LabelError, match="72 dpi"):
        zpl(kit_job, dpi=72)
