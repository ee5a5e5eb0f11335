"""A visit from the code to goodbye, by scanner and keyboard; then a child of 4.9 kg who takes the smaller kit."""

from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.participants.operations import register_participant
from biobank.visits.queries import visit_of_kit
from tests.browser.clinic_ground import set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

ADULT, CHILD, NEW = "A900000031", "A900000032", "A900000039"
SMALL, LARGER = "pediatric-below-5-kg-3.2", "pediatric-below-16.4-kg-3.2"
QUESTIONS = (
    "donated_past_week", "whole_blood_six_months", "red_cells_two_months", "plasma_past_week", "fainted_before",
)  # fmt: skip


@dataclass
class VisitStory:
    """Issued kits by their definition."""

    story: Story
    kits: dict[str, str] = field(default_factory=dict)

    def tubes(self, definition: str) -> list[str]:
        with self.story.app.app_context(), reading() as work:
            kit = item_now(work, self.kits[definition])
            return [tube.identifier for tube in tubes_of_kit(work, kit.id)]

    def visit_of(self, definition: str) -> tuple[str, str | None]:
        """The participant and the clearance of the visit in which a kit was assigned."""
        with self.story.app.app_context(), reading() as work:
            visit = visit_of_kit(work, item_now(work, self.kits[definition]))
            assert visit is not None
            return visit.participant, visit.clearance


def tell(told: VisitStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.clinic"))


def set_up(told: VisitStory) -> None:
    set_up_clinic(told.story)
    with told.story.app.app_context(), writing() as work:
        lead, clinic = actor_named(work, "demo.lead"), actor_named(work, "demo.clinic")
        at = moments.told(moments.now(), "America/Chicago")
        for definition in ("adult-3.2", SMALL, LARGER):
            kit = make_kits(work, definition, 1, by=lead, site=programme.BIOBANK)[0].identifier
            to = {"site": programme.CLINIC}
            record(work, kit, Action.ISSUE, by=lead, source=Source("scan"), at=at, details=to)
            told.kits[definition] = kit
        for code, minor, signer in ((ADULT, False, "participant"), (CHILD, True, "guardian")):
            pattern = work.settings.participant_code_pattern
            register_participant(work, clinic, code=code, pattern=pattern, site=programme.CLINIC, minor=minor)
            take_consent(
                work, clinic, participant=code, form_version="demo-1", language="en",
                scopes=["blood", "urine", "dna"], effective_at=at.at - timedelta(days=1), source="demo form",
                signed_by=signer, assent=True if minor else None,
            )  # fmt: skip


def story(told: VisitStory, clinic: Desk) -> None:
    an_adult_gives_a_whole_kit(told, clinic)
    who_was_never_here_is_confirmed_with_one_sentence(clinic)
    a_child_takes_the_smaller_kit(told, clinic)


def an_adult_gives_a_whole_kit(told: VisitStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/visits")
    clinic.seen("visits")
    clinic.scan(ADULT)
    next_is(clinic, "identity")
    clinic.seen("visit-identity")
    clinic.scan(told.kits["adult-3.2"])
    tone(clinic, "wrong")
    expect(clinic.page.locator("#waiting-kit")).to_have_attribute("data-kit", told.kits["adult-3.2"])
    two_identifiers(clinic)
    clinic.seen("visit-safety")
    nothing_amiss(clinic)
    clinic.press("F4")
    clinic.page.wait_for_url(f"**/kits/{told.kits['adult-3.2']}/collect*")
    for tube in told.tubes("adult-3.2"):
        clinic.scan(tube)
        tone(clinic, "right")
    clinic.page.goto(f"{clinic.address}/visits")
    clinic.page.locator("[data-visit] a").first.click()
    next_is(clinic, "collect")
    clinic.seen("visit-labels")
    clinic.press("F2")
    next_is(clinic, "compensation")
    clinic.press("F2")
    next_is(clinic, "close")
    clinic.seen("visit-close")
    clinic.press("F2")
    tone(clinic, "right")
    assert told.visit_of("adult-3.2") == (ADULT, "full")


def who_was_never_here_is_confirmed_with_one_sentence(clinic: Desk) -> None:
    """The code was scanned and is not keyed; an adult, so no guardian is offered."""
    clinic.page.goto(f"{clinic.address}/visits")
    clinic.scan(NEW)
    clinic.page.locator("#confirmation").fill("Comes for the first time")
    clinic.page.locator("label[for=minor-no]").click()
    clinic.seen("visit-first-time-here")
    with clinic.page.expect_navigation():
        clinic.page.locator("button[name=confirmed]").click()
    expect(clinic.page.locator("#who")).to_have_text(NEW)
    next_is(clinic, "identity")
    expect(clinic.page.locator("#signed_by-representative")).to_have_count(1)
    expect(clinic.page.locator("#signed_by-guardian, #assent")).to_have_count(0)


def a_child_takes_the_smaller_kit(told: VisitStory, clinic: Desk) -> None:
    """Begun with the larger kit in the hand; the visit says which one to take instead."""
    clinic.page.goto(f"{clinic.address}/visits/kits/{told.kits[LARGER]}")
    clinic.seen("visit-kit")
    clinic.page.locator("#code").fill(CHILD)
    clinic.page.locator("#code_again").fill("A900000023")
    clinic.press("F2")
    tone(clinic, "wrong")
    clinic.page.locator("#code").fill(CHILD)
    clinic.page.locator("#code_again").fill(CHILD)
    clinic.press("F2")
    two_identifiers(clinic)
    clinic.page.locator("#weight").fill("4.9")
    clinic.seen("visit-child")
    nothing_amiss(clinic)
    expect(clinic.page.locator("[data-proposed]")).to_have_attribute("data-proposed", SMALL)
    clinic.press("F4")
    tone(clinic, "wrong")
    expect(clinic.page.locator("#answer")).to_contain_text(SMALL)
    clinic.seen("visit-wrong-kit")
    clinic.scan(told.kits[SMALL])
    clinic.page.wait_for_url(f"**/kits/{told.kits[SMALL]}/collect*")
    assert told.visit_of(SMALL) == (CHILD, "full")


def two_identifiers(clinic: Desk) -> None:
    for identifier in ("full_name", "birth_date"):
        clinic.page.locator(f"label[for=identifier-{identifier}]").click()
    clinic.press("F2")
    next_is(clinic, "safety")


def nothing_amiss(clinic: Desk) -> None:
    for question in QUESTIONS:
        clinic.page.locator(f"label[for={question}-no]").click()
    clinic.press("F2")


def next_is(clinic: Desk, step: str) -> None:
    expect(clinic.page.locator("[aria-current=step]")).to_have_attribute("data-step", step)
