"""The desk of compliance in a real browser; axe, a narrow screen and the keyboard on every page."""

import pytest

from tests.browser.compliance_story import STORIES
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


DAILY = {"destroyed wherever it is", "a legal hold in mid-batch"}
"""The others are told in Spanish among the campaigns, too."""


@pytest.mark.parametrize(
    "told", [pytest.param(each, marks=[] if each in DAILY else pytest.mark.campaign) for each in STORIES]
)
def test_at_the_desk_of_compliance(app, settings, told):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        STORIES[told](story)
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
