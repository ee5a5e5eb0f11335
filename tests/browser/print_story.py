"""Labels as people print them: scanned into the list, looked at, printed, printed again, given up."""

import re
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pypdfium2
import zxingcpp
from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core.database import reading, writing
from biobank.demo import programme
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits
from biobank.printing.models import PrintJob
from tests.browser.desk import Desk
from tests.browser.kit_story import Story, set_up
from tests.printing.label_printer import LabelPrinter, status

DPI = 300
PRINTERS = """
[printers.sheets]
title = "Office printer"
kind = "office"
stock = "avery-5160"
dpi = 300

[printers.bench]
title = "Label printer at the bench"
kind = "network"
site = "{site}"
stock = "roll-50x25"
dpi = 203
host = "127.0.0.1"
port = {port}
connect_seconds = 1
answer_seconds = 1
finish_seconds = 1

[[rules]]
printer = "sheets"
"""


def write_printers(file: Path, port: int) -> str:
    file.write_text(PRINTERS.format(site=programme.CLINIC, port=port))
    return str(file)


@dataclass
class PrintStory:
    """The kit of the story at its clinic, and a second kit of one tube."""

    story: Story
    printer: LabelPrinter
    other_kit: str = ""
    other_tube: str = ""

    def jobs(self) -> int:
        with self.story.app.app_context(), reading() as work:
            return work.session.query(PrintJob).count()


def tell(told: PrintStory) -> None:
    set_up(told.story)
    with told.story.app.app_context(), writing() as work:
        kit = make_kits(work, "urine-1", 1, by=actor_named(work, "demo.lead"), site=programme.CLINIC)[0]
        told.other_kit = kit.identifier
        told.other_tube = tubes_of_kit(work, kit.id)[0].identifier
    clinic = told.story.seat("demo.clinic")
    codes_are_scanned_into_the_list(told, clinic)
    a_wrong_line_is_said(told, clinic)
    labels_are_looked_at_and_printed(told, clinic)
    the_document_bears_every_code(told, clinic)
    a_whole_kit_is_looked_at_from_its_page(told, clinic)
    going_back_prints_nothing(told, clinic)
    labels_are_printed_again(clinic)
    a_code_is_given_up(told, clinic)
    whoever_scans_it_is_told(told, clinic)
    the_label_printer_gets_its_labels(told, clinic)
    what_went_wrong_is_settled(told, clinic)
    printers_and_the_log_are_looked_at(clinic)


def tab_to(clinic: Desk, name: str) -> None:
    """As somebody without a mouse."""
    for _ in range(60):
        focused = clinic.page.evaluate("document.activeElement.innerText ?? ''")
        if name in focused:
            return
        clinic.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {name}")


def press(clinic: Desk, name: str) -> None:
    tab_to(clinic, name)
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("Enter")


def codes_are_scanned_into_the_list(told: PrintStory, clinic: Desk) -> None:
    """A scanner's Enter ends a line, and so does its Tab; nothing is sent."""
    clinic.follow("Printing")
    clinic.seen("print")
    for code, end in ((told.story.kit, "Enter"), (told.other_tube, "Tab"), ("T12345", "Enter")):
        clinic.page.keyboard.type(code)
        clinic.page.keyboard.press(end)
    expect(clinic.page.locator("#lines")).to_have_value(f"{told.story.kit}\n{told.other_tube}\nT12345\n")
    expect(clinic.page).to_have_url(f"{clinic.address}/printing")


def a_wrong_line_is_said(told: PrintStory, clinic: Desk) -> None:
    press(clinic, "Preview")
    expect(clinic.page.locator(".wrong-lines")).to_contain_text("T12345")
    clinic.seen("print-wrong-line")
    expect(clinic.page.locator("#lines")).to_be_focused()
    for _ in range(len("T12345\n")):
        clinic.page.keyboard.press("Backspace")
    expect(clinic.page.locator("#lines")).to_have_value(f"{told.story.kit}\n{told.other_tube}\n")


def labels_are_looked_at_and_printed(told: PrintStory, clinic: Desk) -> None:
    clinic.page.get_by_text("A sheet is partly used").click()
    clinic.page.locator("#start-sheets-1").focus()
    for _ in range(3):
        clinic.page.keyboard.press("ArrowDown")
    expect(clinic.page.locator("#start-sheets-4")).to_be_checked()
    clinic.seen("print-sheet")
    press(clinic, "Preview")
    expect(clinic.page.locator(".label-pictures img")).to_have_count(labels_of_both(told))
    clinic.seen("print-preview")
    with clinic.page.expect_navigation():
        clinic.page.get_by_role("button", name=f"Print {labels_of_both(told)} labels").dblclick()
    clinic.hears("Ready to print")
    clinic.seen("print-job")
    assert told.jobs() == 1


def labels_of_both(told: PrintStory) -> int:
    """Box and tubes of the kit, a second label for urine, and two of the other kit's tube."""
    return 1 + len(told.story.tubes) + 1 + 2


