"""A person at a desk of the real service: a browser, a scanner that types, and an eye on every page."""

import os
import re
import shutil
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from flask import Flask
from playwright.sync_api import Browser, Page, Route, expect, sync_playwright
from waitress.server import create_server

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
AXE = Path(__file__).with_name("axe") / "axe.min.js"
RULES = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],  # to gather what passes, too, is half of axe's work
}
AS_IT_STANDS = "[document.documentElement.outerHTML, document.body.innerText, innerWidth].join()"
TOKEN = re.compile(r"[0-9a-f]{32,}")
SEEN: dict[str, list[str]] = {}
"""What axe found, by the page as it stood but for the tokens of its forms: the same page is not looked at again."""
PATIENCE = int(os.environ.get("BROWSER_PATIENCE", "30000"))
"""Milliseconds that a page may take at most, also on a machine that does much beside; who waits goes on at once."""
expect.set_options(timeout=PATIENCE)
LOCALES = {"en": "en-US", "es": "es-MX"}
"""What a browser asks for, by the language of its reader."""
Look = Callable[[Page, str], None]


@contextmanager
def served(app: Flask) -> Iterator[str]:
    """The address at which a real waitress serves `app` on the loopback."""
    server = create_server(app, host="127.0.0.1", port=0, threads=4)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.effective_port}"
    finally:
        server.close()
        thread.join(timeout=5)


@contextmanager
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


ENDS = {"Enter": {"windowsVirtualKeyCode": 13, "text": "\r"}, "Tab": {"windowsVirtualKeyCode": 9}}


def scanned(page: Page, code: str, end: str) -> None:
    """Typed into whatever has the focus, and as fast as only a scanner types: all keys bear one moment, however long a
    machine that does much beside takes over them. `end` is Enter or Tab.
    """
    line, moment = page.context.new_cdp_session(page), time.time()
    for key, more in [*((sign, {"text": sign}) for sign in code), (end, {"code": end, **ENDS[end]})]:
        for kind in ({"type": "keyDown", **more}, {"type": "keyUp"}):
            line.send("Input.dispatchKeyEvent", {"key": key, "timestamp": moment, **kind})
    line.detach()


@contextmanager
def held_back(page: Page, url: str, then: Callable[[Route], None]) -> Iterator[None]:
    """The first request to `url` is on its way as long as the block lasts; `then` says what becomes of it."""
    held: list[Route] = []

    def hold(route: Route) -> None:
        held.append(route)

    page.route(url, hold, times=1)
    yield
    until = time.monotonic() + PATIENCE / 1000
    while not held:
        assert time.monotonic() < until, f"nothing was sent to {url}"
        page.wait_for_timeout(20)
    then(held[0])


def violations(page: Page) -> list[str]:
    """What axe finds, a line each."""
    stands = TOKEN.sub("", page.evaluate(AS_IT_STANDS))
    if stands not in SEEN:
        SEEN[stands] = _found_by_axe(page)
    return SEEN[stands]


def _found_by_axe(page: Page) -> list[str]:
    page.evaluate(AXE.read_text())  # not by a script tag, which the content policy rightly refuses
    found = page.evaluate("rules => axe.run(document, rules)", RULES)["violations"]
    return [
        f"{page.url}: {each['id']}: {each['help']}: {node['html'][:200]}"
        for each in found
        for node in each["nodes"]
    ]


@dataclass
class Desk:
    """One signed-in person. Each page they land on is looked at once."""

    page: Page
    address: str
    look: Look
    language: str = "en"
    complaints: list[str] = field(default_factory=list)

    def sign_in(self, name: str, password: str) -> None:
        self.page.goto(f"{self.address}/sign-in")
        self.seen("sign-in")
        self.page.keyboard.type(name)
        self.page.keyboard.press("Tab")
        self.page.keyboard.type(password)
        self.page.keyboard.press("Enter")
        self.page.wait_for_url(f"{self.address}/")

    def seen(self, name: str) -> None:
        self.look(self.page, name)

    def scan(self, code: str) -> None:
        """As a scanner types: into whatever has the focus, ended by Enter; then the answer's page is there."""
        with self.page.expect_navigation():
            scanned(self.page, code, "Enter")

    def press(self, key: str) -> None:
        """A function key that leads to another page."""
        with self.page.expect_navigation():
            self.page.keyboard.press(key)

    def press_step(self, action: str) -> None:
        """By the function key that stands on the step's button."""
        step = self.page.locator(
            f".steps a[data-key][href$='/{action}'], .steps form[action$='/{action}'] [data-key]"
        )
        with self.page.expect_navigation():
            self.page.keyboard.press(str(step.first.get_attribute("data-key")))

    def go(self, selector: str) -> None:
        """By a link or a button that leads to another page; what the navigation folds away is unfolded first."""
        target = self.page.locator(selector).first
        folded = target.locator("xpath=ancestor::nav//details[not(@open)]/summary")
        if folded.count() and not target.is_visible():
            folded.first.click()
        with self.page.expect_navigation():
            target.click()

    def tick(self, identifier: str) -> None:
        """A tile or a box, by what stands beside it."""
        self.page.locator(f"label[for='{identifier}']").first.click()

    def put(self, identifier: str, text: str) -> None:
        self.page.locator(f"#{identifier}").fill(text)

    def choose(self, label: str) -> None:
        self.page.locator(".usa-radio__label, .usa-checkbox__label").filter(
            has_text=re.compile(f"^{label}")
        ).first.click()

    def fill(self, label: str, text: str) -> None:
        self.page.get_by_label(label, exact=False).first.fill(text)

    def send(self, button: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name=button).first.click()

    def follow(self, link: str) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("link", name=link).first.click()

    def hears(self, word: str, sentence: str = "") -> None:
        """The one big answer, of which the words are told in English."""
        self.reads("#answer .answer__word", word)
        self.reads("#answer .answer__sentence", sentence)

    def reads(self, selector: str, english: str) -> None:
        """In another language something stands there, too."""
        text = english if self.language == "en" else re.compile(r"\S")
        expect(self.page.locator(selector).first).to_contain_text(text)

    def leave(self) -> None:
        with self.page.expect_navigation():
            self.page.get_by_role("button", name="Sign out").click()


def tone(seated: Desk, expected: str) -> None:
    """What the newest answer sounds like: right, ask or wrong."""
    expect(seated.page.locator("#answer")).to_have_attribute("data-tone", expected)


def desk(browser: Browser, address: str, look: Look, language: str = "en") -> Desk:
    """A fresh browser of its own, which asks for the language; what the browser complains of is kept."""
    context = browser.new_context(viewport={"width": 1280, "height": 900}, locale=LOCALES[language])
    context.set_default_timeout(PATIENCE)
    page = context.new_page()
    seated = Desk(page, address, look, language)
    page.on("pageerror", lambda error: seated.complaints.append(str(error)))
    page.on(
        "console",
        lambda message: (
            seated.complaints.append(message.text) if _is_complaint(message.type, message.text) else None
        ),
    )
    return seated


def _is_complaint(kind: str, text: str) -> bool:
    """A refusal's status is no error of the page."""
    return kind == "error" and "Failed to load resource: the server responded with a status of 4" not in text
