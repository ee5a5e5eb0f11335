"""At the chair, by scanner and keyboard: whole kits, short and broken tubes, a faint, another site's kit."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.participants.operations import register_participant
from biobank.visits.answers import clear_safety
from biobank.visits.inputs import SafetyTold, Telling
from biobank.visits.operations import assign_kit, attest_identity, open_visit
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

PEOPLE = ("A900000041", "A900000042", "A900000043", "A900000044")
NOTHING_AMISS = dict.fromkeys(
    (
        *("donated_past_week", "whole_blood_six_months", "red_cells_two_months"),
        *("plasma_past_week", "fainted_before"),
    ),
    "no",
)
SCAN = Source("scan")


@dataclass
class CollectStory:
    """Assigned kits by what happens to them, each with its tubes in draw order; presses are counted."""

    story: Story
    kits: dict[str, tuple[str, list[str]]] = field(default_factory=dict)
    scans: int = 0
    keys: int = 0


def tell(told: CollectStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.clinic"))


def set_up(told: CollectStory) -> None:
    with told.story.app.app_context(), writing() as work:
        told.story.programme = programme.set_up(work, told.story.settings)
        for code in PEOPLE:
            _comes_in(work, told, code)
        for name, code in zip(("whole", "short", "faints"), PEOPLE, strict=False):
            told.kits[name] = assigned(work, told, code)
        told.kits["astray"] = issued(work, programme.OTHER_CLINIC)


def _comes_in(work: Work, told: CollectStory, code: str) -> None:
    clinic, at = actor_named(work, "demo.clinic"), moments.now()
    pattern = told.story.settings.participant_code_pattern
    register_participant(work, clinic, code=code, pattern=pattern, site=programme.CLINIC)
    take_consent(
        work, clinic, participant=code, form_version="demo-1", language="en", source="demo form",
        scopes=["blood", "urine", "dna"], effective_at=at - timedelta(days=1),
    )  # fmt: skip


def issued(work: Work, site: str) -> tuple[str, list[str]]:
    lead, at = actor_named(work, "demo.lead"), moments.told(moments.now(), "America/Chicago")
    kit = make_kits(work, "adult-3.2", 1, by=lead, site=programme.BIOBANK)[0]
    record(work, kit.identifier, Action.ISSUE, by=lead, source=SCAN, at=at, details={"site": site})
    return kit.identifier, [tube.identifier for tube in tubes_of_kit(work, kit.id)]


def assigned(work: Work, told: CollectStory, code: str) -> tuple[str, list[str]]:
    """In a visit of today, with everything cleared."""
    kit = issued(work, programme.CLINIC)
    by = actor_named(work, "demo.clinic")
    telling = Telling(by=by, at=moments.told(moments.now(), "America/Chicago"))
    visit = open_visit(work, code, programme.CLINIC, telling)
    attest_identity(work, visit.id, ["full_name", "birth_date"], telling)
    clear_safety(work, visit.id, SafetyTold(question_set="adult-1", answers=NOTHING_AMISS), telling)
    assign_kit(work, visit.id, kit[0], telling)
    return kit


def story(told: CollectStory, clinic: Desk) -> None:
    all_nine_are_full(told, clinic)
    two_are_short_and_one_broke(told, clinic)
    the_participant_faints_at_tube_four(told, clinic)
    the_participant_comes_back_next_week(told, clinic)
    a_kit_of_another_site_is_reported(told, clinic)


def all_nine_are_full(told: CollectStory, clinic: Desk) -> None:
    kit, tubes = told.kits["whole"]
    told.scans = told.keys = 0
    open_kit(told, clinic, kit)
    clinic.seen("collect-begun")
    for number, tube in enumerate(tubes, 1):
        scan(told, clinic, tube)
        stands(clinic, tube, "collected")
        answered(clinic, number)
        tone(clinic, "right")
    press(told, clinic, "F6")
    expect(clinic.page.locator(".pushes__done")).to_be_visible()
    clinic.seen("collect-done")
    assert (told.scans, told.keys) == (10, 1), "a kit of nine tubes"


def two_are_short_and_one_broke(told: CollectStory, clinic: Desk) -> None:
    kit, tubes = told.kits["short"]
    first, second, third, fourth, *others = tubes
    open_kit(told, clinic, kit)
    scan(told, clinic, second)  # in any order
    stands(clinic, second, "collected")
    scan(told, clinic, second)
    tone(clinic, "ask")  # collected already, and nothing is recorded
    answered(clinic, 1)
    press(told, clinic, "F4")
    expect(clinic.page.locator("[value='short:2000']")).to_be_visible()
    clinic.seen("collect-not-full")
    press(told, clinic, "F4")
    expect(clinic.page.locator(f"[data-tube={second}] .draw__note")).to_be_visible()
    scan(told, clinic, first)
    stands(clinic, first, "collected")
    press(told, clinic, "F4")
    press(told, clinic, "F2")
    expect(clinic.page.locator(f"[data-tube={first}] .draw__note")).to_be_visible()
    scan(told, clinic, "3")  # by its number in draw order: it has no vacuum
    expect(clinic.page.locator(f"[data-tube={third}] [aria-current=true]")).to_be_visible()
    from_the_shelf(told, clinic, third)
    scan(told, clinic, fourth)
    stands(clinic, fourth, "collected")
    press(told, clinic, "F8")
    clinic.seen("collect-bad-tube")
    press(told, clinic, "F2")
    stands(clinic, fourth, "broken")
    for tube in others:
        scan(told, clinic, tube)
        stands(clinic, tube, "collected")
    answered(clinic, 9)
    clinic.seen("collect-two-short-one-broken")


def from_the_shelf(told: CollectStory, clinic: Desk, tube: str) -> None:
    press(told, clinic, "F8")
    press(told, clinic, "F9")
    expect(clinic.page.locator("#code")).to_be_focused()
    clinic.seen("collect-from-the-shelf")
    clinic.page.keyboard.type("(01)09506000134352(17)400131(10)SHELF-7(21)S-41")
    clinic.page.locator("label[for=reason-no_vacuum]").click()
    clinic.page.locator("#code").press("Enter")
    stands(clinic, tube, "not_collected")
    clinic.seen("collect-replaced")
    born = (
        clinic.page.locator("[data-tube] [aria-current=true]").locator("xpath=..").get_attribute("data-tube")
    )
    scan(told, clinic, str(born))
    stands(clinic, str(born), "collected")


def the_participant_faints_at_tube_four(told: CollectStory, clinic: Desk) -> None:
    kit, tubes = told.kits["faints"]
    open_kit(told, clinic, kit)
    for tube in tubes[:4]:
        scan(told, clinic, tube)
        stands(clinic, tube, "collected")
    clinic.page.goto(f"{clinic.address}/waiting/collecting")  # left in a hurry, and found again
    expect(clinic.page.locator(f"a[href='/kits/{kit}/collect']").first).to_be_visible()
    scan(told, clinic, tubes[4])  # a tube leads to its kit, and records nothing
    expect(clinic.page.locator(f"[data-tube={tubes[4]}] [aria-current=true]")).to_be_visible()
    answered(clinic, 4)
    press(told, clinic, "F10")
    clinic.seen("collect-rest")
    press(told, clinic, "F2")
    for tube in tubes[4:]:
        stands(clinic, tube, "not_collected")
    press(told, clinic, "F3")  # undone as one
    answered(clinic, 4)
    press(told, clinic, "F10")
    press(told, clinic, "F2")
    answered(clinic, 9)
    clinic.seen("collect-fainted")


def the_participant_comes_back_next_week(told: CollectStory, clinic: Desk) -> None:
    """With a kit of its own; the four tubes of last week are not drawn again."""
    with days_later(7):
        with told.story.app.app_context(), writing() as work:
            told.kits["comes back"] = assigned(work, told, PEOPLE[2])
        kit, tubes = told.kits["comes back"]
        open_kit(told, clinic, kit)
        for number, tube in enumerate(tubes[4:], 1):
            scan(told, clinic, tube)
            answered(clinic, number)
        press(told, clinic, "F10")
        press(told, clinic, "F10")
        for tube in tubes[:4]:
            stands(clinic, tube, "not_collected")
        press(told, clinic, "F6")
        expect(clinic.page.locator(".pushes__done")).to_be_visible()


@contextmanager
def days_later(days: int) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        clock = moments.now
        patch.setattr(moments, "now", lambda: clock() + timedelta(days=days))
        yield


def a_kit_of_another_site_is_reported(told: CollectStory, clinic: Desk) -> None:
    kit, _ = told.kits["astray"]
    scan(told, clinic, kit)
    expect(clinic.page.locator("#astray")).to_be_visible()
    clinic.seen("collect-astray")
    press(told, clinic, "F2")
    tone(clinic, "right")


def scan(told: CollectStory, clinic: Desk, code: str) -> None:
    told.scans += 1
    expect(clinic.page.locator("#scan-text")).to_be_focused()
    clinic.page.keyboard.type(code)
    clinic.page.keyboard.press("Enter")


def open_kit(told: CollectStory, clinic: Desk, kit: str) -> None:
    """Its picture is there before anybody scans a tube."""
    scan(told, clinic, kit)
    expect(clinic.page.locator(f"#collect[data-kit={kit}]")).to_be_visible()


def press(told: CollectStory, clinic: Desk, key: str) -> None:
    """When the button of the key is there."""
    told.keys += 1
    expect(clinic.page.locator(f"[data-key={key}]").first).to_be_visible()
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press(key)


def stands(clinic: Desk, tube: str, state: str) -> None:
    expect(clinic.page.locator(f"[data-tube={tube}]")).to_have_attribute("data-state", state)


def answered(clinic: Desk, tubes: int) -> None:
    expect(clinic.page.locator("[data-answered]")).to_have_attribute("data-answered", str(tubes))
