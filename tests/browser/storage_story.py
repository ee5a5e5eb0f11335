"""At the storing station: lit positions, another place, a taken one; room is found and kept, two boxes become one."""

from dataclasses import dataclass, field

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import PARTICIPANT, Story, now, set_up

SCAN = Source("scan")


@dataclass
class StorageStory:
    """Received tubes of one kit, and the places by name."""

    story: Story
    tubes: list[str] = field(default_factory=list)
    places: dict[str, str] = field(default_factory=dict)


def tell(told: StorageStory) -> None:
    set_up(told.story)
    _ground(told)
    story(told, told.story.seat("demo.technician"), told.story.seat("demo.lead"))


def _ground(told: StorageStory) -> None:
    """Eight tubes on the bench that were centrifuged, one of them held; a freezer with two shelves, racks and cryoboxes."""
    with told.story.app.app_context(), writing() as work:
        clinic, technician, lead = (
            actor_named(work, f"demo.{who}") for who in ("clinic", "technician", "lead")
        )
        assigned = {"details": {"participant": PARTICIPANT}}
        record(work, told.story.kit, Action.ASSIGN, by=clinic, source=SCAN, at=now(), **assigned)
        told.tubes = told.story.tubes[:8]
        for tube in told.tubes:
            record(work, tube, Action.COLLECT, by=clinic, source=SCAN, at=now(), details={"fill": "full"})
            record(work, tube, Action.RECEIVE, by=technician, source=SCAN, at=now())
            record(work, tube, Action.CENTRIFUGE, by=technician, source=SCAN, at=now())
        held = {"details": {"hold": "temperature", "reason": "warm"}}
        record(work, told.tubes[7], Action.QUARANTINE, by=technician, source=SCAN, at=now(), **held)
        for name, kind, inside, size in (
            ("Freezer 9", Kind.FREEZER, None, 0),
            ("Shelf 1", Kind.SHELF, "Freezer 9", 0),
            ("Shelf 2", Kind.SHELF, "Freezer 9", 0),
            ("Rack 9-1", Kind.RACK, "Shelf 1", 0),
            ("Rack 9-2", Kind.RACK, "Shelf 2", 0),
            ("Cryobox 1", Kind.BOX, "Rack 9-1", 9),
            ("Cryobox 2", Kind.BOX, "Rack 9-2", 3),
        ):
            new = NewUnit(
                kind=kind, name=name, site=programme.BIOBANK, inside=told.places.get(inside or ""),
                rows=size, columns=size, temperature_celsius=-80 if kind is Kind.FREEZER else None,
            )  # fmt: skip
            told.places[name] = add_unit(work, new, by=lead, source=SCAN).identifier


def story(told: StorageStory, technician: Desk, lead: Desk) -> None:
    the_lit_position_is_taken_by_the_box_or_by_enter(told, technician)
    another_place_is_taken_when_it_is_scanned(told, technician)
    a_taken_position_is_asked_back(told, technician)
    what_is_held_goes_to_quarantine(told, technician)
    a_freezer_is_seen_as_it_is_opened(told, technician)
    a_box_is_walked_by_arrow_keys(told, technician)
    room_is_found_and_kept_free(told, technician, lead)
    two_boxes_become_one(told, technician)
    a_lead_adds_and_renames(told, lead)


def at_the_station(desk: Desk, tube: str) -> str:
    """Takes a tube up; gives the box that is proposed."""
    desk.page.goto(f"{desk.address}/storage/store")
    desk.scan(tube)
    expect(desk.page.locator(f"[data-in-hand='{tube}']")).to_have_count(1)
    return str(desk.page.locator("[data-proposed]").get_attribute("data-proposed"))


def the_lit_position_is_taken_by_the_box_or_by_enter(told: StorageStory, desk: Desk) -> None:
    desk.page.goto(f"{desk.address}/storage/store")
    desk.seen("store-empty")
    box = at_the_station(desk, told.tubes[0])
    lit = desk.page.locator("[data-lit]")
    expect(lit).to_have_count(1)
    desk.seen("store-lit")
    desk.scan(box)
    tone(desk, "right")
    desk.seen("store-done")
    assert told.story.where(told.tubes[0])[1] == "A1"
    assert at_the_station(desk, told.tubes[1]) == box  # beside its sibling
    desk.press("Enter")
    tone(desk, "right")
    assert told.story.where(told.tubes[1]) == (told.story.where(told.tubes[0])[0], "A2")


def another_place_is_taken_when_it_is_scanned(told: StorageStory, desk: Desk) -> None:
    at_the_station(desk, told.tubes[2])
    desk.scan("b1")
    tone(desk, "right")
    assert told.story.where(told.tubes[2])[1] == "B1"
    at_the_station(desk, told.tubes[3])
    desk.scan(told.places["Cryobox 1"])
    tone(desk, "ask")
    desk.scan(told.places["Cryobox 1"])
    tone(desk, "right")
    assert told.story.where(told.tubes[3]) == ("Cryobox 1", "A1")
    assert at_the_station(desk, told.tubes[4]) == told.places["Cryobox 1"]  # beside the newest sibling
    with desk.page.expect_navigation():
        desk.page.locator("td.free[data-position=C3] a").click()
    expect(desk.page.locator("[data-lit]")).to_have_attribute("data-position", "C3")
    desk.press("F2")
    assert told.story.where(told.tubes[4]) == ("Cryobox 1", "C3")


