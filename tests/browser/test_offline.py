"""The chair without network, in a real browser with a profile on disk against the real service."""

import random
from contextlib import contextmanager
from functools import partial
from threading import Timer
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Route, expect, sync_playwright
from sqlalchemy import select, update

from biobank.access.models import BrowserSession
from biobank.core.database import reading, writing
from biobank.core.moments import now
from biobank.custody.queries import newest_events
from biobank.offline.models import OfflineScan
from tests.browser.desk import CHROMIUM, LOCALES, PATIENCE, held_back, served, violations
from tests.browser.line import Mode, line_to
from tests.browser.looks import looked_at
from tests.browser.offline_story import UNKNOWN, cut, handled, kept, ready, scan, story
from tests.campaigns.service import Service
from tests.programme import PASSWORD

pytestmark = [pytest.mark.browser, pytest.mark.skipif(CHROMIUM is None, reason="needs chromium")]


@contextmanager
def profile(folder, language="en"):
    """A browser whose storage outlives it."""
    with sync_playwright() as playwright:
        context = playwright.chromium.launch_persistent_context(
            str(folder),
            executable_path=CHROMIUM,
            args=["--no-sandbox", "--disable-gpu"],
            locale=LOCALES[language],
        )
        context.set_default_timeout(PATIENCE)
        yield context
        context.close()


def sign_in(page, address):
    page.goto(f"{address}/sign-in")
    page.locator("[name=name]").fill("clinic.here")
    page.locator("[name=password]").fill(PASSWORD)
    page.keyboard.press("Enter")
    page.wait_for_url(f"{address}/")


def end_sessions(app):
    """As if nobody had been seen for a while."""
    with app.app_context(), writing() as work:
        work.session.execute(update(BrowserSession).values(revoked_at=now()))


def collected(app, tubes):
    """How often each tube was collected."""
    with app.app_context(), reading() as work:
        return [
            [event["action"] for event in newest_events(work, tube, 20)].count("collect") for tube in tubes
        ]


@pytest.mark.parametrize("language", ["en", pytest.param("es", marks=pytest.mark.campaign)])
def test_ten_minutes_without_network(app, programme, tmp_path, language):
    kit, tubes = programme.assigned_kit()
    programme.let_sign("clinic.here")
    found: list[str] = []
    look = (lambda page: looked_at(page, "es")) if language == "es" else violations
    with served(app) as address:
        with profile(tmp_path, language) as context:
            sign_in(context.pages[0], address)
            waiting = story(context.pages[0], address, kit, tubes, lambda page, _: found.extend(look(page)))
        with profile(tmp_path, language) as context:
            page = context.pages[0]
            cut(context, off=True)
            page.goto(f"{address}/offline#{kit}")
            expect(page.locator("#offline-count")).to_have_text(f"{waiting}")
            page.locator("#offline-text").focus()
            scan(page, tubes[3])
            kept(page, tubes[3])
            cut(context, off=False)
            expect(page.locator("[data-state-told=signed_out]")).to_be_visible()
            sign_in(page, address)
            expect(page.locator("[data-told=sent] [data-count]")).to_have_text(f"{waiting + 1}")
            page.goto(f"{address}/offline/conflicts")
            expect(page.locator("[data-scanned]")).to_have_attribute("data-scanned", UNKNOWN)
            found += look(page)
    assert found == []
    assert collected(app, tubes) == [1, 1, 1, 1] + [0] * (len(tubes) - 4)
    with app.app_context(), reading() as work:
        events = [newest_events(work, tube, 1)[0] for tube in tubes[:4]]
        assert [event["source"]["kind"] for event in events] == ["scan", "offline", "offline", "offline"]
        assert events[2]["details"] == {"fill": "short", "volume_microlitres": 2500}
        assert len(work.session.scalars(select(OfflineScan)).all()) == waiting + 1


