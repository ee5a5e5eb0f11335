"""Every journey of the clinic in Spanish: the same stories, in a browser that asks for the language.

Each page is looked at by axe, at 320 pixels, on a tablet and by keyboard.
"""

import pytest

from tests.browser import kit_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.journeys import JOURNEYS
from tests.browser.kit_story import Story
from tests.browser.looks import looked_at
from tests.browser.print_story import PrintStory, tell, write_printers

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
SPANISH = "es"
CUT, REFUSED = ("interrupted", "without network"), "ERR_"
"""Journeys that cut their own network, and what a browser says of it."""


@pytest.fixture
def settings(settings, tmp_path, printer):
    """No order waits for its window, and the clinic has a label printer on a port."""
    printers = write_printers(tmp_path / "printers.toml", printer.port)
    return settings.with_changes(hold_window_days=0, printers_file=printers)


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_in_spanish(app, settings, journey):
    said, found = told_in_spanish(app, settings, JOURNEYS[journey])
    assert [each for each in said if journey not in CUT or REFUSED not in each] == []
    assert found == [], "\n".join(found)


def test_the_life_of_a_kit_in_spanish(app, settings):
    assert told_in_spanish(app, settings, kit_story.tell) == ([], [])


def test_printing_in_spanish(app, settings, printer):
    assert told_in_spanish(app, settings, lambda story: tell(PrintStory(story, printer))) == ([], [])


def told_in_spanish(app, settings, tell_it):
    """What the browsers complained of, and what is amiss on the pages."""
    found: list[str] = []

    def look(page, name):
        found.extend(f"{name}: {each}" for each in looked_at(page, SPANISH))

    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, look, SPANISH)
        tell_it(story)
        said = [complaint for seated in story.desks for complaint in seated.complaints]
    return said, found
