"""What cannot be is refused in one sentence before anything is logged: files, lists, printers that are not set up."""

from pathlib import Path

import pytest
from sqlalchemy import func, select

from biobank.access.permissions import Role
from biobank.kits.operations import make_kits
from biobank.printing import queries
from biobank.printing.choices import CopyReason, JobState, Medium
from biobank.printing.files import write_labels
from biobank.printing.inputs import NewPrint
from biobank.printing.models import PrintJob
from biobank.printing.operations import NothingCameOut, choose_printer, hand_out, note, prepare
from biobank.printing.previews import calibration_page, preview
from biobank.printing.printers_file import BadPrinters
from biobank.printing.queries import LabelsRefused, own_printer
from biobank.printing.whole_kits import labels_of_kit
from tests.floor import actor
from tests.printing.conftest import SHEETS


@pytest.fixture
def kit(floor):
    return make_kits(floor.work, "urine-1", 1, by=floor.lead, site="biobank-1")[0].identifier


def printers_file(floor, text):
    Path(floor.work.settings.printers_file).write_text(text)


def made(floor, **asked):
    return prepare(floor.work, NewPrint(**asked), by=floor.lead)


def jobs(floor):
    return floor.work.session.scalar(select(func.count()).select_from(PrintJob))


def test_without_any_printer_a_file_is_made_for_sheets_or_in_each_templates_own_size(floor, kit):
    printers_file(floor, "")
    pdf = made(floor, items=(kit,)).job
    assert (pdf.printer, pdf.stock, pdf.medium) == (None, "avery-5160", "pdf")
    zpl = made(floor, items=(kit,), medium=Medium.ZPL, reason=CopyReason.OTHER_PRINTER)
    assert (zpl.job.printer, zpl.job.stock, zpl.job.dpi) == (None, None, 203)


def test_a_job_has_an_end(floor, kit):
    with pytest.raises(LabelsRefused, match="These are 3 labels; a job has at most 2"):
        made(floor, kits=(kit,), at_most=2)
    assert jobs(floor) == 0


def test_a_kit_that_is_named_twice_is_printed_once_or_not(floor, kit):
    with pytest.raises(LabelsRefused, match="already"):
        made(floor, kits=(kit, kit))


def test_a_file_that_cannot_be_written_leaves_no_job(floor, kit, tmp_path):
    nowhere = tmp_path / "no folder" / "labels.pdf"
    with pytest.raises(LabelsRefused, match="cannot be written"), floor.work.savepoint():
        write_labels(floor.work, NewPrint(items=(kit,)), nowhere, by=floor.lead)
    assert jobs(floor) == 0


def test_labels_of_a_job_that_failed_are_not_handed_out_and_not_taken_for_the_kits(floor, kit):
    job = made(floor, kits=(kit,)).job
    note(floor.work, job, JobState.FAILED, by=floor.lead)
    with pytest.raises(NothingCameOut, match="not counted"):
        hand_out(floor.work, job.id, "labels.pdf", by=floor.lead)
    labels_of_kit(floor.work, kit, Medium.PDF, by=floor.lead)
    assert jobs(floor) == 2


@pytest.mark.parametrize(
    "text", ["[printers]\nbench = 3\n", "rules = [3]\n", "printers = 3\n", "rules = 3\n"]
)
def test_what_is_no_table_is_named(floor, kit, text):
    printers_file(floor, text)
    with pytest.raises(BadPrinters) as refused:
        made(floor, items=(kit,))
    assert refused.value.detail.startswith("printers.toml, ")


def test_a_stocks_file_that_is_wrong_is_named_before_any_printer(floor, kit, tmp_path):
    wrong = tmp_path / "stocks.toml"
    wrong.write_text("[stocks.x]\n")
    floor.work.settings = floor.work.settings.with_changes(stocks_file=str(wrong))
    with pytest.raises(LabelsRefused, match="Stock “x”"):
        made(floor, items=(kit,))


def test_taking_back_a_choice_that_was_never_made_is_no_mistake(floor):
    choose_printer(floor.work, None, by=floor.lead)
    choose_printer(floor.work, "sheets", by=floor.lead)
    choose_printer(floor.work, "sheets", by=floor.lead)
    assert own_printer(floor.work, floor.lead).name == "sheets"
    printers_file(floor, "")
    assert own_printer(floor.work, floor.lead) is None  # it was taken out of the file


def test_who_works_everywhere_sees_every_job(floor, kit):
    number = made(floor, items=(kit,)).job.id
    auditor = actor("audit.ada", Role.AUDITOR, None)
    assert queries.job_seen_by(floor.work, auditor, number).id == number


def test_what_cannot_be_drawn_has_no_preview_and_no_calibration(floor, kit):
    with pytest.raises(LabelsRefused):
        preview(floor.work, NewPrint(items=(kit,), stock="dot-9"), by=floor.lead)
    printers_file(floor, SHEETS.replace("dpi = 300", "dpi = 300\ncorrection = { x_mm = 500 }"))
    with pytest.raises(LabelsRefused):
        calibration_page(floor.work, "sheets", by=floor.lead)
    with pytest.raises(LabelsRefused):
        made(floor, items=(kit,))
    assert jobs(floor) == 0