def test_a_scan_whose_answer_was_lost_is_recorded_once(app, programme, tmp_path):
    """The service had it; the chair did not hear of it, kept it, sent it again out of the queue."""
    kit, tubes = programme.assigned_kit()
    programme.let_sign("clinic.here")
    with served(app) as address, line_to(urlsplit(address).port) as line, profile(tmp_path) as context:
        page = context.pages[0]
        sign_in(page, line.address)
        ready(page, line.address, kit)
        line.mode = Mode.DEAF
        scan(page, tubes[0])
        page.wait_for_url(f"{line.address}/offline#{kit}")
        line.cut()
        assert (line.lost > 0, collected(app, tubes[:1])) == (True, [1])
        scan(page, tubes[1])
        kept(page, tubes[1])
        line.mode = Mode.OPEN
        expect(page.locator("#offline-count")).to_have_text("0")
        page.locator("#offline-go-on").click()
        page.wait_for_url(f"{line.address}/kits/{kit}/collect")
        scan(page, tubes[2])
        handled(page, tubes[2])
        end_sessions(app)
        scan(page, tubes[3])
        page.wait_for_url(lambda url: "/sign-in?" in url)
        sign_in(page, line.address)
        expect(page.locator("[data-told=sent] [data-count]")).to_have_text("1")
    assert collected(app, tubes[:4]) == [1, 1, 1, 1]
    with app.app_context(), reading() as work:
        assert work.session.scalars(select(OfflineScan.outcome).order_by(OfflineScan.id)).all() == [
            "already", "taken", "taken",
        ]  # fmt: skip


def test_scans_that_wait_for_a_slow_answer_outlive_the_page(app, programme, tmp_path):
    """The first gets no answer and leads to the offline page; the others were in its queue before it did."""
    kit, tubes = programme.assigned_kit()
    programme.let_sign("clinic.here")
    with served(app) as address, profile(tmp_path) as context:
        page = context.pages[0]
        sign_in(page, address)
        ready(page, address, kit)
        with held_back(page, "**/collect/scan", Route.abort):
            for tube in tubes[:3]:
                scan(page, tube)
        page.wait_for_url(f"{address}/offline#{kit}")
        expect(page.locator("#offline-count")).to_have_text("0")
    assert collected(app, tubes[:3]) == [1, 1, 1]


def test_a_page_loaded_past_the_kept_one_leads_there_all_the_same(app, programme, tmp_path):
    """A forced reload, or a first page that overtakes the program which is being kept: nothing controls it."""
    kit, tubes = programme.assigned_kit()
    programme.let_sign("clinic.here")
    with served(app) as address, profile(tmp_path) as context:
        page = context.pages[0]
        sign_in(page, address)
        ready(page, address, kit)
        browser = context.new_cdp_session(page)
        browser.send("Network.enable")
        browser.send("Network.setBypassServiceWorker", {"bypass": True})
        page.reload()
        browser.send("Network.setBypassServiceWorker", {"bypass": False})
        assert page.evaluate("navigator.serviceWorker.controller") is None
        cut(context, off=True)
        scan(page, tubes[0])
        page.wait_for_url(f"{address}/offline#{kit}")
        kept(page, tubes[0])
    assert collected(app, tubes[:1]) == [0]


def test_a_kit_stays_in_sight_when_its_last_tube_was_sent(app, programme, tmp_path):
    """It is no open kit any more: who scanned the tube sees that it was the last, and can still correct it."""
    kit, tubes = programme.assigned_kit()
    programme.let_sign("clinic.here")
    with served(app) as address, profile(tmp_path) as context:
        page = context.pages[0]
        sign_in(page, address)
        ready(page, address, kit)
        page.goto(f"{address}/offline#{kit}")
        expect(page.locator("#offline-person")).to_have_value("clinic.here")
        for tube in tubes:
            scan(page, tube)
        expect(page.locator("#offline-count")).to_have_text("0")
        expect(page.locator(f"#offline-kits a[href='#{kit}']")).to_have_count(0)
        expect(page.locator("#collect [data-state=collected]")).to_have_count(len(tubes))
        scan(page, tubes[-1])
        kept(page, tubes[-1])
    assert collected(app, tubes) == [1] * len(tubes)