def a_taken_position_is_asked_back(told: StorageStory, desk: Desk) -> None:
    at_the_station(desk, told.tubes[5])
    desk.page.keyboard.type("a1")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator("[data-ask-back=position_taken]")).to_have_count(1)
    desk.seen("store-asked")
    desk.page.locator("[data-back]").click()
    expect(desk.page.locator(f"[data-in-hand='{told.tubes[5]}']")).to_have_count(1)
    desk.press("F2")
    tone(desk, "right")


def what_is_held_goes_to_quarantine(told: StorageStory, desk: Desk) -> None:
    at_the_station(desk, told.tubes[7])
    expect(desk.page.locator(".notice--loud")).to_have_count(1)
    desk.seen("store-held")
    desk.press("F2")
    assert told.story.where(told.tubes[7])[0] == "Refrigerator"


def a_freezer_is_seen_as_it_is_opened(told: StorageStory, desk: Desk) -> None:
    desk.page.goto(f"{desk.address}/storage")
    desk.seen("storage")
    desk.scan(told.places["Freezer 9"])
    expect(desk.page.locator(".shelf-map__shelf")).to_have_count(2)
    desk.seen("freezer")


def a_box_is_walked_by_arrow_keys(told: StorageStory, desk: Desk) -> None:
    desk.scan(told.places["Cryobox 1"])
    desk.seen("cryobox")
    desk.page.goto(f"{desk.address}/storage/units/{told.places['Cryobox 1']}/rack-scan")
    desk.seen("rack-scan")
    desk.page.go_back()
    page = desk.page
    page.locator("td[data-position=A1] a").focus()
    for key, position in (("ArrowRight", "A2"), ("ArrowDown", "B2"), ("End", "B9"), ("Control+Home", "A1")):
        page.keyboard.press(key)
        at = page.evaluate("document.activeElement.closest('td').dataset.position")
        assert at == position, (key, at)


def room_is_found_and_kept_free(told: StorageStory, technician: Desk, lead: Desk) -> None:
    page = lead.page
    page.goto(f"{lead.address}/storage/room")
    lead.put("count", "70")
    lead.put("warmest", "−80")
    lead.go("form#room button[type=submit]")
    assert int(page.locator("[data-rooms]").get_attribute("data-rooms") or 0) > 0
    lead.seen("room")
    page.goto(f"{lead.address}/storage/units/{told.places['Cryobox 2']}")
    page.locator("#keep summary").click()
    lead.put("count", "3")
    lead.tick("purpose-study")
    lead.put("reference", "R-17")
    lead.put("days", "14")
    lead.go("#keep button[type=submit]")
    expect(page.locator("[data-kept]")).to_have_count(1)
    lead.seen("kept-free")
    at_the_station(technician, told.tubes[6])
    technician.scan(told.places["Cryobox 2"])
    expect(technician.page.locator("[data-lit]")).to_have_attribute("data-position", "C1")
    technician.press("F2")
    assert told.story.where(told.tubes[6]) == ("Cryobox 2", "C1")
    lead.go("[data-kept] button")
    expect(page.locator("[data-kept]")).to_have_count(0)


def two_boxes_become_one(told: StorageStory, desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.address}/storage/mergers?inside={told.places['Freezer 9']}")
    desk.seen("mergers")
    desk.go("[data-merge]")
    desk.seen("merge")
    left = page.locator("[data-left]")
    source = page.url.split("/units/")[1].split("/")[0]
    for count in range(int(left.get_attribute("data-left") or 0), 0, -1):
        expect(left).to_have_attribute("data-left", str(count))
        code = (page.locator("#moves th .code").first.inner_text()).replace(" ", "").replace("-", "")
        desk.scan(code)
        tone(desk, "right")
    expect(left).to_have_attribute("data-left", "0")
    desk.seen("merged")
    desk.go("[data-void]")
    page.locator("#reason").select_option("not_needed")
    desk.go("main form button[type=submit]")
    with told.story.app.app_context(), reading() as work:
        assert item_now(work, source).state == "voided"


def a_lead_adds_and_renames(told: StorageStory, desk: Desk) -> None:
    page = desk.page
    page.goto(f"{desk.address}/storage/add?inside={told.places['Rack 9-2']}")
    desk.seen("add")
    page.locator("#kind").select_option("box")
    desk.put("name", "Tray")
    desk.put("count", "2")
    page.locator("#grid").select_option("cryobox_81")
    desk.go("main form button[type=submit]")
    tone(desk, "right")
    page.goto(f"{desk.address}/storage/units/{told.places['Freezer 9']}")
    desk.go(".steps a[href$='/refit']")
    desk.seen("refit")
    desk.put("name", "Freezer 9b")
    desk.put("temperature", "-150")
    desk.go("main form button[type=submit]")
    tone(desk, "right")
    with told.story.app.app_context(), reading() as work:
        assert item_now(work, told.places["Freezer 9"]).specification == "Freezer 9b"
