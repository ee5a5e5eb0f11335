"""Stations answer on their page, in a real browser."""

import pytest

from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.in_place_story import InPlaceStory, tell
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_a_station_answers_on_its_page(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        tell(
            InPlaceStory(
                Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
            )
        )
    assert found == []
