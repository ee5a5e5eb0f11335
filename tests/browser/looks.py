"""What the campaigns look at on each page: axe, its language, a narrow screen and a tablet, and the keyboard."""

import re
from pathlib import Path

from playwright.sync_api import Page

from tests.browser.desk import violations

TAB_STOPS = Path(__file__).with_name("tab_stops.js").read_text()
ENGLISH = re.compile(r"\b(the|is|are|was|with|this|that|from|not|and|have|what|when|of)\b")
WIDTHS = (320, 768)
WIDE = {"width": 1280, "height": 900}
HIGHEST_HEAD = 112
"""Pixels of the frame's head on a narrow screen: what is less than its work folds away."""


def looked_at(page: Page, language: str) -> list[str]:
    """All that is amiss, a line each; the page stands afterwards as it stood before."""
    return [
        *violations(page),
        *_in_another_language(page, language),
        *_stick_out(page),
        *_out_of_reach(page),
    ]


def _in_another_language(page: Page, language: str) -> list[str]:
    """The page's own word for its language, and lines with a word that only English has."""
    spoken = page.locator("html").get_attribute("lang")
    if spoken != language:
        return [f"{page.url} speaks {spoken}"]
    lines = page.locator("body").inner_text().splitlines() if language != "en" else []
    return [f"{page.url} says: {line}" for line in lines if ENGLISH.search(line)]


def _stick_out(page: Page) -> list[str]:
    found = []
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 900})
        needed = page.evaluate("document.documentElement.scrollWidth")
        if needed > width:
            found.append(f"{page.url} is {needed} pixels wide on a screen of {width}")
        head = page.locator("header.top").bounding_box()
        if head and head["height"] > HIGHEST_HEAD:
            found.append(f"{page.url} has a head of {head['height']} pixels on a screen of {width}")
    page.set_viewport_size(WIDE)
    return found


def _out_of_reach(page: Page) -> list[str]:
    """What a mouse can press and Tab does not come to, or comes to without a sign of it."""
    page.evaluate(TAB_STOPS)
    stops = page.evaluate("tabStops.begin()")
    for _ in range(stops + 2):
        page.keyboard.press("Tab")
        page.evaluate("tabStops.note()")
    return [f"{page.url}: {each}" for each in page.evaluate("tabStops.end()")]
