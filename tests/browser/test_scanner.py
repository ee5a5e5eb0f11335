"""Scanner test and the log of scans in a real browser, typed as scanners type."""

import pytest
from playwright.sync_api import expect

from biobank.access.operations import set_password
from biobank.access.queries import person_named
from biobank.core.database import writing
from biobank.items.keyboards import KEYS, LAYOUTS, SHIFTED
from biobank.items.scanner_setup import LINEAR, MATRIX
from tests.browser.desk import CHROMIUM, chromium, desk, scanned, served, violations
from tests.programme import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


def french(text):
    return text.translate(str.maketrans(KEYS + SHIFTED, "".join(LAYOUTS["French"])))


def typed(clinic, text, end="Enter"):
    """What a scanner types, key by key; a separator as the key that stands for it."""
    *parts, last = text.split("\x1d")
    for part in parts:
        clinic.page.keyboard.type(part)
        clinic.page.keyboard.press("F8")
    scanned(clinic.page, last, end)


def test_a_scanner_is_tested_and_a_refused_scan_is_explained(programme):
    with programme.app.app_context(), writing() as work:
        set_password(person_named(work, "clinic.here"), PASSWORD)
    _, tubes = programme.assigned_kit()
    found = []
    with served(programme.app) as address, chromium() as browser:
        clinic = desk(browser, address, lambda page, _name: found.extend(violations(page)))
        clinic.sign_in("clinic.here", PASSWORD)
        clinic.page.goto(f"{address}/scanner")
        clinic.seen("scanner")
        expect(clinic.page.locator("#typed")).to_be_focused()
        assert clinic.page.evaluate("document.images[1].naturalWidth") > 0
        for end in ("Enter", "Tab"):
            for code in (LINEAR, MATRIX):
                typed(clinic, code, end)
            clinic.send("Check")
            clinic.hears("This scanner is set up well")
            expect(clinic.page.locator(".findings")).to_contain_text(f"Each scan ends with {end}")
            clinic.page.locator("#typed").focus()
        clinic.seen("scanner-right")
        typed(clinic, french(LINEAR))
        clinic.send("Check")
        clinic.hears("This scanner has to be set")
        expect(clinic.page.locator(".findings")).to_contain_text("at a computer with a French one")
        clinic.seen("scanner-wrong")
        clinic.page.goto(f"{address}/")
        clinic.scan(french(tubes[0]))
        clinic.hears("Scanner not set up", "a French one")
        clinic.seen("scanned-through-french")
        clinic.scan(tubes[0] + tubes[1])
        clinic.hears("Two codes at once")
        clinic.seen("two-codes")
        clinic.follow("Why does this barcode not work?")
        expect(clinic.page.locator(".findings")).to_contain_text("2 codes arrived as one")
        clinic.seen("explained")
        clinic.page.keyboard.type(f"]C0{tubes[1]}")
        with clinic.page.expect_navigation():
            clinic.page.keyboard.press("Enter")
        expect(clinic.page.locator(".findings")).to_contain_text("Possible for you now: collect")
        clinic.seen("explained-right")
        clinic.follow("All scans")
        clinic.seen("scans")
        clinic.page.set_viewport_size({"width": 320, "height": 700})
        for path in ("/scans", "/scanner", "/scans/explanation"):
            clinic.page.goto(f"{address}{path}")
            assert clinic.page.evaluate("document.documentElement.scrollWidth") <= 320, path
        assert clinic.complaints == []
    assert found == []
