"""The chair and the identity desk in a real browser, by keyboard; axe and a narrow screen on every page."""

import pytest

from tests.browser import identity_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


def test_a_name_that_does_not_match_is_put_right_at_the_desk(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        identity_story.tell(identity_story.IdentityStory(story))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
