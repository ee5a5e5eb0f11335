"""A shared bench in a real browser: axe and a narrow screen on every page, keyboard and scanner alone."""

import pytest

from tests.browser import stations_story
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


@pytest.mark.parametrize("tell", [stations_story.story, stations_story.doubled_and_interrupted])
def test_two_people_share_a_bench_and_nothing_is_lost_or_done_twice(app, settings, tell):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        tell(stations_story.bench(story))
        said = [complaint for seated in story.desks for complaint in seated.complaints]
        assert [each for each in said if "ERR_" not in each] == []
    assert found == []
