"""A morning at the biobank's bench: a run with many tubes, vials by plan and with codes, DNA, freezing, a held tube."""

from dataclasses import dataclass, field
from datetime import timedelta

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_now, newest_events
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.items.models import Item
from biobank.items.queries import children_of
from biobank.processing.freezing import thaws_of
from biobank.processing.sprec_facts import sprec_code
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from tests.browser.clinic_ground import drawn_kit, set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

SST, PST_1, PST_2, EDTA, EDTA_4 = "1SS08", "PS04A", "PS04B", "1ED10", "1ED04"


@dataclass
class BenchStory:
    """Tubes of two kits by their specification; one of the second kit is held."""

    story: Story
    tubes: dict[str, str] = field(default_factory=dict)
    others: dict[str, str] = field(default_factory=dict)

    def children(self, parent: str) -> list[Item]:
        with self.story.app.app_context(), reading() as work:
            found = children_of(work, item_now(work, parent).id)
            work.session.expunge_all()
            return found

    def events(self, item: str) -> list[str]:
        with self.story.app.app_context(), reading() as work:
            return [str(event["action"]) for event in newest_events(work, item, 30)]

    def holds(self, item: str) -> set[str]:
        with self.story.app.app_context(), reading() as work:
            return {hold.value for hold in holds_on(work, item_now(work, item).id)}

    def thaws(self, item: str) -> int:
        with self.story.app.app_context(), reading() as work:
            return thaws_of(work, item_now(work, item).id)

    def sprec(self, item: str) -> str | None:
        with self.story.app.app_context(), reading() as work:
            return sprec_code(work, item_now(work, item))


def set_up(told: BenchStory) -> None:
    """Two kits, drawn five hours ago, at the biobank since an hour; its centrifuge has one programme."""
    set_up_clinic(told.story)
    told.tubes = drawn_kit(told.story, "A900000021", 300)[1]
    told.others = drawn_kit(told.story, "A900000022", 300)[1]
    with told.story.app.app_context(), writing() as work:
        lead = actor_named(work, "demo.lead")
        come_by_parcel(work, [*told.tubes.values(), *told.others.values()])
        reason = {"hold": "biohazard", "reason": "Needle in a bag"}
        held = told.others[EDTA_4]
        record(
            work,
            held,
            Action.QUARANTINE,
            by=lead,
            source=Source("file"),
            at=moments.told(moments.now()),
            details=reason,
        )


def come_by_parcel(work: Work, tubes: list[str]) -> None:
    """Sent four hours ago, received an hour ago."""
    clinic, lead = actor_named(work, "demo.clinic"), actor_named(work, "demo.lead")
    new = NewShipment(origin=programme.CLINIC, destination=programme.BIOBANK)
    parcel = start_shipment(work, new, by=clinic, source=Source("scan")).identifier
    sent, came = (
        {
            "source": Source("file"), "confirmation": "as it was",
            "at": moments.told(moments.now() - timedelta(hours=hours), "America/Chicago"),
        }
        for hours in (4, 1)
    )  # fmt: skip
    for tube in tubes:
        record(work, tube, Action.PACK, by=clinic, place=parcel, **sent)
    record(work, parcel, Action.DISPATCH, by=clinic, details={"carrier": "courier"}, **sent)
    for item, action in (
        (parcel, Action.ARRIVE),
        (parcel, Action.OPEN),
        *((tube, Action.RECEIVE) for tube in tubes),
    ):
        record(work, item, action, by=lead, **came)