def the_document_bears_every_code(told: PrintStory, clinic: Desk) -> None:
    tab_to(clinic, "Download labels.pdf")
    with clinic.page.expect_download() as download:
        clinic.page.keyboard.press("Enter")
    wanted = Counter(
        [told.story.kit, *told.story.tubes, told.story.tubes[-1], told.other_tube, told.other_tube]
    )
    found = scanned(Path(download.value.path()).read_bytes())
    assert set(found) == set(wanted)
    assert all(found[code] % count == 0 for code, count in wanted.items())
    clinic.page.reload()
    expect(clinic.page.locator(".identity__state")).to_contain_text("Downloaded")


def scanned(pdf: bytes) -> Counter[str]:
    """What a scanner reads from all pages; a label with two symbols is read twice."""
    images = [
        np.array(page.render(scale=DPI / 72, grayscale=True).to_pil()) for page in pypdfium2.PdfDocument(pdf)
    ]
    return Counter(code.text for image in images for code in zxingcpp.read_barcodes(image))


def a_whole_kit_is_looked_at_from_its_page(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/items/{told.story.kit}")
    clinic.seen("kit-printed")
    clinic.follow("Print the kit's labels")
    clinic.send("Preview")
    expect(clinic.page.locator(".label-pictures img")).to_have_count(labels_of_both(told) - 2)
    clinic.seen("print-kit-preview")


def going_back_prints_nothing(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing?item={told.other_kit}")
    clinic.page.locator("#whole_kits + label").click()
    clinic.send("Print")
    clinic.hears("Ready to print")
    clinic.page.go_back()
    clinic.page.wait_for_load_state()
    assert told.jobs() == 2


def labels_are_printed_again(clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing/jobs/1")
    clinic.page.locator("#reason").select_option("spoiled")
    clinic.fill("Remark", "Smeared by alcohol.")
    clinic.send("Print again")
    clinic.hears("Ready to print")
    expect(clinic.page.locator("main")).to_contain_text("The label was spoiled: “Smeared by alcohol.”")
    clinic.seen("print-job-again")


def a_code_is_given_up(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing/jobs/1")
    with clinic.page.expect_navigation():
        clinic.page.locator(f"a[href$='item={told.other_tube}']").first.click()
    clinic.seen("print-void")
    clinic.page.locator("#reason").select_option("spoiled")
    clinic.choose("Yes, these codes")
    clinic.send("Void these codes")
    clinic.hears("Voided", "never be used again")
    clinic.seen("print-job-voided")


def whoever_scans_it_is_told(told: PrintStory, clinic: Desk) -> None:
    clinic.scan(told.other_tube)
    expect(clinic.page.locator(".notice--loud")).to_contain_text("Given up by Cleo Clinic-Demo")
    clinic.seen("tube-voided")
    clinic.page.goto(f"{clinic.address}/printing")
    clinic.page.keyboard.type(told.other_tube)
    clinic.page.keyboard.press("Enter")
    clinic.send("Print")
    clinic.hears("Voided code")
    clinic.seen("print-refused")


def the_label_printer_gets_its_labels(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/items/{told.story.tubes[0]}")
    clinic.follow("Print label")
    clinic.choose("Label printer")
    clinic.send("Print")
    clinic.seen("print-question")
    clinic.choose("The label was lost")
    clinic.send("Print")
    clinic.hears("Printed", "every label")
    clinic.seen("print-job-sent")
    assert told.printer.labels == 1


def what_went_wrong_is_settled(told: PrintStory, clinic: Desk) -> None:
    told.printer.answers = [status(paper_out=1), status(), "silent"]
    clinic.page.goto(f"{clinic.address}/printing?item={told.story.tubes[1]}")
    clinic.choose("Label printer")
    clinic.send("Print")
    clinic.choose("The label was lost")
    clinic.send("Print")
    clinic.hears("Not printed", "out of labels")
    clinic.seen("print-job-failed")
    clinic.send("Send to printer")
    clinic.hears("Look at the printer", "did not answer in time")
    clinic.seen("print-job-unclear")
    clinic.send("The labels came out")
    clinic.hears("Printed")


def printers_and_the_log_are_looked_at(clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing/printers")
    clinic.seen("printers")
    clinic.page.get_by_role("button", name=re.compile("Make it my printer.*Label printer")).click()
    clinic.hears("Your printer", "Label printer at the bench")
    clinic.seen("printers-own")
    clinic.send("Ask how it is")
    clinic.hears("Not ready", "did not answer in time")
    clinic.page.goto(f"{clinic.address}/printing/jobs")
    clinic.seen("print-jobs")
    expect(clinic.page.locator("tbody tr")).to_have_count(5)
    clinic.page.locator("#state").select_option("printed")
    clinic.send("Show these")
    expect(clinic.page.locator("tbody tr")).to_have_count(1)
