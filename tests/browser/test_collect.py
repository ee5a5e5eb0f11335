"""The page at the chair in a real browser: a clinic's day, two tabs, a double Enter, no script; and a whole log."""

import subprocess
import sys
from itertools import chain

import pytest
from playwright.sync_api import Page, Route, expect

from biobank.core.database import reading, writing
from biobank.custody.queries import newest_events
from biobank.custody.replay import states_for_export
from biobank.destruction.replay import certificates_for_export
from biobank.ledger import checkpoints, offline_verifier
from biobank.ledger.exporting import export
from biobank.ledger.notes import SigningKey
from biobank.ledger.operations import issue_checkpoint
from biobank.ledger.sealing import seal_all
from biobank.ledger.verification import verify
from biobank.replays import REPLAYS
from tests.browser.collect_story import CollectStory, answered, days_later, scan, set_up, stands, tell
from tests.browser.desk import CHROMIUM, Desk, chromium, held_back, served, tone
from tests.browser.kit_story import Story
from tests.browser.test_printing import complaints

pytestmark = [
    pytest.mark.browser,
    pytest.mark.campaign,  # operations and pages of it are asked every day by quicker tests
    pytest.mark.skipif(CHROMIUM is None, reason="needs chromium"),
]


def test_a_day_at_the_chair_is_accessible_and_leaves_a_whole_log(app, settings, tmp_path):
    found: list[str] = []
    with served(app) as address, chromium() as browser:
        story = Story(app, settings, browser, address, lambda page, _name: found.extend(complaints(page)))
        tell(CollectStory(story))
        assert [complaint for seated in story.desks for complaint in seated.complaints] == []
    assert found == []
    the_log_is_whole(app, tmp_path)


def the_log_is_whole(app, folder):
    """By the service itself, and by the program that needs nothing of ours."""
    with app.app_context(), days_later(8):
        seal_all()
        with writing() as work:
            note = issue_checkpoint(work, SigningKey.generate("biobank.example/log"))
        with reading() as work, (folder / "ledger.jsonl").open("wb") as file:
            assert not verify(work, replays=REPLAYS).findings
            size = checkpoints.read(note).size
            records = chain(states_for_export(work, size), certificates_for_export(work, size))
            assert export(work, file, note, records) > 0
    run = [sys.executable, offline_verifier.__file__, str(folder / "ledger.jsonl")]
    said = subprocess.run(run, capture_output=True, text=True, check=False)
    assert said.returncode == 0, said.stdout


@pytest.fixture
def seated(app, settings):
    """A kit of nine tubes at the chair of the clinic."""
    with served(app) as address, chromium() as browser:
        told = CollectStory(Story(app, settings, browser, address, lambda _page, _name: None))
        set_up(told)
        yield told, told.story.seat("demo.clinic")


def events(told: CollectStory, tube: str) -> list[str]:
    with told.story.app.app_context(), reading() as work:
        return [event["action"] for event in newest_events(work, tube, 20)]


def test_a_double_enter_two_tabs_and_an_older_page_record_nothing_twice(seated):
    told, clinic = seated
    kit, tubes = told.kits["whole"]
    clinic.page.goto(f"{clinic.address}/kits/{kit}/collect")
    clinic.page.keyboard.type(tubes[0])
    clinic.page.keyboard.press("Enter")
    clinic.page.keyboard.press("Enter")
    stands(clinic, tubes[0], "collected")
    assert events(told, tubes[0]).count("collect") == 1
    older = clinic.page.context.new_page()
    older.goto(f"{clinic.address}/kits/{kit}/collect")
    clinic.page.bring_to_front()
    scan(told, clinic, tubes[1])
    stands(clinic, tubes[1], "collected")
    older.bring_to_front()
    pressed(older, "F3")  # the undo that this page offers is the older one
    expect(older.locator("#answer")).to_have_attribute("data-tone", "wrong")
    assert (events(told, tubes[0])[0], events(told, tubes[1])[0]) == ("collect", "collect")
    older.keyboard.type(tubes[1])
    older.keyboard.press("Enter")
    expect(older.locator("#answer")).to_have_attribute("data-tone", "ask")
    assert events(told, tubes[1]).count("collect") == 1


QUEUE_IS_BUSY = """async () => {
  const opened = indexedDB.open("biobank-offline");
  await new Promise((done) => { opened.onsuccess = done; });
  const store = opened.result.transaction("queue", "readwrite").objectStore("queue");
  const goOn = () => { if (!window.letGo) store.count().onsuccess = goOn; };
  goOn();
}"""
"""Whatever would be written into the queue of scans waits, as on a slow disk, until the page is told to let go."""


def test_a_tube_scanned_again_once_its_answer_is_there_is_asked_back_however_slow_the_disk_is(seated):
    told, clinic = seated
    kit, tubes = told.kits["whole"]
    clinic.page.goto(f"{clinic.address}/kits/{kit}/collect")
    with held_back(clinic.page, "**/collect/scan", Route.continue_):
        with clinic.page.expect_request("**/collect/scan"):
            scan(told, clinic, tubes[0])
        clinic.page.evaluate(QUEUE_IS_BUSY)
    stands(clinic, tubes[0], "collected")
    scan(told, clinic, tubes[0])
    clinic.page.evaluate("window.letGo = true")
    tone(clinic, "ask")
    assert events(told, tubes[0]).count("collect") == 1


def test_another_kit_is_warned_of_and_the_scan_is_not_lost(seated):
    told, clinic = seated
    (kit, tubes), (other, others) = told.kits["whole"], told.kits["short"]
    clinic.page.goto(f"{clinic.address}/kits/{kit}/collect")
    scan(told, clinic, tubes[0])
    stands(clinic, tubes[0], "collected")
    scan(told, clinic, other)
    expect(clinic.page.locator("[data-other-open]")).to_be_visible()
    scan(told, clinic, others[0])
    tone(clinic, "ask")
    stands(clinic, others[0], "expected")
    clinic.page.keyboard.press("F4")
    stands(clinic, others[0], "collected")
    scan(told, clinic, tubes[1])
    tone(clinic, "wrong")  # a tube of the kit that was left
    stands(clinic, others[1], "expected")


def test_everything_works_without_script(seated):
    told, clinic = seated
    kit, tubes = told.kits["whole"]
    context = told.story.browser.new_context(
        java_script_enabled=False, storage_state=clinic.page.context.storage_state()
    )
    plain = Desk(context.new_page(), clinic.address, clinic.look)
    plain.page.goto(f"{clinic.address}/kits/{kit}/collect")
    plain.page.locator("#scan-text").fill(tubes[0])
    plain.page.locator("#scan-text").press("Enter")
    stands(plain, tubes[0], "collected")
    plain.page.locator("[data-answer=fill]").click()
    plain.page.locator("[value='short:4000']").click()
    expect(plain.page.locator(f"[data-tube={tubes[0]}] .draw__note")).to_be_visible()
    plain.page.locator("[data-answer=rest]").click()
    plain.page.locator("[value=fainted]").click()
    answered(plain, 9)
    plain.page.locator("[data-answer=undo]").click()
    answered(plain, 1)


def pressed(page: Page, key: str) -> None:
    expect(page.locator(f"[data-key={key}]").first).to_be_visible()
    with page.expect_navigation():
        page.keyboard.press(key)
