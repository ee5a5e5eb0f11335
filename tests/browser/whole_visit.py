"""One ordinary visit by scanner and keyboard alone, from the start page to the dispatch; every press is counted."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Frame, expect

from biobank.core import moments
from biobank.core.database import reading
from biobank.custody.queries import item_now
from tests.browser.desk import Desk, scanned, tone
from tests.browser.visit_story import ADULT, QUESTIONS, VisitStory, next_is, set_up

SPUN = ("1SS08", "PS04A", "PS04B")
FEDEX_BARCODE = "9622001900005931422100794612345678"
STAGES = ("assign", "collect", "spin", "pack", "dispatch")
MOST_TABS = 60


@dataclass
class Counted:
    """What hands did in one stage: codes scanned, keys pressed, pages gone to; the same page again is none."""

    scans: int = 0
    keys: int = 0
    pages: int = 0


@dataclass
class CountedVisit:
    """A visit at `clinic`, with a count for each stage."""

    told: VisitStory
    clinic: Desk
    stages: dict[str, Counted] = field(default_factory=lambda: {stage: Counted() for stage in STAGES})
    stage: str = STAGES[0]
    shown: str = "/"

    @property
    def now(self) -> Counted:
        return self.stages[self.stage]

    def loaded(self, frame: Frame) -> None:
        if frame == self.clinic.page.main_frame and (path := urlsplit(frame.url).path) != self.shown:
            self.shown = path
            self.now.pages += 1

    def scan(self, code: str) -> None:
        self.clinic.page.wait_for_load_state()
        self.now.scans += 1
        scanned(self.clinic.page, code, "Enter")

    def key(self, key: str) -> None:
        self.clinic.page.wait_for_load_state()
        self.now.keys += 1
        self.clinic.page.keyboard.press(key)

    def reach(self, selector: str, *, by: str = "Tab") -> None:
        """By Tab or by arrows, as hands would; where it has the focus already nothing is pressed."""
        for _ in range(MOST_TABS):
            if self.clinic.page.evaluate("selector => document.activeElement.matches(selector)", selector):
                return
            self.key(by)
        raise AssertionError(f"{selector} is not reached by {by}")

    def choose(self, selector: str, *, by: str = "Tab") -> None:
        self.reach(selector, by=by)
        self.key("Space")


def tell(told: VisitStory) -> CountedVisit:
    set_up(told)
    visit = CountedVisit(told, told.story.seat("demo.clinic"))
    visit.clinic.page.on("framenavigated", visit.loaded)
    for stage, tell_stage in zip(STAGES, (_assign, _collect, _spin, _pack, _dispatch), strict=True):
        visit.stage = stage
        tell_stage(visit)
    return visit


def _assign(visit: CountedVisit) -> None:
    """The kit in the hand, the code on the participant's paper; then the two questions that nobody may skip."""
    page, kit = visit.clinic.page, visit.told.kits["adult-3.2"]
    visit.scan(kit)
    expect(page.locator("#code")).to_be_focused()
    visit.scan(ADULT)
    next_is(visit.clinic, "identity")
    for identifier in ("full_name", "birth_date"):
        visit.choose(f"#identifier-{identifier}")
    visit.key("F2")
    next_is(visit.clinic, "safety")
    for question in QUESTIONS:
        visit.choose(f"#{question}-no")
    visit.key("F2")
    expect(page.locator("#assign")).to_be_visible()
    visit.key("F4")
    page.wait_for_url(f"**/kits/{kit}/collect*")


def _collect(visit: CountedVisit) -> None:
    page = visit.clinic.page
    for tube in visit.told.tubes("adult-3.2"):
        visit.scan(tube)
        expect(page.locator(f"[data-tube={tube}]")).to_have_attribute("data-state", "collected")
    visit.key("F6")
    expect(page.locator(".pushes__done")).to_be_visible()


def _spin(visit: CountedVisit) -> None:
    """After half an hour, when the serum has clotted; every tube is checked, the second PST like the first."""
    page = visit.clinic.page
    with minutes_later(35):
        visit.key("F2")
        expect(page.locator("#text")).to_be_focused()
        for tube in tubes_called(visit, SPUN):
            visit.scan(tube)
            expect(page.locator(f"li[data-tube={tube}]")).to_have_attribute("data-phase", "spinning")
            tone(visit.clinic, "right")


def _pack(visit: CountedVisit) -> None:
    page = visit.clinic.page
    with minutes_later(60):
        visit.key("F7")
        page.wait_for_url("**/shipments")
        visit.key("F2")
        expect(page.locator("#parcel")).to_be_visible()
        visit.scan(visit.told.kits["adult-3.2"])
        expect(page.locator("#parcel")).to_have_attribute("data-inside", "9")


def _dispatch(visit: CountedVisit) -> None:
    page = visit.clinic.page
    with minutes_later(61):
        visit.key("F2")
        expect(page.locator("#dispatch")).to_be_visible()
        visit.choose("#carrier-courier", by="Shift+Tab")
        visit.reach("#tracking_number")
        visit.scan("COURIER-0042")
        visit.scan("SEAL-1")
        visit.scan("LOGGER-9")
        visit.choose("#un3373")
        visit.key("F2")
        expect(page.locator("#dispatch")).to_have_count(0)
        tone(visit.clinic, "right")


def tubes_called(visit: CountedVisit, codes: tuple[str, ...]) -> list[str]:
    with visit.told.story.app.app_context(), reading() as work:
        tubes = [item_now(work, tube) for tube in visit.told.tubes("adult-3.2")]
    return [tube.identifier for tube in tubes if tube.specification in codes]


@contextmanager
def minutes_later(minutes: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        clock = moments.now
        patch.setattr(moments, "now", lambda: clock() + timedelta(minutes=minutes))
        yield


def table(visit: CountedVisit) -> str:
    """As it stands in docs/figures.md."""
    rows = [(stage, counted.scans, counted.keys, counted.pages) for stage, counted in visit.stages.items()]
    total = ("all", *(sum(row[column] for row in rows) for column in (1, 2, 3)))
    return "\n".join(
        f"{name:<10}{scans:>7}{keys:>7}{pages:>7}" for name, scans, keys, pages in (*rows, total)
    )
