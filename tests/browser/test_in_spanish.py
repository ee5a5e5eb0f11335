"""Every journey of the clinic in Spanish: the same stories, in a browser that asks for the language.

Each page is looked at by axe, at 320 pixels, on a tablet and by keyboard.
"""

import pytest

from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.journeys import JOURNEYS
from tests.browser.kit_story import Story
from tests.browser.looks import looked_at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
SPANISH = "es"
CUT, REFUSED = ("interrupted", "without network"), "ERR_"
"""Journeys that cut their own network, and what a browser says of it."""


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_in_spanish(app, settings, journey):
    found: list[str] = []

    def look(page, name):
        found.extend(f"{name}: {each}" for each in looked_at(page, SPANISH))

    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, look, SPANISH)
        JOURNEYS[journey](story)
        said = [complaint for seated in story.desks for complaint in seated.complaints]
    assert [each for each in said if journey not in CUT or REFUSED not in each] == []
    assert found == []
