"""The whole journey in a real browser against the real service, each page looked at by axe."""

import pytest

from biobank.core.database import reading
from biobank.custody.queries import item_now
from biobank.custody.states import State
from biobank.destruction.certificates import judge
from tests.browser.desk import CHROMIUM, chromium, served, violations
from tests.browser.kit_story import DRAWN, Story, tell

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


@pytest.fixture
def settings(settings):
    return settings.with_changes(hold_window_days=0)


def test_a_kit_goes_its_whole_way_and_every_page_is_accessible(app, settings):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(violations(page)))
        tell(story)
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
    with app.app_context(), reading() as work:
        assert judge(work, story.certificate).genuine
        states = [item_now(work, tube).state for tube in story.tubes]
    assert states[:DRAWN] == [State.DESTROYED] * DRAWN
    assert set(states[DRAWN:]) == {State.NOT_COLLECTED}
