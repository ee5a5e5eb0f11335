"""Every journey of the clinic in Spanish: the same stories, in a browser that asks for the language.

Each page is looked at by axe, at 320 pixels, on a tablet and by keyboard.
"""

from collections.abc import Callable

import pytest

from tests.browser import (
    collect_story,
    pack_story,
    paper_story,
    spin_story,
    stations_story,
    stock_story,
    visit_story,
    whole_visit,
)
from tests.browser.desk import CHROMIUM, chromium, served
from tests.browser.kit_story import Story
from tests.browser.looks import looked_at

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
SPANISH = "es"
CUT = "ERR_"
"""What a browser says of a network that the story itself cuts."""
JOURNEYS: dict[str, Callable[[Story], object]] = {
    "visit": lambda story: visit_story.tell(visit_story.VisitStory(story)),
    "whole visit": lambda story: whole_visit.tell(visit_story.VisitStory(story)),
    "chair": lambda story: collect_story.tell(collect_story.CollectStory(story)),
    "centrifuge": lambda story: spin_story.tell(spin_story.SpinStory(story)),
    "parcel": lambda story: pack_story.tell(pack_story.PackStory(story)),
    "paper": lambda story: paper_story.tell(paper_story.PaperStory(story)),
    "stock": lambda story: stock_story.tell(stock_story.StockStory(story)),
    "shared bench": lambda story: stations_story.story(stations_story.bench(story)),
    "interrupted": lambda story: stations_story.doubled_and_interrupted(stations_story.bench(story)),
}


@pytest.mark.parametrize("journey", JOURNEYS)
def test_a_journey_in_spanish(app, settings, journey):
    found: list[str] = []

    def look(page, name):
        found.extend(f"{name}: {each}" for each in looked_at(page, SPANISH))

    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, look, SPANISH)
        JOURNEYS[journey](story)
        said = [complaint for seated in story.desks for complaint in seated.complaints]
    assert [each for each in said if CUT not in each] == []
    assert found == []
