"""An outage: a pack is printed ahead, a form is written on, and somebody else types it in when the system is back."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pypdfium2
import pytest
import zxingcpp
from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now, newest_events
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.participants.operations import register_participant
from biobank.sites.queries import site_named
from tests.browser.desk import Desk
from tests.browser.kit_story import Story, now

PARTICIPANT = "A900000031"
PERFORMER = "demo.clinic"
DPI = 300


@dataclass
class PaperStory:
    """A kit that was issued before the outage, and the numbers of the forms as a scanner reads them."""

    story: Story
    kit: str = ""
    tubes: list[str] = field(default_factory=list)
    numbers: list[str] = field(default_factory=list)
    drawn_on: str = ""

    def newest(self, item: str) -> dict[str, object]:
        with self.story.app.app_context(), reading() as work:
            return dict(newest_events(work, item, 1)[0])


def tell(told: PaperStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.clinic"))


def set_up(told: PaperStory) -> None:
    with (
        told.story.app.app_context(),
        writing() as work,
        pytest.MonkeyPatch.context() as patch,
    ):
        told.story.programme = programme.set_up(work, told.story.settings)
        drawn_at = moments.now() - timedelta(days=3)
        patch.setattr(moments, "now", lambda: drawn_at - timedelta(days=2))
        lead, clinic = actor_named(work, "demo.lead"), actor_named(work, "demo.clinic")
        told.kit = make_kits(work, "adult-3.2", 1, by=lead, site=programme.BIOBANK)[0].identifier
        record(
            work, told.kit, Action.ISSUE, by=lead, source=Source("scan"), at=now(),
            details={"site": programme.CLINIC},
        )  # fmt: skip
        told.tubes = [tube.identifier for tube in tubes_of_kit(work, item_now(work, told.kit).id)]
        pattern = work.settings.participant_code_pattern
        register_participant(work, clinic, code=PARTICIPANT, pattern=pattern, site=programme.CLINIC)
        take_consent(
            work, clinic, participant=PARTICIPANT, form_version="demo-1", language="en",
            scopes=["blood", "urine"], effective_at=moments.now() - timedelta(days=60), source="demo form",
        )  # fmt: skip
        zone = moments.zone_named(site_named(work, programme.CLINIC).zone)
        told.drawn_on = drawn_at.astimezone(zone).date().isoformat()


def story(told: PaperStory, clinic: Desk) -> None:
    a_pack_is_printed_ahead(told, clinic)
    a_form_is_found_by_its_number(told, clinic)
    two_codes_that_differ_are_refused(told, clinic)
    the_form_is_entered(told, clinic)
    it_is_entered_once(told, clinic)
    another_form_is_voided(told, clinic)
    what_was_told_late_is_listed(told, clinic)


def a_pack_is_printed_ahead(told: PaperStory, clinic: Desk) -> None:
    page = clinic.page
    page.goto(f"{clinic.address}/downtime")
    clinic.seen("downtime-nothing")
    page.locator("#definition").select_option("adult-3.2")
    page.locator("#count").fill("3")
    page.locator("label[for=paper-letter]").click()
    with page.expect_navigation():
        page.locator("form[action='/downtime/packs'] button[type=submit]").click()
    expect(page.locator("tr[data-form]")).to_have_count(3)
    clinic.seen("downtime-pack")
    with page.expect_download() as downloaded:
        page.keyboard.press("F2")
    told.numbers = numbers_in(downloaded.value.path())
    assert len(set(told.numbers)) == 3


def numbers_in(pdf: Path) -> list[str]:
    """What a scanner reads on each page; the first is for people alone."""
    found = []
    for page in pypdfium2.PdfDocument(pdf):
        picture = page.render(scale=DPI / 72, grayscale=True).to_numpy()
        found.append([reading.text for reading in zxingcpp.read_barcodes(picture)])
    assert found[0] == []
    assert all(len(each) == 1 for each in found[1:])
    return [each for [each] in found[1:]]


def a_form_is_found_by_its_number(told: PaperStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/")
    clinic.scan(told.numbers[0])
    assert clinic.page.url.endswith(f"/downtime/forms/{told.numbers[0]}")
    clinic.seen("downtime-form")
    clinic.scan(told.tubes[0])
    expect(clinic.page.locator("#kit")).to_have_attribute("aria-invalid", "true")
    clinic.page.locator("#kit").fill("")
    clinic.scan(told.kit)
    expect(clinic.page.locator("li[data-tube]")).to_have_count(len(told.tubes))


def two_codes_that_differ_are_refused(told: PaperStory, clinic: Desk) -> None:
    page = clinic.page
    page.locator("#participant").fill(PARTICIPANT)
    page.locator("#participant_again").fill("A900000013")
    page.locator("#on").fill(told.drawn_on)
    page.locator("#performer").fill(PERFORMER)
    page.locator("label[for=identifier-full_name]").click()
    page.locator("label[for=identifier-birth_date]").click()
    page.locator("label[for=cleared-yes]").click()
    for number in range(1, len(told.tubes)):
        page.locator(f"label[for=outcome-{number}-full]").click()
        page.locator(f"#at-{number}").fill(f"09{number:02d}")
    page.locator("#spun-1").fill("09:50")
    page.locator("label[for=outcome-2-short]").click()
    page.locator("#volume-2").fill("2,5")
    page.locator("label[for=outcome-3-not_drawn]").click()
    page.locator("#reason-3").select_option("fainted")
    enter(clinic)
    expect(page.locator("#participant")).to_have_attribute("aria-invalid", "true")
    expect(page.locator("#answer")).to_have_attribute("data-tone", "wrong")
    expect(page.locator("#volume-2")).to_have_value("2,5")
    expect(page.locator("#outcome-3-not_drawn")).to_be_checked()
    clinic.seen("downtime-refused")


def enter(clinic: Desk) -> None:
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")


def the_form_is_entered(told: PaperStory, clinic: Desk) -> None:
    clinic.page.locator("#participant_again").fill(PARTICIPANT)
    enter(clinic)
    expect(clinic.page.locator("#entered-kit")).to_be_visible()
    expect(clinic.page.locator("#answer")).to_have_attribute("data-tone", "right")
    clinic.seen("downtime-entered")
    short = told.newest(told.tubes[1])
    assert short["source"] == {"kind": "paper", "reference": told.numbers[0]}
    assert (short["performed_by"], short["volume_microlitres"]) == (PERFORMER, 2500)
    assert told.newest(told.tubes[0])["action"] == "centrifuge"
    assert told.newest(told.tubes[2])["details"] == {"reason": "fainted"}
    assert told.newest(told.tubes[-1])["action"] == "assign"  # nothing stood on the form of the last one


def it_is_entered_once(told: PaperStory, clinic: Desk) -> None:
    page = clinic.page
    page.goto(f"{clinic.address}/downtime")
    clinic.scan(told.numbers[0])
    expect(page.locator("#entered-kit")).to_be_visible()
    expect(page.locator("#enter")).to_have_count(0)


def another_form_is_voided(told: PaperStory, clinic: Desk) -> None:
    page = clinic.page
    clinic.scan(told.numbers[1])
    page.locator("label[for=reason-spoiled]").click()
    with page.expect_navigation():
        page.locator("form[action$='/void'] button[type=submit]").click()
    expect(page.locator(f"tr[data-form={told.numbers[1]}]")).to_have_count(0)
    expect(page.locator(f"tr[data-form={told.numbers[2]}]")).to_have_count(1)


def what_was_told_late_is_listed(told: PaperStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/downtime/late")
    # The kit with its nine tubes, eight answers and a spin.
    expect(clinic.page.locator("tbody tr")).to_have_count(19)
    clinic.seen("downtime-late")
