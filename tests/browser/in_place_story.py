"""Answers on the page: nothing is loaded, nothing that is scanned meanwhile is lost, and nothing is taken twice."""

from dataclasses import dataclass, field

from playwright.sync_api import Page, Route, expect

from biobank.access.queries import actor_named
from biobank.core.database import reading, writing
from biobank.custody.queries import newest_events
from biobank.demo import programme
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from tests.browser.clinic_ground import SCAN, drawn_kit, expired_kit, set_up_clinic
from tests.browser.desk import Desk, held_back
from tests.browser.kit_story import Story
from tests.browser.stations_story import CLEO, Bench, badge_and_pin_sign_in, shared

SST, PST_1, PST_2, EDTA = "1SS08", "PS04A", "PS04B", "1ED04"
SLOW_MS = 700


@dataclass
class InPlaceStory:
    """A kit that is ready for the centrifuge, and a parcel that is being packed."""

    story: Story
    kit: str = ""
    tubes: dict[str, str] = field(default_factory=dict)
    parcel: str = ""

    def times(self, code: str, action: str) -> int:
        return self.events_of(self.tubes[code], action)

    def events_of(self, tube: str, action: str) -> int:
        with self.story.app.app_context(), reading() as work:
            events = newest_events(work, tube, 20)
        return sum(event["action"] == action for event in events)


def tell(told: InPlaceStory) -> None:
    set_up_clinic(told.story)
    told.kit, told.tubes = drawn_kit(told.story, "A900000031", 60)
    with told.story.app.app_context(), writing() as work:
        by = actor_named(work, CLEO)
        new = NewShipment(origin=programme.CLINIC, destination=programme.BIOBANK)
        told.parcel = start_shipment(work, new, by=by, source=SCAN).identifier
    clinic = told.story.seat(CLEO)
    each_station_answers_without_a_load(told, clinic)
    a_question_stands_until_it_is_answered(told, clinic)
    at_the_chair_a_scan_waits_for_the_answer(told, clinic)
    a_tube_scanned_twice_leaves_the_box_free(told, clinic)
    what_is_scanned_meanwhile_is_taken_in_turn(told, clinic)
    without_network_it_waits_and_is_sent_once(told, clinic)
    what_was_sent_again_does_not_stand_before_the_next_scan(told, clinic)
    a_double_press_takes_out_one(told, clinic)
    a_sign_in_that_is_over_is_locked_over_the_answer(told)


def standing(page: Page) -> None:
    """A mark that a load of the page would wipe out."""
    page.evaluate("window.stands = true")


def stands(page: Page) -> bool:
    return bool(page.evaluate("window.stands === true"))


def scan(page: Page, code: str) -> None:
    page.keyboard.type(code)
    page.keyboard.press("Enter")


def tone(page: Page, expected: str) -> None:
    expect(page.locator("#answer")).to_have_attribute("data-tone", expected)


def each_station_answers_without_a_load(told: InPlaceStory, clinic: Desk) -> None:
    """Also what is refused and what is asked back: it is spoken, and the next scan has where to go."""
    page = clinic.page
    for path, box in (
        (f"/kits/{told.kit}/collect", "#scan-text"),
        ("/centrifuge", "#text"),
        (f"/shipments/{told.parcel}", "#scan-text"),
    ):
        page.goto(f"{clinic.address}{path}")
        standing(page)
        scan(page, "NOPE")
        tone(page, "wrong")
        said = page.locator("#answer .answer__word").inner_text()
        expect(page.locator("#announcement")).to_contain_text(said)
        expect(page.locator(box)).to_be_focused()
        expect(page.locator(box)).to_have_value("")
        assert page.url == f"{clinic.address}{path}"
        assert stands(page), path
    page.goto(f"{clinic.address}/centrifuge")
    standing(page)
    scan(page, told.tubes[EDTA])
    expect(page.locator("[data-ask-back]")).to_be_visible()
    assert stands(page)
    clinic.seen("in-place-asked-back")


def a_question_stands_until_it_is_answered(told: InPlaceStory, clinic: Desk) -> None:
    """Who scans over it, or scanned the next one before it came, is told that the scan was not taken."""
    page = clinic.page
    page.goto(f"{clinic.address}/centrifuge")
    standing(page)
    with held_back(page, "**/centrifuge/scan", Route.continue_):
        for code in (told.tubes[EDTA], told.tubes[SST]):
            scan(page, code)
    question, over = page.locator("[data-ask-back]"), page.locator("[data-scanned-over]")
    expect(over).to_be_visible()
    page.goto(f"{clinic.address}/centrifuge")
    standing(page)
    scan(page, told.tubes[EDTA])
    expect(question).to_be_visible()
    expect(over).to_be_hidden()
    scan(page, told.tubes[SST])
    expect(over).to_be_visible()
    expect(page.locator("#announcement")).to_have_text(over.inner_text())
    expect(question).to_be_visible()
    assert stands(page)
    assert (told.times(SST, "centrifuge"), told.times(EDTA, "centrifuge")) == (0, 0)
    clinic.seen("in-place-scanned-over")


