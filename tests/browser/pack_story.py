"""At the packing bench: a kit by its label, a straggler alone, a carrier that does not come, the list inside."""

from dataclasses import dataclass, field

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import reading, writing
from biobank.custody.queries import item_now, newest_events
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.processing.operations import spin
from biobank.processing.queries import programmes_of
from biobank.shipments.queries import parcel_named
from tests.browser.clinic_ground import drawn_kit, set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

SST, PST_1, PST_2, EDTA = "1SS08", "PS04A", "PS04B", "1ED04"
FEDEX_BARCODE = "9622001900005931422100794612345678"


@dataclass
class PackStory:
    """A kit with tubes of which one was not spun, and the parcels that it leaves in."""

    story: Story
    kit: str = ""
    tubes: dict[str, str] = field(default_factory=dict)
    parcels: list[str] = field(default_factory=list)

    def flags(self, item: str) -> list[str]:
        with self.story.app.app_context(), reading() as work:
            return list(newest_events(work, item, 1)[0].get("flags", []))

    def state(self, item: str) -> str:
        with self.story.app.app_context(), reading() as work:
            return str(item_now(work, item).state)


def tell(told: PackStory) -> None:
    set_up_clinic(told.story)
    told.kit, told.tubes = drawn_kit(told.story, "A900000021", 90)
    with told.story.app.app_context(), writing() as work:
        by, run = actor_named(work, "demo.clinic"), programmes_of(work, [programme.CLINIC])[0]
        at = moments.told(moments.now())
        for code in (SST, PST_1):
            spin(work, told.tubes[code], run, by=by, source=Source("scan"), at=at)
    story(told, told.story.seat("demo.clinic"))


def story(told: PackStory, clinic: Desk) -> None:
    a_parcel_is_begun(told, clinic)
    what_is_not_ready_says_why(told, clinic)
    the_kits_label_packs_what_is_ready(told, clinic)
    a_wrong_scan_is_answered(told, clinic)
    a_tube_is_taken_out_and_scanned_in_again(told, clinic)
    the_packing_list_is_looked_at(told, clinic)
    the_parcel_goes_although_its_carrier_does_not_come(told, clinic)
    the_straggler_follows_alone(told, clinic)


def standing(clinic: Desk, tube: str, expected: str) -> None:
    expect(clinic.page.locator(f"li[data-tube={tube}]")).to_have_attribute("data-standing", expected)


def press(clinic: Desk, selector: str) -> None:
    with clinic.page.expect_navigation():
        clinic.page.locator(selector).first.click()


