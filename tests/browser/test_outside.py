"""Custodians outside in a real browser, from the register to the acceptance; axe and a narrow screen on every page."""

import pytest

from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.outside_story import OutsideStory, tell
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,  # operations and pages of it are asked every day by quicker tests
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


@pytest.fixture
def settings(settings):
    return settings.with_changes(hold_window_days=0)


def test_a_tube_at_a_lab_ends_when_its_document_is_accepted(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        tell(OutsideStory(story))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
