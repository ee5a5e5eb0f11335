"""A job's page says how it stands and what is next; the log finds it; its codes are given up; printers are asked."""

import hashlib
import re
from datetime import timedelta
from pathlib import Path

import pytest

from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.queries import item_now
from biobank.custody.states import State
from biobank.printing.choices import CopyReason, Medium
from biobank.printing.inputs import NewPrint
from biobank.printing.models import PrinterTurn
from biobank.printing.operations import prepare
from biobank.printing.sending import begin_sending
from tests.pages.printing.conftest import form, printed_job, word
from tests.printing.conftest import SHEETS
from tests.printing.label_printer import status

# A job.


def test_a_jobs_page_gives_the_document_whose_hash_it_tells(technician, kit):
    address = printed_job(technician, kit[0])
    page = technician.get(address)
    assert word(page) == "Ready to print"
    assert "Print it again" not in page.text
    document = technician.client.get(f"{address}/documents/labels.pdf")
    assert document.headers["Content-Disposition"] == 'attachment; filename="labels-1.pdf"'
    assert hashlib.sha256(document.data).hexdigest() in page.text
    page = technician.get(address)
    assert word(page) == "Downloaded"
    assert page.text.index(">Downloaded</p>") < page.text.index(">Made</p>")
    assert technician.get(f"{address}/documents/labels.zpl").status == 422


def test_a_kits_job_brings_its_requisition_and_a_tubes_does_not(technician, kit):
    page = technician.get(printed_job(technician, f"{kit[0]}\n")).text
    assert "Download requisition.pdf" in page
    answer = technician.client.get("/printing/jobs/1/documents/requisition.pdf")
    assert answer.data.startswith(b"%PDF")
    assert hashlib.sha256(answer.data).hexdigest() in page
    page = technician.get(printed_job(technician, kit[1][0], reason="lost")).text
    assert "requisition" not in page


def test_a_reprint_is_a_new_job_with_its_reason(technician, kit):
    address = printed_job(technician, kit[1][0])
    technician.client.get(f"{address}/documents/labels.pdf")
    page = technician.post(f"{address}/reprint")
    assert page.status == 422
    assert "Choose why" in page.problems
    page = technician.sent(f"{address}/reprint", reason="spoiled")
    assert "job 1</a> printed again" in page.text
    assert "3. The label was spoiled" in page.text


def test_another_site_sees_nothing_of_it_and_an_auditor_everything_but_the_buttons(seat, technician, kit):
    address = printed_job(technician, kit[0])
    elsewhere, auditor = seat("lead.elsewhere"), seat("audit.here")
    for path in (address, f"{address}/documents/labels.pdf", f"{address}/void"):
        assert elsewhere.get(path).status == 404
    assert "Job 1" not in elsewhere.get("/printing/jobs").text
    page = auditor.get(address)
    assert page.status == 200
    assert not re.search(r"Download labels|/void|Print it again", page.text)
    assert "Job 1" in auditor.get("/printing/jobs").text
    assert auditor.get("/printing").status == 403
    assert address in auditor.get(f"/items/{kit[0]}").text


def test_an_items_page_leads_to_its_jobs_and_to_the_form_with_it_typed_in(technician, kit):
    box, tubes = kit
    printed_job(technician, box)
    page = technician.get(f"/items/{box}").text
    assert 'href="/printing/jobs/1">Job 1</a>, copy 1' in page
    assert f'href="/printing?item={box}">Print the kit&#39;s labels</a>' in page
    assert f">{box}</textarea>" in technician.get(f"/printing?item={box}").text
    assert f'href="/printing?item={tubes[0]}">Print label</a>' in technician.get(f"/items/{tubes[0]}").text


# The log.


