"""Downtime in a real browser: a pack is printed, read back, and a form typed in; axe and a narrow screen on every page."""

import pytest

from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.paper_story import PaperStory, tell
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_a_form_is_printed_ahead_and_entered_after_an_outage(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        tell(PaperStory(story))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
