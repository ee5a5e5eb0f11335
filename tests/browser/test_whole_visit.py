"""An ordinary visit with a kit of nine tubes by scanner and keyboard alone; what it takes is printed with `-s`."""

import pytest

from tests.browser import whole_visit
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.visit_story import VisitStory

pytestmark = [
    pytest.mark.campaign,  # a measure, of what the stories of its stages try every day
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_a_visit_is_done_without_a_mouse_in_few_presses(app, settings):
    with served(app) as address, chromium() as browser:
        visit = whole_visit.tell(
            VisitStory(Story(app, settings, browser, address, lambda _page, _name: None))
        )
        assert [complaint for seated in visit.told.story.desks for complaint in seated.complaints] == []
    print(f"\n{'stage':<10}{'scans':>7}{'keys':>7}{'pages':>7}\n{whole_visit.table(visit)}")
    assert visit.told.visit_of("adult-3.2")[1] == "full"