def test_the_log_is_narrowed_and_read_a_page_at_a_time(programme, seat, monkeypatch):
    monkeypatch.setattr("biobank.printing.job_pages.A_PAGE", 2)
    kits = [programme.kit("urine-1") for _ in range(3)]
    with programme.app.app_context(), writing() as work:
        for box, _ in kits:
            prepare(work, NewPrint(kits=(box,)), by=programme.actor("lead.here"))
    technician = seat("tech.here")
    mine = printed_job(technician, kits[0][1][0], reason="lost")
    technician.client.get(f"{mine}/documents/labels.pdf")

    def listed(query):
        return re.findall(r">Job (\d+)</a>", technician.get(f"/printing/jobs?{query}").text)

    assert listed("") == ["4", "3"]
    more = re.search(r'href="(/printing/jobs\?[^"]*cursor=[^"&]+)"', technician.get("/printing/jobs").text)
    assert more
    assert listed(more[1].partition("?")[2]) == ["2", "1"]
    assert listed("mine=yes") == ["4"]
    assert listed("state=made") == ["3", "2"]
    assert listed("state=handed_out") == ["4"]
    assert listed(f"item={kits[0][0]}") == ["1"]
    assert listed(f"item={kits[0][1][0]}&mine=yes") == ["4"]
    assert listed("printer=sheets&state=unclear") == []
    page = technician.get("/printing/jobs?item=NOPE")
    assert "is not a code of ours" in page.problems
    assert listed("item=NOPE") == []


# Voiding.


def test_codes_are_given_up_only_for_a_reason_and_when_somebody_is_sure(programme, technician, kit):
    _, tubes = kit
    address = printed_job(technician, tubes[0])
    told = {"item": tubes[0], "reason": "spoiled", "sure": "yes"}
    for missing, problem in (("item", "at least one"), ("reason", "Choose why"), ("sure", "for good")):
        page = technician.post(f"{address}/void", **{**told, missing: ""})
        assert page.status == 422
        assert problem in page.problems
    assert f'value="{tubes[0]}" checked' not in technician.get(f"{address}/void").text
    assert f'value="{tubes[0]}" checked' in technician.get(f"{address}/void?item={tubes[0]}").text
    page = technician.sent(f"{address}/void", **told, remark="Two on one sheet.")
    assert page.answer[0] == "Voided"
    assert re.search(r"Given up by Testa tech.here, .*: spoiled. “Two on one sheet.”", page.text)
    with programme.app.app_context(), reading() as work:
        assert item_now(work, tubes[0]).state is State.VOIDED
    assert "No code of this job can be given up" in technician.get(f"{address}/void").text


def test_of_a_large_job_all_codes_are_given_up_at_once_or_those_asked_for(programme, technician, monkeypatch):
    monkeypatch.setattr("biobank.printing.void_pages.MOST_SHOWN", 3)
    box, tubes = programme.kit()
    address = printed_job(technician, box)
    page = technician.get(f"{address}/void").text
    assert f"All {len(tubes) + 1} codes of the job" in page
    assert 'name="item"' not in page
    one = technician.get(f"{address}/void?item={tubes[0]}").text
    assert one.count('name="item"') == 1
    technician.sent(f"{address}/void", reason="spoiled", sure="yes", all="yes")
    with programme.app.app_context(), reading() as work:
        assert {item_now(work, code).state for code in (box, *tubes)} == {State.VOIDED}


def test_a_voided_code_says_so_when_it_is_scanned_and_is_not_printed(technician, kit):
    _, tubes = kit
    address = printed_job(technician, tubes[0])
    technician.sent(f"{address}/void", item=tubes[0], reason="lost", sure="yes")
    page = technician.get(technician.post("/scan", text=tubes[0]).leads_to)
    assert "Voided code" in page.text
    assert "Given up by Testa tech.here" in page.text
    assert "Print label" not in page.text
    page = technician.post("/printing", **form(tubes[0]))
    assert page.status == 409
    assert page.answer[0] == "Voided code"
    assert technician.post(f"{address}/reprint", reason="lost").status == 409


def test_what_cannot_be_voided_any_more_voids_nothing(programme, seat):
    _, tubes = programme.collected_kit(definition="urine-1")
    clinic = seat("clinic.here")
    address = printed_job(clinic, "\n".join(tubes))
    page = clinic.post(f"{address}/void", item=tubes[0], reason="lost", sure="yes")
    assert page.status == 409
    assert "collected" in page.answer[1]


# A label printer.


def test_print_sends_to_a_label_printer_at_once(bench, technician, kit):
    page = technician.sent("/printing", **form(kit[1][0], printer="bench"))
    assert page.answer == ("Printed", "The printer has put out every label.")
    assert word(page) == "Sent and printed"
    assert bench.labels == page.text.count('data-label="Copy"')
    again = technician.sent("/printing/jobs/1/reprint", reason="spoiled")
    assert again.answer[0] == "Printed"


