"""Studies and a legal demand in a real browser; axe and a narrow screen on every page."""

import pytest

from tests.browser import study_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,  # operations and pages of it are asked every day by quicker tests
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_a_study_gets_what_it_may_and_is_asked_when_its_participant_leaves(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        study_story.tell(study_story.StudyStory(story))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
