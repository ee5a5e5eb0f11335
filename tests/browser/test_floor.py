"""Every journey of the biobank's floor in a real browser against the real service, each page looked at."""

import pytest

from biobank.core.database import reading
from biobank.replays import REPLAYS
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.journeys import FLOOR
from tests.browser.kit_story import Story
from tests.browser.looks import looked_at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,  # operations and pages of it are asked every day by quicker tests
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


@pytest.mark.parametrize("journey", FLOOR)
def test_a_journey_of_the_floor(app, settings, journey):
    found: list[str] = []

    def look(page, name):
        found.extend(f"{name}: {each}" for each in looked_at(page, "en"))

    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, look)
        FLOOR[journey](story)
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
    with app.app_context(), reading() as work:
        assert [str(finding) for replay in REPLAYS for finding in replay(work)] == []
