"""A bench that two people share: badges, the lock, and forms that outlive a sign-in, a tab or the network."""

from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import BrowserContext, Page, Route, expect

from biobank.access.models import BrowserSession
from biobank.core.database import reading, writing
from biobank.core.moments import now
from biobank.custody.queries import newest_events
from biobank.demo import programme
from tests.browser.desk import desk
from tests.browser.kit_story import Story, set_up

LOCKED_AFTER = 121_000
"""Milliseconds without anybody, after which a station is locked."""
CLEO, BEN = "demo.clinic", "demo.colleague"
BENCH = "chair-1"
STATION = f"{programme.CLINIC}/{BENCH}"


@dataclass
class Bench:
    """One registered browser at the clinic, two people with badges, and tubes to put into quarantine."""

    story: Story
    page: Page
    badges: dict[str, str] = field(default_factory=dict)
    pins: dict[str, str] = field(default_factory=dict)

    @property
    def context(self) -> BrowserContext:
        return self.page.context

    def go(self, path: str) -> None:
        self.page.goto(f"{self.story.address}{path}")

    def scan(self, code: str) -> None:
        """Into whatever has the focus, as a scanner types."""
        self.page.keyboard.type(code)
        self.page.keyboard.press("Enter")

    def sign_in(self, person: str) -> None:
        self.page.locator("#badge").wait_for()
        self.scan(self.badges[person])
        self.type_pin(person)

    def type_pin(self, person: str) -> None:
        self.page.wait_for_url("**/badge/pin")
        self.story.look(self.page, "badge-pin")
        self.scan(self.pins[person])

    def begin_quarantine(self, tube: str, reason: str, page: Page | None = None) -> None:
        on = page or self.page
        on.goto(f"{self.story.address}{step_of(tube)}")
        on.locator("label[for=hold-discrepancy]").click()
        on.locator("#reason").fill(reason)

    def send(self, page: Page | None = None) -> None:
        (page or self.page).locator("main form[data-once] button.usa-button--big[type=submit]").first.click()

    def unseen_for(self, minutes: int) -> None:
        """Nobody was at the bench, and no script of the page ran."""
        with self.story.app.app_context(), writing() as work:
            for session in work.session.query(BrowserSession):
                session.last_seen_at = now() - timedelta(minutes=minutes)

    def quarantines(self, tube: str) -> list[dict]:
        """Who put the tube into quarantine, at which station and why, oldest first."""
        with self.story.app.app_context(), reading() as work:
            events = newest_events(work, tube, 50)
        return [dict(event) for event in events if event["action"] == "quarantine"]

    def recorded_once(self, tube: str, reason: str, person: str = CLEO) -> None:
        expect(self.page.locator("#answer")).to_be_visible()
        events = self.quarantines(tube)
        assert [event["details"]["reason"] for event in events] == [reason]
        assert [(event["recorded_by"], event["station"]) for event in events] == [(person, STATION)]


def step_of(tube: str) -> str:
    return f"/items/{tube}/steps/quarantine"


def bench(story: Story) -> Bench:
    set_up(story)
    return shared(story)


def shared(story: Story) -> Bench:
    """A browser with a clock of its own, and badges and PINs of the two people."""
    seated = desk(story.browser, story.address, story.look, story.language)
    story.desks.append(seated)
    made = Bench(story, seated.page)
    seated.page.clock.install()
    for person in (CLEO, BEN):
        made.badges[person] = story.programme.accounts[person].badge
        made.pins[person] = story.programme.accounts[person].pin
    return made


def story(at: Bench) -> None:
    badge_and_pin_sign_in(at)
    the_page_locks_and_goes_on(at, at.story.tubes[0])
    somebody_else_takes_over_and_back(at, at.story.tubes[1])
    a_sign_in_ends_under_a_form(at, at.story.tubes[2])


