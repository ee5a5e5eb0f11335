"""Mailed kits at the biobank: who left is mailed nothing, one kit is received, one comes back empty."""

import json
from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.demo import programme
from biobank.exchange.pseudonyms import read_pseudonyms
from biobank.kits.operations import make_kits
from biobank.participants.operations import record_consent, register_participant
from biobank.supplies.operations import take_delivery, take_request
from biobank.supplies.queries import order_called
from tests.browser.clinic_ground import set_up_clinic
from tests.browser.compliance_ground import leaves
from tests.browser.desk import Desk
from tests.browser.kit_story import Story
from tests.supplies.conftest import supply_delivery, supply_request

STAYED, LEFT = "A900000071", "A900000072"
FULL, EMPTY, STOPPED = "MAIL-71", "MAIL-72", "MAIL-73"
BARCODE = "SABR90160121IN"


@dataclass
class SupplyStory:
    story: Story
    kit: str = ""
    tubes: list[str] = field(default_factory=list)


def tell(told: SupplyStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.technician"))


def set_up(told: SupplyStory) -> None:
    """Two kits came back two days ago, one more is ordered, and its participant has left since."""
    set_up_clinic(told.story)
    with told.story.app.app_context(), writing() as work:
        lead = actor_named(work, "demo.lead")
        for code in (STAYED, LEFT):
            register_participant(
                work, lead, code=code, pattern=work.settings.participant_code_pattern, site=programme.CLINIC
            )
            record_consent(
                work, lead, participant=code, form_version="demo-1", language="en", source="demo form",
                scopes=["urine"], effective_at=moments.now() - timedelta(days=90),
            )  # fmt: skip
        told.kit = make_kits(work, "urine-1", 1, by=lead, site=programme.BIOBANK)[0].identifier
    orders = ((FULL, STAYED, told.kit), (EMPTY, STAYED, BARCODE), (STOPPED, LEFT, None))
    for number, code, barcode in orders:
        tell_order(told, number, code, barcode)
    leaves(told, LEFT)


def tell_order(told: SupplyStory, number: str, code: str, barcode: str | None) -> None:
    back = (moments.now() - timedelta(days=2)).isoformat()
    with told.story.app.app_context(), writing() as work:
        lead, keyed = actor_named(work, "demo.lead"), read_pseudonyms(work.settings)
        ordered_on = (moments.now() - timedelta(days=20)).date().isoformat()
        asked = supply_request(
            status="shipped" if barcode else "queued", barcode=barcode, number=number, code=code,
            authoredOn=ordered_on,
        )  # fmt: skip
        take_request(work, json.dumps(asked).encode(), by=lead, pseudonyms=keyed)
        if barcode:
            came = supply_delivery(
                status="DELIVERED", back=True, number=number, code=code, tracking=f"9400{number}",
                occurrenceDateTime=back,
            )  # fmt: skip
            for each in came["extension"]:
                if each["url"].endswith("expected-delivery-date"):
                    each["valueDateTime"] = back
            take_delivery(work, json.dumps(came).encode(), by=lead, pseudonyms=keyed)


def story(told: SupplyStory, technician: Desk) -> None:
    expect(technician.page.locator("a[href='/supplies?show=without_sample']")).to_have_count(1)
    technician.go("a[href='/supplies?show=without_sample']")
    expect(technician.page.locator("#orders tbody tr")).to_have_count(2)
    technician.seen("mailed-kits")
    technician.go(f"#orders a[href='/supplies/{EMPTY}']")
    technician.seen("mailed-kit")
    technician.press("F2")
    expect(technician.page.locator("#answer")).to_have_attribute("data-tone", "right")
    expect(technician.page.locator("#empty-form")).to_have_count(0)
    technician.seen("mailed-kit-empty")
    technician.page.goto(f"{technician.address}/supplies?show=to_mail")
    technician.seen("mailed-kits-to-mail")
    technician.page.goto(f"{technician.address}/help/supplies")
    technician.seen("help-supplies")
    stages = [stage_of(told, number) for number in (FULL, EMPTY, STOPPED)]
    assert stages == ["came_back", "no_sample", "queued"]


def stage_of(told: SupplyStory, number: str) -> str:
    with told.story.app.app_context(), reading() as work:
        order = order_called(work, number)
        assert order is not None
        return order.stage
