"""Labels as people print them: scanned into the list, looked at, printed, printed again, given up."""

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
title = "Bench label printer"
kind = "network"
site = "{site}"
stock = "roll-50x25"
dpi = 203
host = "127.0.0.1"
port = {port}
connect_seconds = 5
answer_seconds = 3
finish_seconds = 3

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


PREVIEW = "button[formaction^='/printing/preview']"
PRINT = "#print .panel button[type=submit]:not([formaction])"


def tab_to(clinic: Desk, selector: str) -> None:
    """As somebody without a mouse."""
    for _ in range(60):
        if clinic.page.evaluate("selector => document.activeElement.matches(selector)", selector):
            return
        clinic.page.keyboard.press("Tab")
    raise AssertionError(f"the keyboard does not reach {selector}")


def press(clinic: Desk, selector: str) -> None:
    tab_to(clinic, selector)
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("Enter")


def codes_are_scanned_into_the_list(told: PrintStory, clinic: Desk) -> None:
    """A scanner's Enter ends a line, and so does its Tab; nothing is sent."""
    clinic.go("nav a[href='/printing']")
    clinic.seen("print")
    for code, end in ((told.story.kit, "Enter"), (told.other_tube, "Tab"), ("T12345", "Enter")):
        clinic.page.keyboard.type(code)
        clinic.page.keyboard.press(end)
    expect(clinic.page.locator("#lines")).to_have_value(f"{told.story.kit}\n{told.other_tube}\nT12345\n")
    expect(clinic.page).to_have_url(f"{clinic.address}/printing")


def a_wrong_line_is_said(told: PrintStory, clinic: Desk) -> None:
    press(clinic, PREVIEW)
    expect(clinic.page.locator(".wrong-lines")).to_contain_text("T12345")
    clinic.seen("print-wrong-line")
    expect(clinic.page.locator("#lines")).to_be_focused()
    for _ in range(len("T12345\n")):
        clinic.page.keyboard.press("Backspace")
    expect(clinic.page.locator("#lines")).to_have_value(f"{told.story.kit}\n{told.other_tube}\n")


def labels_are_looked_at_and_printed(told: PrintStory, clinic: Desk) -> None:
    clinic.page.locator("details:has(#start-sheets) summary").click()
    clinic.page.locator("#start-sheets-1").focus()
    for _ in range(3):
        clinic.page.keyboard.press("ArrowDown")
    expect(clinic.page.locator("#start-sheets-4")).to_be_checked()
    clinic.seen("print-sheet")
    press(clinic, PREVIEW)
    expect(clinic.page.locator(".label-pictures img")).to_have_count(labels_of_both(told))
    clinic.seen("print-preview")
    with clinic.page.expect_navigation():
        clinic.page.locator("button[form=print]").dblclick()
    clinic.hears("Ready to print")
    clinic.seen("print-job")
    assert told.jobs() == 1


def labels_of_both(told: PrintStory) -> int:
    """Box and tubes of the kit, a second label for urine, and two of the other kit's tube."""
    return 1 + len(told.story.tubes) + 1 + 2


def the_document_bears_every_code(told: PrintStory, clinic: Desk) -> None:
    tab_to(clinic, "a[download][href$='labels.pdf']")
    with clinic.page.expect_download() as download:
        clinic.page.keyboard.press("Enter")
    wanted = Counter(
        [told.story.kit, *told.story.tubes, told.story.tubes[-1], told.other_tube, told.other_tube]
    )
    found = scanned(Path(download.value.path()).read_bytes())
    assert set(found) == set(wanted)
    assert all(found[code] % count == 0 for code, count in wanted.items())
    clinic.page.reload()
    clinic.reads(".identity__state", "Downloaded")


def scanned(pdf: bytes) -> Counter[str]:
    """What a scanner reads from all pages; a label with two symbols is read twice."""
    images = [
        np.array(page.render(scale=DPI / 72, grayscale=True).to_pil()) for page in pypdfium2.PdfDocument(pdf)
    ]
    return Counter(code.text for image in images for code in zxingcpp.read_barcodes(image))


