"""A box is counted by two people who do not see the map: missing, misplaced, strange and lost tubes come to light."""

from dataclasses import dataclass, field

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core.database import writing
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from tests.browser.clinic_ground import drawn_kit, set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

STRANGE = "FR05653780"
RIGHT, GONE, SHIFTED, AWAY, LOST = "1ED04", "1ED10", "1SS08", "PS04A", "PS04B"


@dataclass
class InventoryStory:
    """The tubes of a kit by what is the matter with each, and the places by name."""

    story: Story
    tubes: dict[str, str] = field(default_factory=dict)
    places: dict[str, str] = field(default_factory=dict)


def tell(told: InventoryStory) -> None:
    set_up(told)
    story(
        told,
        told.story.seat("demo.technician"),
        told.story.seat("demo.witness"),
        told.story.seat("demo.lead"),
    )


def set_up(told: InventoryStory) -> None:
    """What the log believes: three tubes in one box, one in another, one lost."""
    set_up_clinic(told.story)
    _, told.tubes = drawn_kit(told.story, "A900000021", 300)
    with told.story.app.app_context(), writing() as work:
        lead = actor_named(work, "demo.lead")
        rack = _unit(work, told, lead, Kind.RACK, "Rack C", rows=2, columns=2, allowed=(Kind.BOX,))
        boxes = [
            _unit(work, told, lead, Kind.BOX, name, rows=3, columns=4, inside=rack, position=position)
            for name, position in (("Box C1", "A1"), ("Box C2", "A2"))
        ]
        technician = actor_named(work, "demo.technician")
        for code in (RIGHT, GONE, SHIFTED, AWAY, LOST):
            _step(work, told.tubes[code], Action.RECEIVE, technician)
        for code, box, position in ((RIGHT, 0, "A1"), (GONE, 0, "A2"), (SHIFTED, 0, "A3"), (AWAY, 1, "B1")):
            _step(work, told.tubes[code], Action.STORE, technician, place=boxes[box], position=position)
        _step(work, told.tubes[LOST], Action.REPORT_LOST, technician)


def _unit(work, told, lead, kind, name, **more):
    unit = add_unit(
        work, NewUnit(kind=kind, name=name, site=programme.BIOBANK, **more), by=lead, source=Source("scan")
    ).identifier
    told.places[name] = unit
    return unit


def _step(work, item, action, by, **more):
    record(work, item, action, by=by, source=Source("paper", "set up"), at=None, **more)


def story(told: InventoryStory, technician: Desk, witness: Desk, lead: Desk) -> None:
    a_rack_is_planned(told, lead)
    the_box_is_counted_blind(told, technician)
    a_slip_is_taken_back(told, technician)
    one_code_is_on_two_things(told, technician)
    the_count_ends(told, technician)
    somebody_else_counts(told, witness)
    where_the_counts_differ_is_read_again(told, witness)
    the_check_is_closed(told, lead)
    the_rack_is_counted(told, technician)
    the_figures_are_drawn(lead)


def cursor(desk: Desk, position: str) -> None:
    expect(desk.page.locator("#cursor")).to_have_text(position)


def a_rack_is_planned(told: InventoryStory, lead: Desk) -> None:
    lead.page.goto(f"{lead.address}/inventories")
    lead.seen("inventories")
    lead.press("F6")
    lead.seen("inventory-due")
    lead.page.locator("details:has(#plan-one) summary").click()
    lead.put("unit", told.places["Rack C"])
    lead.tick("reason-after_outage")
    lead.tick("whole")
    lead.go("#plan-one button[type=submit]")
    tone(lead, "right")
    expect(lead.page.locator("#progress")).to_have_attribute("data-total", "2")
    lead.seen("inventory-planned")


def the_box_is_counted_blind(told: InventoryStory, technician: Desk) -> None:
    technician.page.goto(f"{technician.address}/inventories")
    technician.scan(told.places["Box C1"])
    expect(technician.page.locator("#state")).to_have_attribute("data-state", "counting")
    cursor(technician, "A1")
    expect(technician.page.locator("main")).not_to_contain_text(told.tubes[GONE][-5:])
    technician.seen("count-begun")
    technician.press("F7")
    technician.seen("count-by-file")
    technician.page.go_back()
    technician.scan(told.tubes[RIGHT])
    tone(technician, "right")
    cursor(technician, "A2")
    technician.press("F2")
    cursor(technician, "A3")
    technician.scan(told.tubes[AWAY])
    technician.scan("B2")
    cursor(technician, "B2")
    technician.scan(told.tubes[SHIFTED])
    tone(technician, "right")
    technician.scan(told.tubes[LOST])
    tone(technician, "wrong")
    technician.seen("count-stop")
    technician.scan(STRANGE)
    tone(technician, "ask")
    technician.press("F4")
    tone(technician, "ask")
    technician.seen("count-going-on")


