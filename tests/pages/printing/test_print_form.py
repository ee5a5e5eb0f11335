"""The print form proposes, keeps what was typed, asks once and prints once."""

import re
from pathlib import Path

import pytest

from tests.pages.printing.conftest import form, jobs, printed_job
from tests.printing.conftest import BENCH, SHEETS

CRYOVIALS = """
[printers.vials]
title = "Vials"
kind = "office"
stock = "avery-l4731"
dpi = 300

[[rules]]
kind = "aliquot"
printer = "vials"
"""


def test_a_double_press_of_print_makes_one_job(programme, technician, kit):
    box, tubes = kit
    told = form(box, idempotency_key="one-press")
    first, second = (technician.post("/printing", **told) for _ in range(2))
    assert (first.status, first.leads_to) == (second.status, second.leads_to) == (303, "/printing/jobs/1")
    # The box, one label for each tube, and a second one for urine.
    assert jobs(programme) == [(1, len(tubes) + 2)]


def test_the_code_of_a_box_is_a_whole_kit_or_the_box_alone(programme, technician, kit):
    box, tubes = kit
    printed_job(technician, f"{box}\n\n{box}")
    printed_job(technician, box, whole_kits="", reason="lost")
    assert [labels for _, labels in jobs(programme)] == [len(tubes) + 2, 1]


def test_wrong_lines_are_named_by_number_and_all_that_was_typed_stays(programme, technician, kit):
    _, tubes = kit
    page = technician.post(
        "/printing", **form(f"{tubes[0]}\n\nNOPE\n{tubes[0]}", copies="2", template="tube")
    )
    assert page.status == 422
    assert "Correct these lines" in page.problems
    assert "<li>Line 3: &#39;NOPE&#39; is not a code of ours" in page.text
    assert re.search(r"<li>Line 4: .* is in line 1 already", page.text)
    assert f">{tubes[0]}\n\nNOPE\n{tubes[0]}</textarea>" in page.text
    assert 'value="2"' in page.text
    assert '<option value="tube" selected>' in page.text
    assert jobs(programme) == []


@pytest.mark.parametrize(
    ("told", "problem"),
    [
        ({"lines": ""}, "choose at least one item"),
        ({"lines": "T\n" * 12_001}, "so make several jobs"),
        ({"copies": "0"}, "from 1 to 50"),
        ({"copies": "many"}, "from 1 to 50"),
        ({"start-sheets": "none"}, "Pick the first label"),
        ({"start-sheets": "31"}, "31"),
        ({"start-sheets": "5", "stock-sheets": "avery-5163", "pictured-sheets": "avery-5160"}, "on their picture"),
        ({"reason": "because"}, "Choose one of the answers"),
        ({"template": "parcel"}, "has no parcel label"),
        ({"stock-sheets": "dot-9", "template": "tube"}, "do not fit"),
        ({"remark": "call 555-123-4567", "reason": "lost"}, "about a person"),
    ],
)  # fmt: skip
def test_what_cannot_be_is_said_in_one_sentence_and_nothing_is_printed(
    programme, technician, kit, told, problem
):
    page = technician.post("/printing", **(form(kit[1][0]) | told))
    assert page.status == 422
    assert problem in page.problems or problem in page.answer[1]
    assert jobs(programme) == []


def test_another_label_is_asked_about_once_and_the_reason_is_kept(technician, kit):
    _, tubes = kit
    printed_job(technician, tubes[0])
    page = technician.post("/printing", **form(tubes[0], copies="3"))
    assert page.status == 422
    assert "Why another label?" in page.text
    assert "has 2 labels already. The reason is kept" in page.text
    assert "spoiled, lost" not in page.text
    assert 'value="3"' in page.text
    again = technician.get(printed_job(technician, tubes[0], reason="unreadable", remark="Smeared."))
    assert "3. The label does not scan: “Smeared.”" in again.text


def test_a_preview_shows_each_label_and_prints_nothing(programme, technician, kit):
    box, tubes = kit
    page = technician.post("/printing/preview", **form(box))
    assert page.status == 200
    assert page.text.count('src="data:image/svg+xml;base64,') == len(tubes) + 2
    assert f"Print {len(tubes) + 2} labels</button>" in page.text
    assert jobs(programme) == []
    assert "Why another label?" not in technician.post("/printing", **form(box)).text


def test_printing_starts_on_the_label_that_was_picked(technician, kit):
    told = {"start-sheets": "7", "stock-sheets": "avery-5160", "pictured-sheets": "avery-5160"}
    page = technician.post("/printing/preview", **form(kit[1][0], **told))
    assert re.search(r'id="start-sheets-7"[^>]* checked', page.text)
    assert "Label 7, row 3, column 1" in page.text
    job = technician.get(printed_job(technician, kit[1][0], **told))
    assert "from label 7 on" in job.text


def test_other_sheets_in_the_tray_are_pictured_after_a_preview(technician, kit):
    page = technician.post(
        "/printing/preview", **form(kit[0], **{"stock-sheets": "avery-5163", "start-sheets": "1"})
    )
    assert page.status == 200
    assert page.text.count('name="start-sheets"') == 10
    assert 'name="pictured-sheets" value="avery-5163"' in page.text


def test_the_printer_is_chosen_beforehand(settings, seat, kit):
    Path(settings.printers_file).write_text(SHEETS + BENCH.format(port=9100))
    technician = seat("tech.here")
    assert re.search(r'value="sheets" required checked', technician.get("/printing").text)
    page = technician.sent("/printing/printers/choice", printer="bench")
    assert page.answer == ("Your printer", "Bench is chosen for you from now on.")
    assert re.search(r'value="bench" required checked', technician.get(f"/printing?item={kit[1][0]}").text)
    assert technician.sent("/printing/printers/choice", printer="").answer[0] == "No printer of your own"
    assert re.search(r'value="sheets" required checked', technician.get("/printing").text)
    assert technician.post("/printing/printers/choice", printer="nowhere").status == 404


def test_where_rules_send_some_items_elsewhere_they_are_left_to_choose(settings, seat, kit):
    Path(settings.printers_file).write_text(SHEETS + CRYOVIALS)
    technician = seat("tech.here")
    assert re.search(r'value="by-rule" required checked', technician.get("/printing").text)
    assert re.search(r'value="sheets" required checked', technician.get(f"/printing?item={kit[1][0]}").text)
    job = technician.get(printed_job(technician, kit[1][0], printer="by-rule"))
    assert "<dd>Office</dd>" in job.text
    rules = technician.get("/printing/printers").text
    assert rules.index("Aliquot") < rules.index("Everything")


def test_templates_are_those_that_the_items_may_have_on_that_stock(technician, kit):
    box, tubes = kit
    page = technician.get(f"/printing?item={tubes[0]}").text
    assert '<option value="tube">' in page
    assert '<option value="parcel">' not in page
    assert '<option value="parcel">' in technician.get("/printing").text
    assert '<option value="tube">' not in technician.get(f"/printing?item={box}").text