def badge_and_pin_sign_in(at: Bench) -> None:
    at.go("/station")
    at.page.locator("#token").fill(at.story.programme.station)
    at.page.keyboard.press("Enter")
    at.page.wait_for_url("**/sign-in")
    at.go("/")
    at.story.look(at.page, "badge")
    at.sign_in(CLEO)
    at.page.wait_for_url(f"{at.story.address}/")


def the_page_locks_and_goes_on(at: Bench, tube: str) -> None:
    """Nothing of what was typed is lost, and keys do not reach the page below."""
    at.begin_quarantine(tube, "The cap was open.")
    at.page.locator("#form_number").focus()
    at.page.clock.fast_forward(LOCKED_AFTER)
    lock = at.page.locator("#lock")
    expect(lock).to_be_visible()
    at.story.look(at.page, "locked")
    at.page.keyboard.press("Escape")
    at.page.keyboard.press("Escape")
    expect(lock).to_be_visible()
    at.scan("T483134562451")
    expect(at.page.locator("#lock-sentence")).not_to_be_empty()
    at.scan(at.badges[CLEO])
    expect(lock).to_be_hidden()
    expect(at.page.locator("#form_number")).to_be_focused()
    expect(at.page.locator("#reason")).to_have_value("The cap was open.")
    at.send()
    at.recorded_once(tube, "The cap was open.")


def somebody_else_takes_over_and_back(at: Bench, tube: str) -> None:
    """One scan asks for the PIN; what was half typed waits for who typed it."""
    at.go(f"/items/{tube}")
    at.scan(at.badges[BEN])
    at.type_pin(BEN)
    expect(at.page.locator(".top__who")).to_contain_text("Colin")
    at.go("/")
    at.scan(at.badges[CLEO])
    at.page.wait_for_url(f"**/items/{tube}")
    at.begin_quarantine(tube, "Torn label.")
    at.page.clock.fast_forward(LOCKED_AFTER)
    expect(at.page.locator("#lock")).to_be_visible()
    at.scan(at.badges[BEN])
    at.page.wait_for_url("**/items/*/steps/*")
    expect(at.page.locator(".top__who")).to_contain_text("Colin")
    assert at.quarantines(tube) == []
    at.page.locator("#scan-text").focus()
    at.scan(at.badges[CLEO])
    at.page.wait_for_url("**/kept-form")
    at.story.look(at.page, "kept-form")
    at.page.keyboard.press("F2")
    at.recorded_once(tube, "Torn label.")


def a_sign_in_ends_under_a_form(at: Bench, tube: str) -> None:
    """After a quarter of an hour badge and PIN are asked for, over the page; then it is sent by itself."""
    at.begin_quarantine(tube, "It stood in the sun.")
    at.unseen_for(minutes=16)
    at.send()
    expect(at.page.locator("#lock")).to_be_visible()
    at.scan(at.badges[CLEO])
    expect(at.page.locator("#lock-pin")).to_be_focused()
    at.scan(at.pins[CLEO])
    at.recorded_once(tube, "It stood in the sun.")


def doubled_and_interrupted(at: Bench) -> None:
    badge_and_pin_sign_in(at)
    pressed_twice(at, at.story.tubes[0])
    gone_back_to(at, at.story.tubes[1])
    in_two_tabs(at, at.story.tubes[2])
    without_network(at, at.story.tubes[3])
    without_an_answer(at, at.story.tubes[4])
    away_from_any_station(at, at.story.tubes[5])


def pressed_twice(at: Bench, tube: str) -> None:
    at.begin_quarantine(tube, "Pressed twice.")
    at.page.evaluate(
        "() => { const big = document.querySelector('main form[data-once] button.usa-button--big');"
        " big.click(); big.click(); }"
    )
    at.page.wait_for_url(f"**/items/{tube}")
    at.recorded_once(tube, "Pressed twice.")


