"""A message that the mail server refused: found at the outbox desk, printed as a letter, handed over on paper."""

from dataclasses import dataclass, field
from pathlib import Path

from playwright.sync_api import expect

from biobank.access.actors import SERVICE
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import writing
from biobank.demo import programme
from biobank.demo.people import TESTA, enter_testa
from biobank.destruction.choices import Ceremony
from biobank.messages.sending import send_due
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.participants.operations import register_participant
from biobank.settings import Settings
from biobank.withdrawals.choices import Capacity, Channel
from biobank.withdrawals.inputs import Decision
from biobank.withdrawals.operations import withdraw
from tests.browser.clinic_ground import set_up_clinic
from tests.browser.desk import Desk
from tests.browser.kit_story import Story

CODES = ("A900000051", "A900000052", "A900000053")


@dataclass
class MessageStory:
    """`settings` name the mail server, which refuses the first message and takes the second."""

    story: Story
    settings: Settings
    letter: bytes = field(default=b"")


def tell(told: MessageStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.compliance"))


def set_up(told: MessageStory) -> None:
    """Three who left: of two the vault knows an address, of the third it knows nobody."""
    set_up_clinic(told.story)
    with told.story.app.app_context():
        for number, code in enumerate(CODES):
            with writing() as work:
                _leaves(work, code, known=number < len(CODES) - 1)
        send_due(told.settings, SERVICE)


def _leaves(work, code: str, *, known: bool) -> None:
    clinic, officer = actor_named(work, "demo.clinic"), actor_named(work, "demo.identity")
    pattern = work.settings.participant_code_pattern
    register_participant(work, clinic, code=code, pattern=pattern, site=programme.CLINIC, minor=False)
    if known:
        enter_testa(work, code, by=officer)
    told = Decision(
        participant=code, leaves=True, information=InformationAnswer.REMOVE, samples=SamplesAnswer.DESTROY,
        ceremony=Ceremony.NOT_APPLICABLE, requested_by=code, capacity=Capacity.PARTICIPANT,
        channel=Channel.PHONE, decided_at=moments.told(moments.now()),
    )  # fmt: skip
    withdraw(work, told, by=clinic)


def story(told: MessageStory, compliance: Desk) -> None:
    page = compliance.page
    expect(page.locator("a[href='/messages?show=failed']")).to_have_count(1)
    compliance.go("a[href='/messages?show=failed']")
    expect(page.locator("#messages tbody tr")).to_have_count(1)
    compliance.seen("messages")
    compliance.go("#messages a")
    expect(page.locator("#state")).to_have_attribute("data-tone", "wrong")
    assert (TESTA.email or "") not in page.content()
    compliance.seen("message-failed")
    the_letter_is_printed(told, compliance)
    handed_over_by_keyboard(compliance)
    page.goto(f"{compliance.address}/messages?show=post")
    expect(page.locator("#messages tbody tr")).to_have_count(1)
    compliance.seen("messages-post")
    page.goto(f"{compliance.address}/messages?show=sent")
    compliance.go("#messages a")
    expect(page.locator("#attempts tbody tr")).to_have_count(1)
    compliance.seen("message-sent")
    page.goto(f"{compliance.address}/messages")
    page.locator("#reference").focus()
    page.keyboard.type("M-1")
    compliance.press("F2")
    expect(page.locator("#state")).to_have_attribute("data-tone", "right")
    page.goto(f"{compliance.address}/help/messages")
    compliance.seen("help-messages")


def the_letter_is_printed(told: MessageStory, compliance: Desk) -> None:
    with compliance.page.expect_download() as loading:
        compliance.page.keyboard.press("F4")
    told.letter = Path(loading.value.path()).read_bytes()


def handed_over_by_keyboard(compliance: Desk) -> None:
    """First without the day, which is asked for; then as it was."""
    page = compliance.page
    compliance.tick("how-post")
    page.locator("#on").fill("2020-01-01")
    compliance.press("F6")
    expect(page.locator("#on-error")).to_be_visible()
    compliance.seen("message-day-refused")
    page.locator("#on").fill(moments.now().date().isoformat())
    compliance.press("F6")
    expect(page.locator("#state")).to_have_attribute("data-tone", "right")
    expect(page.locator("#hand-over-form")).to_have_count(0)
    compliance.seen("message-handed-over")