def a_parcel_is_begun(told: PackStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/shipments")
    press(clinic, "main form[action='/shipments'] button[type=submit]")
    told.parcels.append(clinic.page.url.rsplit("/", 1)[1])


def what_is_not_ready_says_why(told: PackStory, clinic: Desk) -> None:
    standing(clinic, told.tubes[SST], "spinning")
    standing(clinic, told.tubes[PST_2], "to_spin")
    standing(clinic, told.tubes[EDTA], "ready")
    clinic.seen("packing")


def the_kits_label_packs_what_is_ready(told: PackStory, clinic: Desk) -> None:
    clinic.scan(told.kit)
    tone(clinic, "right")
    standing(clinic, told.tubes[EDTA], "inside")
    standing(clinic, told.tubes[PST_2], "to_spin")
    packed_while_it_spins(told, clinic, SST)
    clinic.scan(told.tubes[SST])
    tone(clinic, "right")
    expect(clinic.page.locator("#parcel")).to_have_attribute("data-inside", str(len(told.tubes) - 2))
    clinic.scan(told.kit)
    tone(clinic, "wrong")
    clinic.seen("packing-nothing-ready")


def packed_while_it_spins(told: PackStory, clinic: Desk, code: str) -> None:
    clinic.scan(told.tubes[code])
    expect(clinic.page.locator("[data-ask-back=packed_while_spinning]")).to_be_visible()
    clinic.page.locator("#confirmation").fill("The centrifuge stopped early")
    press(clinic, "[data-confirm]")
    standing(clinic, told.tubes[code], "inside")
    assert told.flags(told.tubes[code]) == ["packed_while_spinning"]


def a_wrong_scan_is_answered(told: PackStory, clinic: Desk) -> None:
    clinic.scan("T000000000000")
    tone(clinic, "wrong")
    clinic.scan(told.parcels[0])
    tone(clinic, "wrong")


def a_tube_is_taken_out_and_scanned_in_again(told: PackStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/shipments/{told.parcels[0]}")
    press(clinic, f"li[data-tube={told.tubes[EDTA]}] form button")
    standing(clinic, told.tubes[EDTA], "ready")
    press(clinic, f"[data-kit={told.kit}] .pack-kit__head form button")
    standing(clinic, told.tubes[EDTA], "inside")


def the_packing_list_is_looked_at(told: PackStory, clinic: Desk) -> None:
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F4")
    sheet = clinic.page.locator("#packing-list")
    expect(sheet).to_have_attribute("data-tubes", str(len(told.tubes) - 2))
    assert "A900000021" not in clinic.page.locator("main").inner_text()
    clinic.seen("packing-list")
    with clinic.page.expect_download() as downloaded:
        clinic.page.locator("#as-pdf").click()
    assert downloaded.value.path().read_bytes().startswith(b"%PDF")
    clinic.page.goto(f"{clinic.address}/shipments/{told.parcels[0]}")


def the_parcel_goes_although_its_carrier_does_not_come(told: PackStory, clinic: Desk) -> None:
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")
    expect(clinic.page.locator("[data-journey=hurdles]")).to_have_count(1)
    clinic.seen("dispatch")
    clinic.page.locator("label[for=carrier-fedex]").click()
    clinic.page.locator("#tracking_number").focus()
    clinic.page.keyboard.type(FEDEX_BARCODE)
    clinic.page.keyboard.press("Enter")  # the scanner's; the seal is next, and nothing was sent
    clinic.page.keyboard.type("SEAL-1")
    clinic.page.keyboard.press("Enter")
    clinic.page.keyboard.type("LOGGER-9")
    clinic.page.keyboard.press("Enter")
    clinic.page.keyboard.type("2.5")
    clinic.page.locator("label[for=un3373]").click()
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")
    expect(clinic.page.locator("[data-ask-back=outside_the_calendar]")).to_be_visible()
    clinic.seen("dispatch-asked-back")
    clinic.page.locator("#confirmation").fill("They send a driver this once")
    press(clinic, "[data-confirm]")
    with told.story.app.app_context(), reading() as work:
        shipment, _ = parcel_named(work, told.parcels[0])
        kept = (shipment.tracking_number, shipment.seal, shipment.logger, shipment.dry_ice_grams)
    assert kept == ("794612345678", "SEAL-1", "LOGGER-9", 2500)
    assert told.flags(told.parcels[0]) == ["outside_the_calendar"]
    assert told.state(told.tubes[EDTA]) == "in_transit"
    clinic.seen("parcel-sent")


def the_straggler_follows_alone(told: PackStory, clinic: Desk) -> None:
    a_parcel_is_begun(told, clinic)
    standing(clinic, told.tubes[EDTA], "sent")
    packed_while_it_spins(told, clinic, PST_1)
    clinic.scan(told.tubes[PST_2])
    tone(clinic, "ask")
    assert told.flags(told.tubes[PST_2]) == ["packed_unspun"]
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")
    clinic.page.locator("label[for=carrier-fedex]").click()
    clinic.page.locator("#tracking_number").fill("12")
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")
    expect(clinic.page.locator("#tracking_number")).to_have_attribute("aria-invalid", "true")
    clinic.seen("dispatch-wrong")
    clinic.page.locator("label[for=carrier-courier]").click()
    clinic.page.locator("#tracking_number").fill("")
    clinic.page.locator("label[for=un3373]").click()
    with clinic.page.expect_navigation():
        clinic.page.keyboard.press("F2")
    assert told.state(told.tubes[PST_2]) == "in_transit"
    assert told.flags(told.parcels[1]) == []
