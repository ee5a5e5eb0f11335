"""The clinic's bench in a real browser: the centrifuge and the parcel; axe and a narrow screen on every page."""

import pytest

from tests.browser import pack_story, spin_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


@pytest.mark.parametrize(
    ("told", "tell"),
    [(spin_story.SpinStory, spin_story.tell), (pack_story.PackStory, pack_story.tell)],
    ids=["centrifuge", "parcel"],
)
def test_the_bench_is_worked_at_by_scanner_and_keyboard(app, settings, told, tell):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        tell(told(story))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