def a_whole_kit_is_looked_at_from_its_page(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/items/{told.story.kit}")
    clinic.seen("kit-printed")
    clinic.go("a[href^='/printing?item=']")
    clinic.go(PREVIEW)
    expect(clinic.page.locator(".label-pictures img")).to_have_count(labels_of_both(told) - 2)
    clinic.seen("print-kit-preview")


def going_back_prints_nothing(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing?item={told.other_kit}")
    clinic.tick("whole_kits")
    clinic.go(PRINT)
    clinic.hears("Ready to print")
    clinic.page.go_back()
    clinic.page.wait_for_load_state()
    assert told.jobs() == 2


def labels_are_printed_again(clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing/jobs/1")
    clinic.page.locator("#reason").select_option("spoiled")
    clinic.put("remark", "Smeared by alcohol.")
    clinic.go("form[action$='/reprint'] button[type=submit]")
    clinic.hears("Ready to print")
    clinic.reads("main", "The label was spoiled: “Smeared by alcohol.”")
    clinic.seen("print-job-again")


def a_code_is_given_up(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing/jobs/1")
    with clinic.page.expect_navigation():
        clinic.page.locator(f"a[href$='item={told.other_tube}']").first.click()
    clinic.seen("print-void")
    clinic.page.locator("#reason").select_option("spoiled")
    clinic.tick("sure")
    clinic.go("form[action$='/void'] button[type=submit]")
    clinic.hears("Voided", "never be used again")
    clinic.seen("print-job-voided")


def whoever_scans_it_is_told(told: PrintStory, clinic: Desk) -> None:
    clinic.scan(told.other_tube)
    clinic.reads(".notice--loud", "Given up by Cleo Clinic-Demo")
    clinic.seen("tube-voided")
    clinic.page.goto(f"{clinic.address}/printing")
    clinic.page.keyboard.type(told.other_tube)
    clinic.page.keyboard.press("Enter")
    clinic.go(PRINT)
    clinic.hears("Voided code")
    clinic.seen("print-refused")


def the_label_printer_gets_its_labels(told: PrintStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/items/{told.story.tubes[0]}")
    clinic.go("a[href^='/printing?item=']")
    clinic.tick("printer-bench")
    clinic.go(PRINT)
    clinic.seen("print-question")
    again(clinic)
    clinic.hears("Printed", "every label")
    clinic.seen("print-job-sent")
    assert told.printer.labels == 1


def again(clinic: Desk) -> None:
    """The label was lost, so it is printed once more."""
    clinic.page.locator("[name=reason][value=lost] + label").click()
    clinic.go("#print .question button[type=submit]")


def what_went_wrong_is_settled(told: PrintStory, clinic: Desk) -> None:
    told.printer.answers = [status(paper_out=1), status(), "silent"]
    clinic.page.goto(f"{clinic.address}/printing?item={told.story.tubes[1]}")
    clinic.tick("printer-bench")
    clinic.go(PRINT)
    again(clinic)
    clinic.hears("Not printed", "out of labels")
    clinic.seen("print-job-failed")
    clinic.go("form[action$='/send'] button[type=submit]")
    clinic.hears("Look at the printer", "did not answer in time")
    clinic.seen("print-job-unclear")
    clinic.go("button[name=outcome][value=printed]")
    clinic.hears("Printed")


def printers_and_the_log_are_looked_at(clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/printing/printers")
    clinic.seen("printers")
    clinic.go("form:has([name=printer][value=bench]) button[type=submit]")
    clinic.hears("Your printer", "Bench label printer")
    clinic.seen("printers-own")
    clinic.go("form[action$='/status'] button[type=submit]")
    clinic.hears("Not ready", "did not answer in time")
    clinic.page.goto(f"{clinic.address}/printing/jobs")
    clinic.seen("print-jobs")
    expect(clinic.page.locator("tbody tr")).to_have_count(5)
    clinic.page.locator("#state").select_option("printed")
    clinic.go("form.narrowing button[type=submit]")
    expect(clinic.page.locator("tbody tr")).to_have_count(1)
