"""Tubes that did not come are cases: a clinic is asked and answers, the rest ends together; two tubes bear one code."""

from dataclasses import dataclass, field

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, State
from biobank.demo import programme
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from tests.browser.clinic_ground import SCAN, drawn_kit, set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

CODE = "A900000061"
MISSING = 3


@dataclass
class CaseStory:
    """The tubes of a kit: the first ones were packed and did not come, the last one did."""

    story: Story
    tubes: list[str] = field(default_factory=list)
    parcel: str = ""


def tell(told: CaseStory) -> None:
    set_up(told)
    story(
        told, told.story.seat("demo.technician"), told.story.seat("demo.clinic"), told.story.seat("demo.lead")
    )


def set_up(told: CaseStory) -> None:
    """A parcel was received; three tubes of its list were not in it."""
    set_up_clinic(told.story)
    _, tubes = drawn_kit(told.story, CODE, minutes_ago=90)
    told.tubes = list(tubes.values())[: MISSING + 1]
    with told.story.app.app_context(), writing() as work:
        clinic = actor_named(work, "demo.clinic")
        new = NewShipment(origin=programme.CLINIC, destination=programme.BIOBANK)
        told.parcel = start_shipment(work, new, by=clinic, source=SCAN).identifier
        for tube in told.tubes:
            step(work, "demo.clinic", tube, Action.PACK, place=told.parcel)
        step(work, "demo.clinic", told.parcel, Action.DISPATCH, details={"carrier": "courier"})
        for action in (Action.ARRIVE, Action.OPEN):
            step(work, "demo.technician", told.parcel, action)
        step(work, "demo.technician", told.tubes[-1], Action.RECEIVE)
        step(work, "demo.technician", told.parcel, Action.RECEIVE)


def step(work: Work, person: str, item: str, action: Action, **told: object) -> None:
    at = moments.told(moments.now(), "America/Chicago")
    by = actor_named(work, person)
    record(work, item, action, by=by, source=SCAN, at=at, confirmation="asked back", **told)


def story(told: CaseStory, tech: Desk, clinic: Desk, lead: Desk) -> None:
    the_biobank_asks(told, tech)
    the_clinic_answers(clinic)
    the_biobank_finds_it(tech)
    the_rest_ends_together(told, lead)
    two_tubes_bear_one_code(told, tech)
    another_person_signs(told, tech)
    with told.story.app.app_context(), reading() as work:
        assert {item_now(work, tube).state for tube in told.tubes[:MISSING]} == {State.RECEIVED}
        assert item_now(work, told.tubes[-1]).state is State.VOIDED


def the_biobank_asks(told: CaseStory, tech: Desk) -> None:
    """From the item's page to its case; nothing is lost before the clinic has looked."""
    tech.page.goto(f"{tech.address}/discrepancies?kind=not_in_parcel&parcel={told.parcel}")
    expect(tech.page.locator("#cases tbody tr")).to_have_count(MISSING)
    tech.seen("cases")
    tech.go("#cases tbody th a")
    tech.seen("case")
    tech.press("F3")
    tone(tech, "right")
    tech.tick("resolution-lost")
    tech.put("why", "It is not in the parcel")
    tech.press("F8")
    tone(tech, "wrong")
    tech.seen("case-too-early")
    tech.put("question", "Still in a rack, near your door?")
    tech.press("F4")
    tone(tech, "right")


def the_clinic_answers(clinic: Desk) -> None:
    """The question waits on the start page."""
    clinic.page.goto(f"{clinic.address}/")
    clinic.go("a[href='/discrepancies?state=asked']")
    clinic.seen("cases-asked")
    clinic.go("#cases tbody th a")
    expect(clinic.page.locator("#resolve-form")).to_have_count(0)
    clinic.tick("site_answer-found_here")
    clinic.put("found_out", "Found in our rack; comes by courier")
    clinic.press("F2")
    tone(clinic, "right")
    clinic.seen("case-answered")


def the_biobank_finds_it(tech: Desk) -> None:
    tech.page.goto(f"{tech.address}/discrepancies?owner=me")
    tech.go("#cases tbody th a")
    tech.tick("resolution-found")
    tech.put("why", "The courier brought it")
    tech.press("F8")
    tone(tech, "right")
    tech.seen("case-resolved")


def the_rest_ends_together(told: CaseStory, lead: Desk) -> None:
    lead.page.goto(f"{lead.address}/discrepancies?kind=not_in_parcel&parcel={told.parcel}")
    lead.tick("on-page")
    expect(lead.page.locator("input[name=case]:checked")).to_have_count(MISSING - 1)
    lead.page.locator("#resolution").select_option("found")
    lead.put("sentence", "They came in a second bag")
    lead.go("#resolve")
    tone(lead, "right")
    expect(lead.page.locator("#cases")).to_have_count(0)
    lead.seen("cases-none")


def two_tubes_bear_one_code(told: CaseStory, tech: Desk) -> None:
    """Both are set aside; one person says which is which."""
    tech.page.goto(f"{tech.address}/discrepancies")
    tech.page.locator("#text").focus()
    tech.scan(told.tubes[-1])
    tone(tech, "ask")
    other = str(tech.page.locator("#answer .answer__link a").get_attribute("href")).rpartition("/")[2]
    tech.tick("outcome-codes_separated")
    tech.put("other", other)
    tech.put("which", "Lot printed on its side")
    tech.go("#separate-form button[type=submit]")
    tone(tech, "right")
    tech.seen("case-proposed")


def another_person_signs(told: CaseStory, tech: Desk) -> None:
    """At the same station, with their own password."""
    tech.put("signer", "demo.lead")
    tech.put("password", told.story.password("demo.lead"))
    tech.go("#approve-form button[type=submit]")
    tone(tech, "right")
    tech.seen("case-signed")
    tech.page.locator("#scan-text").focus()
    tech.scan(told.tubes[-1])
    expect(tech.page.locator(".identity__state")).to_be_visible()
    tech.seen("code-given-up")
