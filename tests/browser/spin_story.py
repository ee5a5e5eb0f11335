"""At the centrifuge: one kit clots, one is ready, one is too late; every tube is scanned in, the wrong one too."""

from dataclasses import dataclass, field

from playwright.sync_api import expect

from biobank.core.database import reading
from biobank.custody.queries import newest_events
from tests.browser.clinic_ground import drawn_kit, set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

SST, PST_1, PST_2, EDTA = "1SS08", "PS04A", "PS04B", "1ED04"


@dataclass
class SpinStory:
    """Tubes of three kits by their specification."""

    story: Story
    fresh: dict[str, str] = field(default_factory=dict)
    ready: dict[str, str] = field(default_factory=dict)
    late: dict[str, str] = field(default_factory=dict)

    def events(self, tube: str) -> list[str]:
        with self.story.app.app_context(), reading() as work:
            return [str(event["action"]) for event in newest_events(work, tube, 20)]

    def flags(self, tube: str) -> list[str]:
        with self.story.app.app_context(), reading() as work:
            return list(newest_events(work, tube, 1)[0].get("flags", []))


def tell(told: SpinStory) -> None:
    set_up_clinic(told.story)
    told.fresh = drawn_kit(told.story, "A900000011", 10)[1]
    told.ready = drawn_kit(told.story, "A900000012", 60)[1]
    told.late = drawn_kit(told.story, "A900000013", 260)[1]
    story(told, told.story.seat("demo.clinic"))


def story(told: SpinStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/centrifuge")
    what_waits_is_shown(told, clinic)
    every_tube_is_scanned_in(told, clinic)
    a_tube_that_is_too_late_keeps_its_warning(told, clinic)
    a_wrong_tube_is_asked_back(told, clinic)
    what_went_in_by_mistake_is_taken_back(told, clinic)
    a_run_that_began_earlier_is_told(told, clinic)
    countdowns_go_on(told, clinic)


def phase(clinic: Desk, tube: str, expected: str) -> None:
    expect(clinic.page.locator(f"li[data-tube={tube}]")).to_have_attribute("data-phase", expected)


def what_waits_is_shown(told: SpinStory, clinic: Desk) -> None:
    phase(clinic, told.fresh[SST], "clotting")
    phase(clinic, told.fresh[PST_1], "ready")
    phase(clinic, told.ready[SST], "ready")
    phase(clinic, told.late[PST_2], "late")
    expect(clinic.page.locator(f"li[data-tube={told.ready[EDTA]}]")).to_have_count(0)
    expect(clinic.page.locator("[name=programme]:checked")).to_have_count(1)
    clinic.seen("centrifuge")


def every_tube_is_scanned_in(told: SpinStory, clinic: Desk) -> None:
    for code in (PST_2, SST, PST_1):
        clinic.scan(told.ready[code])
        tone(clinic, "right")
        phase(clinic, told.ready[code], "spinning")
    clinic.scan(told.ready[SST])
    tone(clinic, "right")
    assert told.events(told.ready[SST]).count("centrifuge") == 1
    clinic.seen("centrifuge-spinning")


def a_tube_that_is_too_late_keeps_its_warning(told: SpinStory, clinic: Desk) -> None:
    for code in (PST_1, PST_2):
        clinic.scan(told.late[code])
        tone(clinic, "ask")
        assert told.flags(told.late[code]) == ["centrifuged_late"]
    clinic.scan(told.fresh[SST])
    tone(clinic, "ask")
    assert told.flags(told.fresh[SST]) == ["centrifuged_early"]


def a_wrong_tube_is_asked_back(told: SpinStory, clinic: Desk) -> None:
    clinic.scan(told.ready[EDTA])
    tone(clinic, "ask")
    expect(clinic.page.locator("[data-ask-back=spin_not_foreseen]")).to_be_visible()
    clinic.seen("centrifuge-asked-back")
    with clinic.page.expect_navigation():
        clinic.page.locator("[data-back]").click()
    assert "centrifuge" not in told.events(told.ready[EDTA])
    clinic.scan(told.late[EDTA])
    clinic.page.locator("#confirmation").fill("It stood in the rotor")
    with clinic.page.expect_navigation():
        clinic.page.locator("[data-confirm]").click()
    assert told.flags(told.late[EDTA]) == ["spin_not_foreseen"]
    clinic.scan("NOPE")
    tone(clinic, "wrong")
    clinic.seen("centrifuge-refused")


def what_went_in_by_mistake_is_taken_back(told: SpinStory, clinic: Desk) -> None:
    clinic.page.goto(f"{clinic.address}/centrifuge")
    with clinic.page.expect_navigation():
        clinic.page.locator(f"li[data-tube={told.fresh[SST]}] a.spin__note").click()
    clinic.page.locator("#reason").fill("It still clots")
    with clinic.page.expect_navigation():
        clinic.page.locator("main form button[type=submit]").first.click()
    clinic.page.goto(f"{clinic.address}/centrifuge")
    phase(clinic, told.fresh[SST], "clotting")


def a_run_that_began_earlier_is_told(told: SpinStory, clinic: Desk) -> None:
    clinic.page.locator("#spin-in summary").click()
    clinic.page.locator("label[for=occurred_at_unknown]").click()
    clinic.page.locator("#text").focus()
    clinic.scan(told.late[SST])
    tone(clinic, "ask")
    assert told.flags(told.late[SST]) == ["centrifuge_time_unknown"]
    expect(clinic.page.locator("#occurred_at_unknown")).to_be_checked()


def countdowns_go_on(told: SpinStory, clinic: Desk) -> None:
    """Without a load: the browser's clock is set ahead, and the tube that clotted may go in."""
    clinic.page.clock.install()
    clinic.page.goto(f"{clinic.address}/centrifuge")
    before = clinic.page.locator(f"li[data-tube={told.fresh[SST]}] .left").first.inner_text()
    clinic.page.clock.run_for(6 * 60 * 1000)
    left = clinic.page.locator(f"li[data-tube={told.fresh[SST]}] .left").first
    assert left.inner_text() != before
    clinic.page.clock.run_for(20 * 60 * 1000)
    phase(clinic, told.fresh[SST], "ready")
    phase(clinic, told.ready[PST_1], "done")
    expect(clinic.page.locator("#spin-news p")).not_to_have_count(0)
