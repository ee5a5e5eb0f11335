"""Visits in a real browser, by scanner and keyboard; axe and a narrow screen on every page."""

import pytest

from tests.browser import visit_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,  # operations and pages of it are asked every day by quicker tests
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_an_adult_and_a_child_come_to_the_clinic(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        visit_story.tell(visit_story.VisitStory(story))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