def a_slip_is_taken_back(told: InventoryStory, technician: Desk) -> None:
    technician.press("F8")
    cursor(technician, "C1")
    technician.scan(told.places["Box C1"])
    tone(technician, "wrong")
    technician.seen("count-refused")


def one_code_is_on_two_things(told: InventoryStory, technician: Desk) -> None:
    """Asked back; it was a slip of the hand."""
    technician.scan(told.tubes[RIGHT])
    expect(technician.page.locator("[data-ask-back=read_elsewhere]")).to_be_visible()
    technician.seen("count-asked-back")
    technician.go("[data-back]")
    technician.scan("C1")
    technician.press("F4")


def the_count_ends(told: InventoryStory, technician: Desk) -> None:
    technician.press("F9")
    expect(technician.page.locator("#state")).to_have_attribute("data-state", "counted")
    kinds = technician.page.locator("#found tbody tr")
    found = sorted(str(row.get_attribute("data-kind")) for row in kinds.all())
    assert found == ["elsewhere", "missing", "not_expected", "unknown_code", "unread", "wrong_position"]
    expect(technician.page.locator("#record")).to_have_count(0)
    technician.seen("count-differences")


def somebody_else_counts(told: InventoryStory, witness: Desk) -> None:
    witness.page.goto(f"{witness.address}/inventories")
    witness.scan(told.places["Box C1"])
    witness.press("F6")
    expect(witness.page.locator("#state")).to_have_attribute("data-state", "counting")
    for position, code in (
        ("A1", told.tubes[RIGHT]), ("A3", told.tubes[AWAY]), ("B2", told.tubes[SHIFTED]),
        ("B3", told.tubes[LOST]), ("B4", STRANGE),
    ):  # fmt: skip
        witness.scan(position)
        cursor(witness, position)
        witness.scan(code)
    witness.press("F9")


def where_the_counts_differ_is_read_again(told: InventoryStory, witness: Desk) -> None:
    """The second one did not see what stands in C1."""
    expect(witness.page.locator("#disputed a")).to_have_count(1)
    witness.seen("counts-differ")
    witness.go("#disputed a")
    witness.press("F4")
    witness.press("F9")
    expect(witness.page.locator("#disputed")).to_have_count(0)
    expect(witness.page.locator("#record")).to_be_visible()


def the_check_is_closed(told: InventoryStory, lead: Desk) -> None:
    lead.page.goto(f"{lead.address}/inventories")
    lead.scan(told.places["Box C1"])
    lead.seen("count-to-close")
    lead.press("F9")
    expect(lead.page.locator("#state")).to_have_attribute("data-state", "closed")
    expect(lead.page.locator("#found a[href^='/discrepancies/']")).to_have_count(6)
    lead.seen("count-closed")
    assert told.story.where(told.tubes[GONE]) == (None, None)
    assert told.story.where(told.tubes[SHIFTED]) == ("Box C1", "B2")
    assert told.story.where(told.tubes[AWAY]) == ("Box C1", "A3")
    assert told.story.where(told.tubes[LOST]) == ("Box C1", "B3")


def the_rack_is_counted(told: InventoryStory, technician: Desk) -> None:
    """Its boxes are read like tubes; the checks of what stands in it are listed below."""
    technician.page.goto(f"{technician.address}/inventories")
    technician.scan(told.places["Rack C"])
    technician.scan(told.places["Box C1"])
    technician.scan(told.places["Box C2"])
    technician.seen("rack-count")
    technician.press("F9")
    tone(technician, "right")
    technician.press("F9")
    expect(technician.page.locator("#state")).to_have_attribute("data-state", "closed")
    expect(technician.page.locator("#progress")).to_have_attribute("data-done", "1")


def the_figures_are_drawn(lead: Desk) -> None:
    lead.page.goto(f"{lead.address}/inventories/plan")
    lead.page.locator("details:has(#plan-sample) summary").click()
    lead.put("seed", "2026-11")
    lead.go("#plan-sample button[type=submit]")
    tone(lead, "right")
    lead.seen("inventory-sample")
    lead.page.goto(f"{lead.address}/inventories/accuracy")
    columns = lead.page.locator("#figures th[data-drawn]").count()
    expect(lead.page.locator("figure[data-chart]")).to_have_attribute("data-drawn", str(columns))
    expect(lead.page.locator("#share")).to_have_attribute("data-differences", "6")
    lead.seen("inventory-accuracy")
    with lead.page.expect_download() as saved:
        lead.page.locator("#file").click()
    assert saved.value.suggested_filename == "inventory-accuracy.csv"
