"""A study is registered, approved by somebody else and handed a tube; its giver leaves; a demand is refused."""

from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import writing
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.destruction.choices import Ceremony
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.operations import record_consent
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw
from tests.browser.clinic_ground import SCAN, drawn_kit, set_up_clinic
from tests.browser.desk import Desk
from tests.browser.kit_story import Story

CODE = "A900000051"
REQUEST = "/study-requests/REQ-7"


@dataclass
class StudyStory:
    story: Story
    tubes: list[str] = field(default_factory=list)


def tell(told: StudyStory) -> None:
    set_up(told)
    lead, compliance = told.story.seat("demo.lead"), told.story.seat("demo.compliance")
    story(told, lead, compliance)


def set_up(told: StudyStory) -> None:
    """Two tubes at the biobank of a participant who shares."""
    set_up_clinic(told.story)
    _, tubes = drawn_kit(told.story, CODE, minutes_ago=90)
    told.tubes = list(tubes.values())[:2]
    with told.story.app.app_context(), writing() as work:
        lead, clinic = actor_named(work, "demo.lead"), actor_named(work, "demo.clinic")
        record_consent(
            work, clinic, participant=CODE, form_version="demo-1", language="en", source="demo form",
            scopes=["blood", "urine", "sharing"], effective_at=moments.now() - timedelta(days=30),
        )  # fmt: skip
        for tube in told.tubes:
            record(work, tube, Action.RECEIVE, by=lead, source=SCAN, at=moments.told(moments.now()))


def story(told: StudyStory, lead: Desk, compliance: Desk) -> None:
    somebody_registers_and_somebody_else_approves(told, lead, compliance)
    a_tube_is_handed_over(told, lead)
    its_participant_leaves(told)
    the_other_tube_is_refused_and_the_study_is_asked(told, lead, compliance)
    a_demand_is_refused(told, compliance)


def somebody_registers_and_somebody_else_approves(told: StudyStory, lead: Desk, compliance: Desk) -> None:
    lead.page.goto(f"{lead.address}/study-requests")
    lead.seen("studies")
    lead.press("F2")
    today = moments.now().date()
    for name, text in (("number", "REQ-7"), ("study", "STUDY-A"), ("receiver", "UNI-1"), ("agreement", "MTA-3"),
                       ("purpose", "Lipids, sleep"), ("valid_from", today.isoformat()),
                       ("valid_until", (today + timedelta(days=30)).isoformat()), ("most_1", "5")):  # fmt: skip
        lead.put(name, text)
    lead.tick("kind_1-tube")
    lead.seen("study-new")
    lead.go("#request-form button[type=submit]")
    lead.seen("study-waits")
    expect(lead.page.locator("#approve-form")).to_have_count(0)
    compliance.page.goto(f"{compliance.address}{REQUEST}")
    compliance.put("signer", "demo.compliance")
    compliance.put("password", told.story.password("demo.compliance"))
    compliance.seen("study-approval")
    compliance.go("#approve-form button[type=submit]")
    expect(compliance.page.locator("#approve-form")).to_have_count(0)


def a_tube_is_handed_over(told: StudyStory, lead: Desk) -> None:
    lead.page.goto(f"{lead.address}{REQUEST}")
    lead.press("F2")
    lead.page.locator("#text").focus()
    lead.scan(told.tubes[0])
    expect(lead.page.locator("#items tbody tr")).to_have_count(1)
    lead.seen("distribution")


def its_participant_leaves(told: StudyStory) -> None:
    with told.story.app.app_context(), writing() as work:
        decision = Decision(
            participant=CODE, requested_by=CODE, leaves=True, information=InformationAnswer.REMOVE,
            samples=SamplesAnswer.DESTROY, capacity=Capacity.PARTICIPANT, channel=Channel.PHONE,
            ceremony=Ceremony.NOT_APPLICABLE, decided_at=moments.told(moments.now(), "America/Chicago"),
        )  # fmt: skip
        withdraw(work, decision, by=actor_named(work, "demo.compliance"))


def the_other_tube_is_refused_and_the_study_is_asked(told: StudyStory, lead: Desk, compliance: Desk) -> None:
    lead.page.locator("#text").focus()
    lead.scan(told.tubes[1])
    expect(lead.page.locator("#answer")).to_have_attribute("data-tone", "wrong")
    expect(lead.page.locator("#items tbody tr")).to_have_count(1)
    lead.seen("distribution-refused")
    lead.go("#close-form button[type=submit]")
    expect(lead.page.locator("a[href$='packing-list.pdf']")).to_be_visible()
    compliance.page.goto(f"{compliance.address}/holders")
    compliance.seen("holders")
    compliance.put("item", told.tubes[0])
    compliance.tick("answer-kept")
    compliance.put("on", moments.now().date().isoformat())
    compliance.go("#holder-form button[type=submit]")
    expect(compliance.page.locator("#holders")).to_have_count(0)


def a_demand_is_refused(told: StudyStory, compliance: Desk) -> None:
    compliance.page.goto(f"{compliance.address}/legal-demands")
    compliance.press("F2")
    compliance.put("reference", "CASE-12")
    compliance.tick("kind-subpoena")
    compliance.put("demanded_by", "COURT-1")
    compliance.put("received_on", moments.now().date().isoformat())
    compliance.put("participants", CODE)
    compliance.tick("fields-given_name")
    compliance.seen("demand-new")
    compliance.go("#demand-form button[type=submit]")
    compliance.tick("decision-refused")
    compliance.put("certificate", "CC-2026-9")
    compliance.put("reason", "The certificate protects it.")
    compliance.put("signer", "demo.compliance")
    compliance.put("password", told.story.password("demo.compliance"))
    compliance.go("#decide-form button[type=submit]")
    compliance.seen("demand-refused")
    expect(compliance.page.locator("section.panel")).to_contain_text("CC-2026-9")