def gone_back_to(at: Bench, tube: str) -> None:
    """Back, and the same button once more: recorded once, and said so."""
    at.begin_quarantine(tube, "Gone back to.")
    key = at.page.locator("main [name=idempotency_key]").first.input_value()
    at.send()
    at.recorded_once(tube, "Gone back to.")
    at.page.go_back()
    at.page.locator("label[for=hold-discrepancy]").click()
    at.page.locator("#reason").fill("Gone back to.")
    at.page.locator("main [name=idempotency_key]").first.evaluate(
        "(field, key) => { field.value = key; }", key
    )
    at.send()
    at.recorded_once(tube, "Gone back to.")


def in_two_tabs(at: Bench, tube: str) -> None:
    """A tab that was opened before its person signed in anew: its form is offered again, not lost."""
    at.begin_quarantine(tube, "From an older tab.")
    other = at.context.new_page()
    other.goto(f"{at.story.address}/")
    other.locator(".top__who form[action='/sign-out'] button").click()
    other.wait_for_url("**/badge")
    other.keyboard.type(at.badges[CLEO])
    other.keyboard.press("Enter")
    other.wait_for_url("**/badge/pin")
    other.keyboard.type(at.pins[CLEO])
    other.keyboard.press("Enter")
    other.wait_for_url(f"{at.story.address}/")
    at.send()
    at.page.wait_for_url("**/kept-form")
    assert at.quarantines(tube) == []
    at.page.keyboard.press("F2")
    at.recorded_once(tube, "From an older tab.")
    other.close()


def without_network(at: Bench, tube: str) -> None:
    at.begin_quarantine(tube, "Without network.")
    at.context.set_offline(True)
    at.send()
    expect(at.page.locator("#no-network")).to_be_visible()
    at.story.look(at.page, "no-network")
    at.page.locator("#send-again").click()
    expect(at.page.locator("#no-network")).to_be_visible()
    assert at.quarantines(tube) == []
    at.context.set_offline(False)
    at.page.locator("#send-again").click()
    at.page.wait_for_url(f"**/items/{tube}")
    at.recorded_once(tube, "Without network.")


def without_an_answer(at: Bench, tube: str) -> None:
    """It was recorded, and the answer never came: the browser's own page, then the same form again."""

    def swallow(route: Route) -> None:
        if route.request.method == "POST":
            route.fetch(max_redirects=0)
            route.abort("connectionreset")
        else:
            route.continue_()

    at.begin_quarantine(tube, "Without an answer.")
    key = at.page.locator("main [name=idempotency_key]").first.input_value()
    at.page.route(f"**{step_of(tube)}", swallow)
    with at.page.expect_event("requestfailed"):
        at.send()
    at.page.wait_for_function("!document.querySelector('#main')")
    at.page.unroute(f"**{step_of(tube)}")
    assert len(at.quarantines(tube)) == 1
    at.begin_quarantine(tube, "Without an answer.")
    at.page.locator("main [name=idempotency_key]").first.evaluate(
        "(field, key) => { field.value = key; }", key
    )
    at.send()
    at.page.wait_for_url(f"**/items/{tube}")
    at.recorded_once(tube, "Without an answer.")


def away_from_any_station(at: Bench, tube: str) -> None:
    """Nothing locks there; after a quarter of an hour the password is asked for, and then for the form."""
    office = at.story.seat(CLEO)
    at.begin_quarantine(tube, "Typed in an office.", office.page)
    at.unseen_for(minutes=16)
    at.send(office.page)
    office.page.wait_for_url("**/sign-in**")
    at.story.look(office.page, "sign-in-kept")
    office.page.locator("#name").fill(CLEO)
    office.page.locator("#password").fill(at.story.password(CLEO))
    office.page.keyboard.press("Enter")
    office.page.wait_for_url("**/kept-form")
    office.page.keyboard.press("F2")
    expect(office.page.locator("#answer")).to_be_visible()
    events = at.quarantines(tube)
    assert [(event["details"]["reason"], event.get("station")) for event in events] == [
        ("Typed in an office.", None)
    ]
