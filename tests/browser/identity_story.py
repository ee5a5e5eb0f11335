"""Who sits in the chair, asked of the vault; the misspelt name put right at the identity desk; and who looked."""

from dataclasses import dataclass

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core.database import writing
from biobank.demo import programme
from biobank.demo.people import TESTA, enter_testa
from biobank.participants.operations import register_participant
from tests.browser.clinic_ground import set_up_clinic
from tests.browser.desk import Desk
from tests.browser.kit_story import Story

CODE = "A900000041"
MISSPELT = "Particpant"


@dataclass
class IdentityStory:
    story: Story


def tell(told: IdentityStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.clinic"))


def set_up(told: IdentityStory) -> None:
    set_up_clinic(told.story)
    with told.story.app.app_context(), writing() as work:
        clinic, officer = actor_named(work, "demo.clinic"), actor_named(work, "demo.identity")
        pattern = work.settings.participant_code_pattern
        register_participant(work, clinic, code=CODE, pattern=pattern, site=programme.CLINIC, minor=False)
        enter_testa(work, CODE, by=officer)


def story(told: IdentityStory, clinic: Desk) -> None:
    the_wrong_name_does_not_match(clinic)
    officer = told.story.seat("demo.identity")
    the_desk_finds_shows_once_and_changes(officer)
    says(clinic, family_name=MISSPELT)
    expect(clinic.page.locator("#step-identity")).to_have_attribute("data-done", "yes")
    clinic.seen("visit-identity-matches")
    assert MISSPELT not in clinic.page.content()


def the_wrong_name_does_not_match(clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/visits")
    clinic.scan(CODE)
    expect(clinic.page.locator("#check")).to_be_visible()
    expect(clinic.page.locator("#identifiers")).to_have_count(0)
    clinic.seen("visit-identity-check")
    says(clinic, family_name=MISSPELT)
    expect(clinic.page.locator("#answer")).to_have_attribute("data-tone", "wrong")
    clinic.seen("visit-identity-differs")


def says(clinic: Desk, *, family_name: str) -> None:
    """By keyboard alone, as the person says it."""
    clinic.page.locator("#given_name").focus()
    clinic.page.keyboard.type((TESTA.given_name or "").upper())
    clinic.page.keyboard.press("Tab")
    clinic.page.keyboard.type(family_name)
    clinic.page.locator("#birth_date").fill(f"{TESTA.birth_date}")
    clinic.press("F2")


def the_desk_finds_shows_once_and_changes(officer: Desk) -> None:
    """The papers say it as the person does, so what is kept is put right."""
    page = officer.page
    page.goto(f"{officer.address}/identity")
    officer.seen("identity-desk")
    page.locator("#given_name").fill(TESTA.given_name or "")
    page.locator("#family_name").fill(TESTA.family_name or "")
    page.locator("#birth_date").fill(f"{TESTA.birth_date}")
    page.locator("#reason").select_option("caller")
    officer.press("F2")
    page.wait_for_url(f"**/identity/{CODE}")
    page.locator("#reason").select_option("correction")
    officer.seen("identity-person")
    officer.press("F2")
    expect(page.locator("#shown")).to_contain_text(TESTA.family_name or "")
    officer.seen("identity-shown")
    officer.press("F2")
    expect(page.locator("#shown")).to_have_count(0)
    officer.press("F4")
    page.locator("#family_name").fill(MISSPELT)
    page.locator("#reason").select_option("correction")
    officer.seen("identity-change")
    officer.press("F2")
    expect(page.locator("#access-table tbody tr")).to_have_count(5)
    page.goto(f"{officer.address}/identity/holders")
    expect(page.locator("#holders tbody tr")).to_have_count(2)
    officer.seen("identity-holders")
