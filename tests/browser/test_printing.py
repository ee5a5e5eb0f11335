"""Printing in a real browser against the real service and a printer on a port; axe and a narrow screen on every page."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.desk import CHROMIUM, chromium, served, violations
from tests.browser.kit_story import Story, set_up
from tests.browser.print_story import PrintStory, tell, write_printers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,  # operations and pages of it are asked every day by quicker tests
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
NARROW = {"width": 320, "height": 640}
WIDE = {"width": 1280, "height": 900}


@pytest.fixture
def settings(settings, tmp_path, printer):
    return settings.with_changes(printers_file=write_printers(tmp_path / "printers.toml", printer.port))


def complaints(page: Page) -> list[str]:
    """What axe finds, and whether anything sticks out of a narrow screen."""
    found = violations(page)
    page.set_viewport_size(NARROW)
    width = page.evaluate("document.documentElement.scrollWidth")
    page.set_viewport_size(WIDE)
    return found + ([f"{page.url} is {width} pixels wide"] if width > NARROW["width"] else [])


def test_labels_are_printed_by_keyboard_and_scanner_and_every_page_is_accessible(app, settings, printer):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        tell(PrintStory(story, printer))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []


def test_it_prints_without_any_script(app, settings, printer):
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda _page, _name: None)
        set_up(story)
        signed_in = story.seat("demo.clinic").page.context.cookies()
        context = browser.new_context(java_script_enabled=False)
        context.add_cookies(signed_in)
        page = context.new_page()
        page.goto(f"{address}/printing")
        page.locator("#lines").fill(f"{story.tubes[0]}\n")
        page.get_by_text("A sheet is partly used").click()
        page.locator("#start-sheets-12").check(force=True)
        page.get_by_role("button", name="Preview").click()
        expect(page.locator(".label-pictures img")).to_have_count(1)
        expect(page.locator("#start-sheets-12")).to_be_checked()
        page.get_by_role("button", name="Print 1 label").click()
        page.wait_for_url("**/printing/jobs/1")
        assert "from label 12 on" in page.locator("main").inner_text()
