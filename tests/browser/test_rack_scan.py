"""A rack scanner's file in a real browser: chosen, looked at well by well, confirmed; axe on every page."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from biobank.access.queries import actor_named
from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from tests.browser.desk import CHROMIUM, chromium, served, violations
from tests.browser.kit_story import PARTICIPANT, Story, now, set_up

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]
PICTURES = os.environ.get("BIOBANK_TEST_PICTURES")
"""A folder for a picture of each page, to look at."""


def a_box_for_received_tubes(story: Story) -> str:
    """Tubes on the bench of the biobank, one of them under a hold, and another one stored in A6 before."""
    with story.app.app_context(), writing() as work:
        clinic, technician, lead = (
            actor_named(work, f"demo.{who}") for who in ("clinic", "technician", "lead")
        )

        def step(item, action, by, **told):
            record(work, item, action, by=by, source=Source("scan"), at=now(), **told)

        step(story.kit, Action.ASSIGN, clinic, details={"participant": PARTICIPANT})
        for tube in story.tubes[:6]:
            step(tube, Action.COLLECT, clinic, details={"fill": "full"})
            step(tube, Action.RECEIVE, technician)
        step(story.tubes[1], Action.QUARANTINE, technician, details={"hold": "temperature", "reason": "warm"})
        new = NewUnit(kind=Kind.BOX, name="Rack 24", site=programme.BIOBANK, rows=4, columns=6)
        box = add_unit(work, new, by=lead, source=Source("scan")).identifier
        step(story.tubes[5], Action.STORE, technician, place=box, position="A6")
    return box


def choose(page: Page, name: str, text: str) -> None:
    page.get_by_label("The scanner's file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": text.encode()}
    )


def test_a_rack_is_shown_and_stored_and_named_and_every_page_is_accessible(app, settings):
    found: list[str] = []

    def look(page: Page, name: str) -> None:
        found.extend(violations(page))
        if PICTURES:
            page.screenshot(path=Path(PICTURES) / f"rack-{name}.png", full_page=True)

    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, look)
        set_up(story)
        box = a_box_for_received_tubes(story)
        technician = story.seat("demo.technician")
        page = technician.page
        technician.scan(box)
        technician.follow("Read a rack scanner's file")
        technician.seen("choose")
        lines = [f"A{column},{tube}" for column, tube in enumerate(story.tubes[:4], 1)]
        text = "\n".join([*lines, "A5,FR90000001", "A6,NO TUBE", "B1,NO READ"])
        choose(page, "FX90000024.csv", text)
        technician.send("Show what would happen")
        expect(page.locator(".notice--loud")).to_contain_text("'FR90000001' is not a code of ours")
        technician.seen("refused")
        page.locator("label[for=leave_out_unknown]").click()
        technician.send("Show what would happen")
        expect(page.locator("h1")).to_have_text("What FX90000024.csv would do")
        technician.seen("plan")
        technician.send("Store 4: record it")
        expect(page.locator("h1")).to_have_text("What FX90000024.csv did")
        technician.seen("done")
        technician.follow("Back to Rack 24")
        technician.seen("box")
        technician.follow("Read a rack scanner's file")
        choose(page, "FX90000024.csv", "A1,FR90000002\nA2,FR90000003\n")
        technician.fill("Give these codes", "FluidX")
        technician.send("Show what would happen")
        technician.send("New code 2: record it")
        technician.scan("FR90000003")
        expect(page.locator("body")).to_contain_text("FR90000003 (FluidX)")
        technician.seen("named")
        assert technician.complaints == []
    assert found == []
    with app.app_context(), reading() as work:
        lying = [item_now(work, tube).position for tube in story.tubes[:6]]
    assert lying == ["A1", "A2", "A3", "A4", None, "A6"]