def test_what_failed_is_sent_again_from_its_page(bench, technician, kit):
    bench.answers = [status(paper_out=1), status()]
    page = technician.sent("/printing", **form(kit[1][0], printer="bench"))
    assert page.answer == ("Not printed", "Bench: it is out of labels. Nothing was sent.")
    assert word(page) == "Failed: nothing came out"
    assert bench.labels == 0
    page = technician.sent("/printing/jobs/1/send")
    assert page.answer[0] == "Printed"
    page = technician.post("/printing/jobs/1/send")
    assert page.status == 409
    assert "may be out" in page.answer[1]


def test_a_busy_printer_keeps_the_job_for_later(programme, bench, technician, kit):
    with programme.app.app_context(), writing() as work:
        other = prepare(work, NewPrint(kits=(kit[0],)), by=programme.actor("lead.here")).job
        until = moments.now() + timedelta(minutes=1)
        work.session.add(PrinterTurn(printer="bench", job_id=other.id, until=until))
    page = technician.sent("/printing", **form(kit[1][0], printer="bench", reason="lost"))
    assert page.answer[0] == "Printer busy"
    assert word(page) == "Ready to print"
    assert "Send to printer" in page.text
    assert technician.post("/printing/jobs/2/send").status == 409
    assert bench.labels == 0


def test_a_job_that_is_being_sent_is_to_be_looked_at_again(programme, bench, technician, kit):
    with programme.app.app_context(), writing() as work:
        lead = programme.actor("lead.here")
        job = prepare(work, NewPrint(items=(kit[1][0],), printer="bench"), by=lead).job
        begin_sending(work, job.id, by=lead)
    page = technician.get("/printing/jobs/1")
    assert word(page) == "Being sent"
    assert "Look again" in page.text
    assert not re.search(r"Send to printer|Print it again|Download", page.text)


def test_a_file_and_a_job_of_a_printer_that_is_gone_keep_their_pages(
    programme, settings, bench, technician, kit
):
    with programme.app.app_context(), writing() as work:
        lead = programme.actor("lead.here")
        prepare(work, NewPrint(items=(kit[1][0],), medium=Medium.ZPL), by=lead)
        prepare(work, NewPrint(items=(kit[1][0],), printer="bench", reason=CopyReason.LOST), by=lead)
    Path(settings.printers_file).write_text(SHEETS)
    file, gone = technician.get("/printing/jobs/1"), technician.get("/printing/jobs/2")
    assert "<dd>File (ZPL)</dd>" in file.text
    assert "Download labels.zpl" in file.text
    assert "<dd>bench</dd>" in gone.text
    assert "Send to printer" not in gone.text


@pytest.mark.parametrize(
    ("outcome", "heard", "stands"),
    [("printed", "Printed", "Printed"), ("not_printed", "Nothing came out", "Nothing came out")],
)
def test_of_an_unclear_job_somebody_says_what_came_out(bench, technician, kit, outcome, heard, stands):
    bench.answers = [status(), "silent"]
    page = technician.sent("/printing", **form(kit[1][0], printer="bench"))
    assert page.answer[0] == "Look at the printer"
    assert "The labels came out" in page.text
    assert technician.post("/printing/jobs/1/settle").status == 422
    page = technician.sent("/printing/jobs/1/settle", outcome=outcome)
    assert (page.answer[0], word(page)) == (heard, stands)
    assert technician.post("/printing/jobs/1/settle", outcome=outcome).status == 409


def test_a_printer_is_asked_how_it_is(bench, technician):
    assert technician.sent("/printing/printers/bench/status").answer == ("Ready", "Bench is ready to print.")
    bench.answers = [status(open=1)]
    page = technician.sent("/printing/printers/bench/status")
    assert page.answer == ("Not ready", "Bench: its head is open.")
    assert technician.sent("/printing/printers/sheets/status").answer[0] == "Not to be asked"
    assert technician.post("/printing/printers/nowhere/status").status == 404


def test_an_office_printers_calibration_page_is_a_download(technician):
    assert "/printing/printers/sheets/calibration.pdf" in technician.get("/printing/printers").text
    answer = technician.client.get("/printing/printers/sheets/calibration.pdf")
    assert answer.data.startswith(b"%PDF")
    assert answer.headers["Content-Disposition"] == 'attachment; filename="calibration-sheets.pdf"'
    assert technician.get("/printing/printers/nowhere/calibration.pdf").status == 404
