"""The clinic's stories once more with browsers that ask for Spanish: every page says all in it, and is accessible."""

import re
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from tests.browser import collect_story, pack_story, spin_story, visit_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
ENGLISH = re.compile(r"\b(the|is|are|was|with|this|that|from|not|and|have|what|when|of)\b")
STORIES = {
    "visit": lambda story: visit_story.tell(visit_story.VisitStory(story)),
    "collect": lambda story: collect_story.tell(collect_story.CollectStory(story)),
    "pack": lambda story: pack_story.tell(pack_story.PackStory(story)),
    "spin": lambda story: spin_story.tell(spin_story.SpinStory(story)),
}


@dataclass
class SpanishSpeaking:
    """A browser whose every window asks for Spanish."""

    browser: Browser

    def new_context(self, **asked: object) -> BrowserContext:
        return self.browser.new_context(locale="es-MX", **asked)


def left_in_english(page: Page) -> list[str]:
    """Lines that somebody reads and that hold a word that only English has."""
    assert page.locator("html").get_attribute("lang") == "es"
    lines = page.locator("body").inner_text().splitlines()
    return [f"{page.url}: {line}" for line in lines if ENGLISH.search(line)]


@pytest.mark.parametrize("name", list(STORIES))
def test_a_story_is_told_in_spanish(app, settings, name):
    found: list[str] = []

    def look(page: Page, _name: str) -> None:
        found.extend([*left_in_english(page), *complaints(page)])

    with served(app) as address, chromium() as browser:
        story = Story(app, settings, SpanishSpeaking(browser), address, look)
        STORIES[name](story)
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