def tell(told: BenchStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.lead"))


def story(told: BenchStory, bench: Desk) -> None:
    what_waits_is_shown(told, bench)
    a_run_is_started_with_all_its_tubes(told, bench)
    the_tubes_come_out_too_early(told, bench)
    the_plan_is_changed_to_what_was_made(told, bench)
    vials_that_bear_codes_are_scanned(told, bench)
    vials_are_frozen_and_thawed(told, bench)
    dna_is_told_with_its_units(told, bench)
    the_page_of_a_vial_says_what_was_recorded(told, bench)
    a_held_tube_is_asked_back_and_its_vials_are_held(told, bench)


def what_waits_is_shown(told: BenchStory, bench: Desk) -> None:
    bench.page.goto(f"{bench.address}/processing")
    row = bench.page.locator(f"li[data-tube={told.tubes[SST]}]")
    expect(row).to_have_attribute("data-phase", "late")
    expect(bench.page.locator(f"li[data-tube={told.tubes[EDTA_4]}]")).to_have_attribute("data-phase", "ready")
    expect(bench.page.locator(f"li[data-tube={told.others[EDTA_4]}]")).to_have_count(0)
    bench.seen("bench")


def a_run_is_started_with_all_its_tubes(told: BenchStory, bench: Desk) -> None:
    bench.press("F6")
    bench.page.locator("#tubes").focus()
    for code in (EDTA, SST, PST_1):
        bench.page.keyboard.type(told.tubes[code])
        bench.page.keyboard.press("Enter")
    bench.tick("balance-each_opposite_another")
    bench.tick("kept_at-2_to_10_degrees")
    bench.put("centrifuge", "Rotina 2")
    bench.seen("run-begun")
    bench.press("F9")
    expect(bench.page.locator("[data-ask-back=unbalanced]")).to_be_visible()
    bench.seen("run-asked-back")
    bench.go("[data-back]")
    bench.page.locator("#tubes").focus()
    bench.page.keyboard.press("Control+End")
    bench.page.keyboard.press("Enter")
    bench.page.keyboard.type(told.tubes[PST_2])
    bench.tick("balance-each_opposite_another")
    bench.tick("kept_at-2_to_10_degrees")
    bench.press("F9")
    tone(bench, "ask")  # three of them too late for their window
    assert told.events(told.tubes[EDTA])[0] == "centrifuge"
    bench.seen("run-spins")


def the_tubes_come_out_too_early(told: BenchStory, bench: Desk) -> None:
    bench.press("F9")
    tone(bench, "ask")
    expect(bench.page.locator("form[action$='/out']")).to_have_count(0)
    assert told.events(told.tubes[SST]).count("centrifuge") == 1
    bench.seen("run-ended")


def the_plan_is_changed_to_what_was_made(told: BenchStory, bench: Desk) -> None:
    bench.page.goto(f"{bench.address}/processing")
    bench.scan(told.tubes[EDTA])
    expect(bench.page.locator(".vial")).to_have_count(10)
    for number in (7, 8, 9):
        bench.tick(f"made-{number}")
    bench.put("volume-6", "0.3")
    bench.seen("aliquots")
    bench.press("F9")
    expect(bench.page.locator("#not_made[aria-invalid]")).to_be_visible()
    bench.seen("aliquots-refused")
    bench.tick("not_made-not_enough_material")
    bench.tick("kept_at-room_temperature")
    bench.tick("used_up")
    bench.press("F9")
    tone(bench, "right")
    volumes = [child.volume_microlitres for child in told.children(told.tubes[EDTA])]
    assert volumes == [500] * 6 + [300]
    assert told.events(told.tubes[EDTA])[:2] == ["consume", "aliquot"]
    bench.seen("aliquots-made")
    bench.press("F4")
    lines = bench.page.locator("#lines").input_value().split()
    assert lines == [child.identifier for child in told.children(told.tubes[EDTA])]


def vials_that_bear_codes_are_scanned(told: BenchStory, bench: Desk) -> None:
    bench.page.goto(f"{bench.address}/processing")
    bench.scan(told.tubes[SST])
    bench.page.locator("#aliquots details:has(#codes) summary").click()
    bench.put("issuer", "FluidX")
    bench.page.locator("#codes").focus()
    for number in range(6):
        bench.page.keyboard.type(f"FX90000{number}")
        bench.page.keyboard.press("Enter")
    bench.tick("kept_at-room_temperature")
    bench.press("F9")
    tone(bench, "right")
    with told.story.app.app_context(), reading() as work:
        assert item_now(work, "FX900005").specification == "serum"


def vials_are_frozen_and_thawed(told: BenchStory, bench: Desk) -> None:
    bench.page.goto(f"{bench.address}/processing/freezing")
    bench.tick("change-frozen")
    bench.page.locator("#text").focus()
    for number in range(3):
        bench.scan(f"FX90000{number}")
        tone(bench, "right")
    bench.seen("freezing")
    for expected in ("right", "right", "ask"):
        bench.tick("change-thawed")
        bench.page.locator("#text").focus()
        bench.scan("FX900000")
        tone(bench, expected)
    assert told.thaws("FX900000") == 3
    bench.seen("thawed-too-often")
    bench.page.goto(f"{bench.address}/processing")
    bench.press("F8")
    bench.put("parts", "\n".join(f"FX90000{number}" for number in (1, 2)))
    bench.put("specification", "serum pool")
    bench.seen("pool")


def dna_is_told_with_its_units(told: BenchStory, bench: Desk) -> None:
    vial = told.children(told.tubes[EDTA])[0].identifier
    bench.page.goto(f"{bench.address}/items/{vial}/steps/derive")
    typed = {
        "specification": "DNA", "count": "1", "volume": "0.1",
        "concentration_picograms_per_microlitre": "50.2", "a260_280_thousandths": "1.85",
    }  # fmt: skip
    for name, text in typed.items():
        bench.put(name, text)
    bench.seen("derive")
    bench.go("main form button[type=submit]")
    dna = told.children(vial)[0].identifier
    bench.page.goto(f"{bench.address}/items/{dna}")
    expect(bench.page.locator(".sprec")).to_contain_text("50.2 ng/µL")
    expect(bench.page.locator(".sprec")).to_contain_text("5.02 µg")
    bench.seen("derivative")


def the_page_of_a_vial_says_what_was_recorded(told: BenchStory, bench: Desk) -> None:
    bench.page.goto(f"{bench.address}/processing/freezing")
    bench.page.goto(f"{bench.address}/items/{told.children(told.tubes[SST])[1].identifier}")
    code = told.sprec("FX900001")
    assert (
        code == "SER-SST-F-Z-N-B-X"
    )  # out of the centrifuge at once: no run of the standard; not stored yet
    expect(bench.page.locator(".sprec__code")).to_have_text(code)
    bench.page.locator(".sprec summary").click()
    bench.seen("sprec")


def a_held_tube_is_asked_back_and_its_vials_are_held(told: BenchStory, bench: Desk) -> None:
    held = told.others[EDTA_4]
    bench.page.goto(f"{bench.address}/processing")
    bench.scan(held)
    bench.seen("aliquots-held")
    bench.press("F9")
    expect(bench.page.locator("[data-ask-back]")).to_be_visible()
    assert told.children(held) == []
    bench.put("confirmation", "They were made before the hold was read")
    bench.go("[data-confirm]")
    tone(bench, "wrong")
    assert [told.holds(child.identifier) for child in told.children(held)] == [{"biohazard"}] * 4
