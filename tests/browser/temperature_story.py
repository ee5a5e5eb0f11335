"""Two parcels with loggers: whose file is handed in, what it speaks against, and the tube a lead lets be used."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import pairwise

import pytest
from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_now
from biobank.custody.states import Action
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from tests.browser.clinic_ground import drawn_kit, set_up_clinic
from tests.browser.desk import Desk
from tests.browser.kit_story import Story

SCAN = Source("scan")
WRITTEN = """
const write = CanvasRenderingContext2D.prototype.fillText;
window.written = [];
CanvasRenderingContext2D.prototype.fillText = function (text, x, y, ...more) {
  const at = this.getTransform().transformPoint(new DOMPoint(x, y));
  window.written.push({ text, x: at.x, y: at.y, width: this.measureText(text).width, align: this.textAlign });
  return write.call(this, text, x, y, ...more);
};
"""
"""Keeps what is written on a chart, in pixels of its canvas."""
SENT = ("1SS08", "1ED04", "1UR10")
"""Nine hours at 20 degrees are too long for serum and urine, and nothing for whole blood."""
WARM, COLD = "TL-7", "TL-8"
HOURS = 10
WHY = "Serum for one study only, cleared by its owner"


@dataclass
class TemperatureStory:
    story: Story
    parcels: dict[str, str] = field(default_factory=dict)
    """By the number of the logger inside."""
    tubes: dict[str, dict[str, str]] = field(default_factory=dict)
    left_at: datetime = field(default_factory=lambda: moments.now() - timedelta(hours=HOURS + 1))

    def holds(self, specification: str) -> set[str]:
        with self.story.app.app_context(), reading() as work:
            tube = item_now(work, self.tubes[WARM][specification])
            return {hold.value for hold in holds_on(work, tube.id)}

    def file(self, logger: str, celsius: int) -> str:
        """As HOBOware writes it: warm from the second hour on, a reading every half hour."""
        lines = [
            f"{at + 1},{self.left_at + timedelta(minutes=30 * at):%m/%d/%y %I:%M:%S %p},"
            f"{4 if at < 2 else celsius}"
            for at in range(2 * HOURS + 1)
        ]
        head = f'"#","Date Time, GMT+00:00","Temp, °C (LGR S/N: {logger}, SEN S/N: {logger})"'
        return "\n".join(['"Plot Title: clinic box"', head, *lines, ""])


def tell(told: TemperatureStory) -> None:
    set_up_clinic(told.story)
    for number, logger in enumerate((WARM, COLD)):
        _, tubes = drawn_kit(told.story, f"A92000000{number}", 60 * (HOURS + 3))
        told.tubes[logger] = {code: tubes[code] for code in SENT}
        told.parcels[logger] = travelled(told, logger)
    story(told, told.story.seat("demo.lead"))


def travelled(told: TemperatureStory, logger: str) -> str:
    """Packed and sent with its logger, and at the dock ten hours later."""
    with told.story.app.app_context(), writing() as work, pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "now", lambda: told.left_at)
        parcel = packed(work, list(told.tubes[logger].values()))
        details = {"carrier": "courier", "logger": logger, "un3373": True}
        at = moments.told(told.left_at)
        clinic, lead = actor_named(work, "demo.clinic"), actor_named(work, "demo.lead")
        record(work, parcel, Action.DISPATCH, by=clinic, source=SCAN, at=at, details=details)
        arrived_at = told.left_at + timedelta(hours=HOURS)
        patch.setattr(moments, "now", lambda: arrived_at)
        record(work, parcel, Action.ARRIVE, by=lead, source=SCAN, at=moments.told(arrived_at))
        return parcel


def packed(work: Work, tubes: list[str]) -> str:
    clinic, at = actor_named(work, "demo.clinic"), moments.told(moments.now())
    new = NewShipment(origin=programme.CLINIC, destination=programme.BIOBANK)
    parcel = start_shipment(work, new, by=clinic, source=SCAN).identifier
    for tube in tubes:
        record(work, tube, Action.PACK, by=clinic, source=SCAN, at=at, place=parcel)
    return parcel


def story(told: TemperatureStory, lead: Desk) -> None:
    open_parcel(told, lead, WARM)
    lead.seen("logger-of-a-parcel")
    an_unknown_layout_is_refused(lead)
    the_file_of_another_logger_is_refused(told, lead)
    the_right_file_holds_two_tubes(told, lead)
    one_tube_is_released(told, lead)
    the_same_file_is_no_other_parcels(told, lead)
    the_cold_one_holds_nothing(told, lead)
    lead.page.goto(f"{lead.address}/temperatures")
    expect(lead.page.locator("#files tbody tr")).to_have_count(2)
    lead.seen("logger-files")
    lead.page.goto(f"{lead.address}/help/temperatures")
    lead.seen("help-temperatures")


def open_parcel(told: TemperatureStory, lead: Desk, logger: str) -> None:
    lead.page.goto(f"{lead.address}/")
    lead.scan(told.parcels[logger])
    lead.go("#logger-files")
    expect(lead.page.locator("#logger-form input[name=parcel]")).to_have_value(told.parcels[logger])


def times_below_the_chart_stand_apart(lead: Desk) -> None:
    """On screens of any width: of a narrow chart only some are written."""
    lead.page.add_init_script(WRITTEN)
    size = lead.page.viewport_size or {"width": 1280, "height": 900}
    for width in range(400, 1281, 80):
        lead.page.set_viewport_size({"width": width, "height": size["height"]})
        lead.page.reload()
        expect(lead.page.locator("figure.chart[data-drawn]")).to_be_visible()
        written = lead.page.evaluate(
            "written.filter(({ align, text }) => align === 'center' && text.includes(':'))"
        )
        assert written
        spans = sorted({(each["x"] - each["width"] / 2, each["x"] + each["width"] / 2) for each in written})
        assert all(left[1] < right[0] for left, right in pairwise(spans)), (width, spans)
    lead.page.set_viewport_size(size)


def hand_in(lead: Desk, name: str, content: str) -> None:
    """As somebody chooses it on their disk, and F2."""
    lead.page.locator("#file").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": content.encode("utf-8-sig")}
    )
    lead.press("F2")


def refused(lead: Desk, sentence: str) -> None:
    lead.reads(".problems", sentence)
    expect(lead.page.locator(".problems li")).to_have_count(1)
    expect(lead.page.locator("#files")).to_have_count(0)


def an_unknown_layout_is_refused(lead: Desk) -> None:
    hand_in(lead, "fridge.csv", "a,b\n1,2\n")
    refused(lead, "The layout of this file is not known")
    lead.seen("logger-layout-unknown")


def the_file_of_another_logger_is_refused(told: TemperatureStory, lead: Desk) -> None:
    hand_in(lead, "other.csv", told.file(COLD, 4))
    refused(lead, f"was packed with {WARM}")
    lead.seen("logger-of-another-parcel")


def the_right_file_holds_two_tubes(told: TemperatureStory, lead: Desk) -> None:
    hand_in(lead, "box.csv", told.file(WARM, 20))
    lead.hears("Beyond a limit", "Held until a biobank lead has decided, tubes: 2.")
    expect(lead.page.locator("figure.chart canvas")).to_be_visible()
    times_below_the_chart_stand_apart(lead)
    rows = lead.page.locator("#figures tbody tr")
    expect(rows).to_have_count(2 * HOURS + 1)
    expect(rows.first).to_contain_text("4")
    expect(rows.last).to_contain_text("20")
    expect(lead.page.locator("#excursions-table tbody tr")).to_have_count(2)
    assert [told.holds(code) for code in SENT] == [{"temperature"}, set(), {"temperature"}]
    lead.seen("logger-file-read")


def one_tube_is_released(told: TemperatureStory, lead: Desk) -> None:
    serum = lead.page.locator(f"#items input[value='{told.tubes[WARM]['1SS08']}']")
    lead.put("reason", WHY)
    lead.go("#release-form button[type=submit]")
    lead.reads(".problems", "Choose tubes of this file")
    lead.seen("logger-nothing-chosen")
    lead.tick(str(serum.get_attribute("id")))
    lead.go("#release-form button[type=submit]")
    lead.hears("Released")
    expect(lead.page.locator("#items input[name=items]")).to_have_count(1)
    assert [told.holds(code) for code in SENT] == [set(), set(), {"temperature"}]
    lead.seen("logger-tube-released")


def the_same_file_is_no_other_parcels(told: TemperatureStory, lead: Desk) -> None:
    open_parcel(told, lead, COLD)
    hand_in(lead, "box.csv", told.file(WARM, 20))
    refused(lead, "This very file was read for")
    lead.seen("logger-file-read-before")


def the_cold_one_holds_nothing(told: TemperatureStory, lead: Desk) -> None:
    hand_in(lead, "other.csv", told.file(COLD, 4))
    lead.hears("Read")
    expect(lead.page.locator("#excursions-table")).to_have_count(0)
    lead.seen("logger-file-cold")
