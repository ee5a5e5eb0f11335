"""The scan box in a real browser, typed into as a scanner types: nothing is lost, nothing half-filled is sent, answers are heard."""

import shutil
import threading
from collections.abc import Iterator

import pytest
from flask import redirect, request
from playwright.sync_api import Page, expect, sync_playwright
from werkzeug.serving import make_server

from tests.web.previews import preview_app

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; font-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)
pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


class Station:
    """Serves the previews under the product's content policy and keeps what was posted."""

    def __init__(self):
        self.posted: list[tuple[str, dict]] = []
        self.next_page = "/preview/kit"
        app = preview_app()
        app.after_request(self.with_policy)
        app.add_url_rule("/<path:path>", "posted", self.take, methods=["POST"])
        self.server = make_server("127.0.0.1", 0, app, threaded=True)
        self.address = f"http://127.0.0.1:{self.server.port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def with_policy(self, response):
        response.headers["Content-Security-Policy"] = POLICY
        return response

    def take(self, path):
        self.posted.append((f"/{path}", request.form.to_dict()))
        return redirect(self.next_page, 303)

    def texts(self) -> list[str]:
        return [form["text"] for path, form in self.posted if path == "/scan"]


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


@pytest.fixture
def station() -> Iterator[Station]:
    station = Station()
    yield station
    station.server.shutdown()


@pytest.fixture
def page(browser, station) -> Iterator[Page]:
    """A page that fails the test when the browser reports an error, a refused load or a breach of the policy."""
    context = browser.new_context(base_url=station.address)
    page = context.new_page()
    complaints: list[str] = []
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    yield page
    context.close()
    assert complaints == []


@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_a_scan_that_ends_with_enter_or_tab_is_sent(page, station, end):
    page.goto("/preview/start")
    page.keyboard.type("T483134562451")
    page.keyboard.press(end)
    page.wait_for_url("**/preview/kit")
    assert station.texts() == ["T483134562451"]


@pytest.mark.parametrize("end", ["Enter", "Tab"])
def test_an_empty_box_sends_nothing(page, station, end):
    page.goto("/preview/start")
    page.keyboard.press(end)
    expect(page).to_have_url(f"{station.address}/preview/start")
    assert station.posted == []


def test_what_is_scanned_beside_the_box_lands_in_the_box(page, station):
    page.goto("/preview/tube")
    page.get_by_role("link", name="Proof as JSON").focus()
    page.keyboard.type("T483134562451\n")
    page.wait_for_url("**/preview/kit")
    assert station.texts() == ["T483134562451"]


def test_a_click_on_nothing_returns_to_the_box(page):
    page.goto("/preview/start")
    page.get_by_role("link", name="Destruction").focus()
    page.get_by_role("heading", name="What waits for you").click()
    expect(page.locator("#scan-text")).to_be_focused()


def test_a_function_key_presses_its_step(page, station):
    page.goto("/preview/tube")
    page.keyboard.press("F6")
    page.wait_for_url("**/preview/step")
    page.goto("/preview/tube")
    page.keyboard.press("F2")
    page.wait_for_url("**/preview/kit")
    assert [path for path, _ in station.posted] == ["/items/T483134562451/store"]
    assert station.posted[0][1] == {"csrf_token": "an-invented-token", "idempotency_key": "an-invented-key"}


def test_the_same_press_twice_is_sent_once(page, station):
    page.goto("/preview/tube")
    page.evaluate(
        "() => { const step = document.querySelector('[data-key=F2]'); step.click(); step.click(); }"
    )
    page.wait_for_url("**/preview/kit")
    assert len(station.posted) == 1


def test_a_scan_into_a_half_filled_form_goes_on_to_what_is_missing(page, station):
    page.goto("/preview/ask_back")
    expect(page.locator("#confirmation")).to_be_focused()
    page.locator("#place").fill("")
    page.locator("#place").press_sequentially("B441022910735\n")
    expect(page.locator("#confirmation")).to_be_focused()
    assert station.posted == []
    page.keyboard.type("The clock on the wall was wrong.")
    page.locator("#place").press("Enter")
    page.wait_for_url("**/preview/kit")
    path, form = station.posted[0]
    assert path == "/items/T483134562451/receive"
    assert form["place"] == "B441022910735"
    assert form["confirmation"] == "The clock on the wall was wrong."


def test_focus_starts_at_what_is_wrong(page):
    page.goto("/preview/step")
    expect(page.locator("#occurred_at")).to_be_focused()


@pytest.mark.parametrize(
    ("name", "words", "pitch"),
    [
        ("kit", "Received 8 mL SST is received.", lambda hertz: hertz > 1000),
        ("tube", "Stop: do not use", lambda hertz: hertz < 300),
    ],
)
def test_the_answer_is_announced_and_sounds_high_for_right_and_low_for_wrong(
    page, station, name, words, pitch
):
    page.add_init_script("""
        window.pitches = [];
        const start = OscillatorNode.prototype.start;
        OscillatorNode.prototype.start = function (at) {
          window.pitches.push(this.frequency.value);
          return start.call(this, at);
        };
    """)
    station.next_page = f"/preview/{name}"
    page.goto("/preview/start")
    page.keyboard.type("T483134562451\n")
    page.wait_for_url(f"**/preview/{name}")
    expect(page.locator("#announcement")).to_contain_text(words)
    page.wait_for_function("window.pitches.length > 0")
    assert all(pitch(hertz) for hertz in page.evaluate("window.pitches"))


def test_separate_answers_appear_only_when_they_are_asked_for(page):
    page.goto("/preview/decision")
    expect(page.locator(".separate")).to_be_hidden()
    page.get_by_text("Something else, or not decided yet").click()
    expect(page.locator(".separate")).to_be_visible()


def test_arrow_keys_walk_the_map_of_a_box(page):
    page.goto("/preview/box")
    page.get_by_title("A1: serum, 1 mL").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_title("A2: serum, 1 mL")).to_be_focused()
    page.keyboard.press("ArrowDown")
    expect(page.locator("td[data-position=B2]")).to_be_focused()  # free: something may be put there
    page.keyboard.press("ArrowDown")
    expect(page.get_by_title("C2: serum, 1 mL")).to_be_focused()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowUp")
    expect(page.get_by_title("B3: serum, 1 mL")).to_be_focused()


@pytest.mark.parametrize(
    "name",
    [
        "tube",
        "kit",
        "step",
        "order",
        "batch_fill",
        "decision_separate",
        "box",
        "parcel",
        "confirm",
        "pile",
        "participant",
        "parcels",
        "storage",
        "batches",
        "answers",
    ],
)
def test_no_page_is_wider_than_a_narrow_screen(page, name):
    page.set_viewport_size({"width": 320, "height": 640})
    page.goto(f"/preview/{name}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
