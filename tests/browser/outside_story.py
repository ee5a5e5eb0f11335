"""What is outside: a lab is registered, a tube sent to it, its lab asked, its document entered and accepted."""

from dataclasses import dataclass

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import writing
from biobank.custody.operations import record
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.destruction.choices import Ceremony
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw
from tests.browser.clinic_ground import drawn_kit, set_up_clinic
from tests.browser.desk import Desk
from tests.browser.kit_story import Story

CODE = "A900000061"
DOCUMENT = {"name": "scan.pdf", "mimeType": "application/pdf", "buffer": b"a scanned document"}
OTHER = {"name": "other.pdf", "mimeType": "application/pdf", "buffer": b"another document"}


@dataclass
class OutsideStory:
    story: Story
    tubes: tuple[str, ...] = ()


def tell(told: OutsideStory) -> None:
    set_up(told)
    lead = told.story.seat("demo.lead")
    a_lab_is_registered_and_gets_tubes(told, lead)
    the_participant_leaves(told)
    compliance = told.story.seat("demo.compliance")
    the_lab_is_asked(told, compliance)
    the_document_is_entered(told, lead)
    compliance_accepts_it(told, compliance)
    a_bad_file_is_refused_row_by_row(told, lead)


def set_up(told: OutsideStory) -> None:
    set_up_clinic(told.story)
    _, tubes = drawn_kit(told.story, CODE, 90)
    told.tubes = tuple(tubes.values())[:2]
    with told.story.app.app_context(), writing() as work:
        technician = actor_named(work, "demo.technician")
        for tube in told.tubes:
            record(
                work,
                tube,
                Action.RECEIVE,
                by=technician,
                source=Source("scan"),
                at=now(),
                confirmation="by hand",
            )


def now() -> moments.Told:
    return moments.told(moments.now(), "America/Chicago")


def a_lab_is_registered_and_gets_tubes(told: OutsideStory, lead: Desk) -> None:
    page = lead.page
    page.goto(f"{lead.address}/custodians")
    lead.seen("custodians-none")
    for name, text in (
        ("code", "LAB 1"),
        ("organisation", "Invented Laboratories"),
        ("agreement", "AG-2026-7"),
    ):
        lead.put(name, text)
    lead.tick("kind-contract_lab")
    lead.go("#add-form button[type=submit]")
    expect(page.locator("#code-error")).to_be_visible()
    lead.put("code", "lab-1")
    lead.go("#add-form button[type=submit]")
    for tube in told.tubes:
        lead.tick("purpose-contract_work")
        page.locator("#text").focus()
        lead.scan(tube)
    expect(page.locator("#has-table tbody tr")).to_have_count(2)
    lead.seen("custodian")
    page.goto(f"{lead.address}/items/{told.tubes[0]}")
    lead.seen("item-sent-out")
    page.goto(f"{lead.address}/custodians")
    lead.seen("custodians")
    page.goto(f"{lead.address}/help/custodians")
    lead.seen("help-custodians")


def the_participant_leaves(told: OutsideStory) -> None:
    with told.story.app.app_context(), writing() as work:
        decided = Decision(
            participant=CODE, leaves=True, information=InformationAnswer.REMOVE, samples=SamplesAnswer.DESTROY,
            ceremony=Ceremony.NOT_APPLICABLE, requested_by=CODE, capacity=Capacity.PARTICIPANT,
            channel=Channel.PHONE, decided_at=now(),
        )  # fmt: skip
        withdraw(work, decided, by=actor_named(work, "demo.clinic"))


def the_lab_is_asked(told: OutsideStory, compliance: Desk) -> None:
    page = compliance.page
    page.goto(f"{compliance.address}/custodians/outside")
    compliance.seen("outside-to-ask")
    for tube in told.tubes:
        compliance.tick(f"item-{tube}")
    compliance.tick("wanted-destroy")
    compliance.go("#ask button[type=submit]")
    expect(page.locator("tbody .tone-wait")).to_have_count(2)
    compliance.seen("outside-asked")


def the_document_is_entered(told: OutsideStory, lead: Desk) -> None:
    page = lead.page
    page.goto(f"{lead.address}/attestations/new?custodian=LAB-1")
    lead.seen("attest")
    lead.tick(f"item-{told.tubes[0]}")
    lead.put("document", "DOC-2026-9")
    page.locator("#document_file").set_input_files(DOCUMENT)
    lead.tick("signer_role-director")
    page.locator("#destroyed_on").fill(moments.now().date().isoformat())
    lead.tick("method-autoclave")
    lead.put("reference", "RUN-77")
    lead.go("#document-form button[type=submit]")
    expect(page.locator("#pieces-table tbody tr")).to_have_count(1)
    expect(page.locator("#accept-form")).to_have_count(0)
    lead.seen("attestation-entered")


def compliance_accepts_it(told: OutsideStory, compliance: Desk) -> None:
    """First with another file in the hand, then with the right one."""
    page = compliance.page
    page.goto(f"{compliance.address}/custodians/outside")
    compliance.go("#waiting-list a")
    for file in (OTHER, DOCUMENT):
        page.locator("#document_file").set_input_files(file)
        compliance.put("signer", "demo.compliance")
        compliance.put("password", told.story.password("demo.compliance"))
        compliance.go("#accept-form button[type=submit]")
        if file is OTHER:
            expect(page.locator(".problems")).to_have_count(1)
            compliance.seen("attestation-other-document")
    expect(page.locator("#accept-form")).to_have_count(0)
    compliance.seen("attestation-accepted")
    page.goto(f"{compliance.address}/items/{told.tubes[0]}")
    compliance.seen("item-destroyed-outside")


def a_bad_file_is_refused_row_by_row(told: OutsideStory, lead: Desk) -> None:
    page = lead.page
    page.goto(f"{lead.address}/attestations/new?custodian=LAB-1")
    rows = f"code,date,method,reference\n{told.tubes[1]},2026-02-30,autoclave,R1\n{told.tubes[0]},2026-02-20,x,R1\n"
    page.locator("#file").set_input_files(
        {"name": "lab.csv", "mimeType": "text/csv", "buffer": rows.encode()}
    )
    lead.put("number", "FILE-3")
    lead.go("#file-form button[type=submit]")
    expect(page.locator("#problems li")).to_have_count(2)
    lead.seen("report-refused")
