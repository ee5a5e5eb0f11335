"""Stock, recall and charts in a real browser against the real service, each page looked at by axe."""

import pytest

from biobank.core.database import reading
from biobank.custody.queries import holds_on, item_now
from biobank.custody.states import State
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.stock_story import OTHER, RECALLED, StockStory, tell
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,  # operations and pages of it are asked every day by quicker tests
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_kits_come_go_and_are_recalled_and_every_page_is_accessible(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        told = StockStory(story)
        tell(told)
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
    with app.app_context(), reading() as work:
        assert item_now(work, told.kits[OTHER][0]).state is State.RETURNED
        assert item_now(work, told.kits[RECALLED][0]).state is State.VOIDED
        assert not holds_on(work, item_now(work, told.tubes[0]).id)