def at_the_chair_a_scan_waits_for_the_answer(told: InPlaceStory, clinic: Desk) -> None:
    """The first of two quick scans is asked back about; the second is kept, and sent when that was answered."""
    page = clinic.page
    kit, tubes = expired_kit(told.story, "A900000032")
    page.goto(f"{clinic.address}/kits/{kit}/collect")
    with held_back(page, "**/collect/scan", Route.continue_):
        for code in (tubes[SST], tubes[PST_1]):
            scan(page, code)
    expect(page.locator("[data-ask-back]")).to_be_visible()
    page.wait_for_timeout(SLOW_MS)
    expect(page.locator("[data-ask-back]")).to_be_visible()
    page.fill("[name=confirmation]", "There was no other kit.")
    page.click("[data-confirm]")
    for code in (SST, PST_1):
        expect(page.locator(f"[data-tube='{tubes[code]}'][data-state=collected]")).to_be_visible()
    assert [told.events_of(tubes[code], "collect") for code in (SST, PST_1)] == [1, 1]


def a_tube_scanned_twice_leaves_the_box_free(told: InPlaceStory, clinic: Desk) -> None:
    """At the chair, before the first answer is there: the next code is not appended to the second."""
    page = clinic.page
    page.goto(f"{clinic.address}/kits/{told.kit}/collect")
    with held_back(page, "**/collect/scan", Route.continue_):
        for code in (told.tubes[SST], told.tubes[SST]):
            scan(page, code)
            expect(page.locator("#scan-text")).to_have_value("")
    tone(page, "ask")
    scan(page, "NOPE")
    expect(page.locator("#answer")).to_contain_text("'NOPE'")


def what_is_scanned_meanwhile_is_taken_in_turn(told: InPlaceStory, clinic: Desk) -> None:
    page = clinic.page
    page.goto(f"{clinic.address}/centrifuge")
    standing(page)
    third = told.tubes[PST_2]
    with held_back(page, "**/centrifuge/scan", Route.continue_):
        scan(page, told.tubes[SST])
        scan(page, told.tubes[PST_1])
        page.keyboard.type(third[:6])
    for code in (SST, PST_1):
        expect(page.locator(f"li[data-tube={told.tubes[code]}]")).to_have_attribute("data-phase", "spinning")
    expect(page.locator("#text")).to_have_value(third[:6])
    scan(page, third[6:])
    expect(page.locator(f"li[data-tube={third}]")).to_have_attribute("data-phase", "spinning")
    assert [told.times(code, "centrifuge") for code in (SST, PST_1, PST_2)] == [1, 1, 1]
    assert stands(page)


def without_network_it_waits_and_is_sent_once(told: InPlaceStory, clinic: Desk) -> None:
    page = clinic.page
    page.goto(f"{clinic.address}/shipments/{told.parcel}")
    standing(page)
    page.context.set_offline(True)
    scan(page, told.tubes[EDTA])
    expect(page.locator("#no-network")).to_be_visible()
    expect(page.locator("#scan-text")).to_have_value(told.tubes[EDTA])
    page.context.set_offline(False)
    page.locator("#send-again").click()
    expect(page.locator(f"li[data-tube={told.tubes[EDTA]}]")).to_have_attribute("data-standing", "inside")
    expect(page.locator("#no-network")).to_be_hidden()
    assert told.times(EDTA, "pack") == 1
    assert stands(page)


def what_was_sent_again_does_not_stand_before_the_next_scan(told: InPlaceStory, clinic: Desk) -> None:
    page = clinic.page
    page.goto(f"{clinic.address}/centrifuge")
    page.context.set_offline(True)
    scan(page, "NOPE-1")
    expect(page.locator("#text")).to_have_value("NOPE-1")
    page.context.set_offline(False)
    page.locator("#send-again").click()
    expect(page.locator("#answer")).to_contain_text("NOPE-1")
    expect(page.locator("#text")).to_have_value("")
    scan(page, "NOPE-2")
    expect(page.locator("#answer")).to_contain_text("'NOPE-2'")
    page.goto(f"{clinic.address}/shipments/{told.parcel}")
    standing(page)


def a_double_press_takes_out_one(told: InPlaceStory, clinic: Desk) -> None:
    page = clinic.page
    page.locator(f"[data-kit={told.kit}] .pack-kit__head form button").click()
    expect(page.locator(f"[data-kit={told.kit}]")).to_have_attribute("data-ready", "0")
    inside = int(str(page.locator("#parcel").get_attribute("data-inside")))
    page.locator("form[action$='/take-out'] button").first.dblclick(delay=250)
    page.wait_for_load_state("networkidle")
    expect(page.locator("#parcel")).to_have_attribute("data-inside", str(inside - 1))
    assert stands(page)


def a_sign_in_that_is_over_is_locked_over_the_answer(told: InPlaceStory) -> None:
    """After an answer in place too: the lock outlasts it, takes the scan, and sends it when its person is back."""
    at: Bench = shared(told.story)
    badge_and_pin_sign_in(at)
    at.go(f"/shipments/{told.parcel}")
    standing(at.page)
    at.scan("NOPE")
    tone(at.page, "wrong")
    at.unseen_for(minutes=16)
    inside = int(str(at.page.locator("#parcel").get_attribute("data-inside")))
    at.page.locator("form[action$='/take-out'] button").first.click()
    expect(at.page.locator("#lock")).to_be_visible()
    at.scan(at.badges[CLEO])
    expect(at.page.locator("#lock-pin")).to_be_focused()
    at.scan(at.pins[CLEO])
    tone(at.page, "right")
    expect(at.page.locator("#parcel")).to_have_attribute("data-inside", str(inside - 1))
    assert stands(at.page)