DRAWN_AGAIN = """(patience) => new Promise((done, fail) => {
  new MutationObserver(done).observe(document.querySelector("#collect [data-answered]"), { childList: true });
  setTimeout(() => fail(new Error("The kit is not drawn again.")), patience);
  window.dispatchEvent(new Event("offline-changed"));
})"""
AT_TUBE = "document.activeElement.closest('[data-tube]')?.dataset.tube"


def test_whoever_goes_over_the_kit_by_keyboard_stays_where_they_are_when_it_is_drawn_again(
    app, programme, tmp_path
):
    """Without network that is every few seconds; and once a tube is chosen."""
    kit, tubes = programme.assigned_kit()
    programme.let_sign("clinic.here")
    with served(app) as address, profile(tmp_path) as context:
        page = context.pages[0]
        sign_in(page, address)
        ready(page, address, kit)
        page.goto(f"{address}/offline#{kit}")
        tube = page.locator(f"#collect [data-tube={tubes[1]}]")
        tube.locator("button").focus()
        page.evaluate(DRAWN_AGAIN, PATIENCE)
        assert page.evaluate(AT_TUBE) == tubes[1]
        page.keyboard.press("Enter")
        expect(tube.locator("button")).to_have_attribute("aria-pressed", "true")
        assert page.evaluate(AT_TUBE) == tubes[1]


TROUBLES = (
    "none",
    "none",
    "cut",
    "cut soon",
    "deaf",
    "killed",
    "killed soon",
    "reload",
    "back",
    "back",
    "back",
)
SOON = 0.4
"""Seconds in which something is cut after a scan: before it was sent, on its way, at the service, on its way back."""


@pytest.mark.campaign
@pytest.mark.parametrize("seed", [4, 23])
def test_fifty_scans_with_cuts_anywhere_are_recorded_once_each(app, settings, programme, tmp_path, seed):
    chance = random.Random(seed)
    kits = dict(programme.assigned_kit() for _ in range(6))
    wanted = [(kit, tube) for kit, tubes in kits.items() for tube in tubes][:50]
    programme.let_sign("clinic.here")
    service = Service(settings, tmp_path / "service.log")
    service.start()
    try:
        with line_to(service.port) as line, profile(tmp_path / "profile") as context:
            context.set_default_timeout(60_000)
            page = context.pages[0]
            sign_in(page, line.address)
            ready(page, line.address, wanted[0][0])
            told, soon = [], []
            for kit, tube in wanted:
                trouble = chance.choice(TROUBLES)
                told.append(trouble)
                make(trouble, service, line, page, soon)
                if "/offline" not in page.url and f"/kits/{kit}/" not in page.url:
                    page.goto(f"{line.address}/kits/{kit}/collect")
                scan(page, tube)
                handled(page, tube)
            repair(service, line, soon)
            page.goto(f"{line.address}/offline")
            expect(page.locator("#offline-count")).to_have_text("0", timeout=60_000)
            expect(page.locator("#offline-told")).to_be_hidden()
    finally:
        service.close()
    assert len(set(told)) == len(set(TROUBLES)), told
    assert collected(app, [tube for _, tube in wanted]) == [1] * 50


def make(trouble, service, line, page, soon):
    if trouble == "cut":
        line.cut()
    elif trouble == "deaf":
        line.mode = Mode.DEAF
    elif trouble == "reload":
        page.reload()
    elif trouble == "killed":
        kill(service)
    elif trouble.endswith("soon"):
        act = line.cut if trouble.startswith("cut") else partial(kill, service)
        soon.append(Timer(random.uniform(0, SOON), act))
        soon[-1].start()
    elif trouble == "back":
        repair(service, line, soon)


def kill(service):
    if service.process.poll() is None:
        service.kill()


def repair(service, line, soon):
    for timer in soon:
        timer.join()
    if service.process.poll() is not None:
        service.start()
    line.mode = Mode.OPEN
