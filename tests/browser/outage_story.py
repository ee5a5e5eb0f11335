"""A freezer fails at ten past two: one person carries forty racks out, alone; a lead judges them by day."""

from dataclasses import dataclass, field

from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core.database import reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_by_id, item_now
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from tests.browser.desk import Desk
from tests.browser.kit_story import PARTICIPANT, Story, now, set_up

SCAN = Source("scan")
RACKS = 40
FREE = 36
"""Positions beside it; the rest goes into dry ice."""


@dataclass
class OutageStory:
    """The freezer that fails, its racks with a box each, the tubes in the first of them, and the chest."""

    story: Story
    freezer: str = ""
    chest: str = ""
    racks: list[str] = field(default_factory=list)
    tubes: list[str] = field(default_factory=list)
    stranger: str = ""

    def where(self, code: str) -> tuple[str | None, str | None]:
        """The name of what it stands in, and its position there."""
        with self.story.app.app_context(), reading() as work:
            item = item_now(work, code)
            outer = item_by_id(work, item.container_id) if item.container_id else None
            return (outer.specification if outer else None, item.position)

    def is_held(self, code: str) -> bool:
        with self.story.app.app_context(), reading() as work:
            return bool(holds_on(work, item_now(work, code).id))


def tell(told: OutageStory) -> None:
    set_up(told.story)
    _ground(told)
    story(told, told.story.seat("demo.technician"), told.story.seat("demo.lead"))


def _ground(told: OutageStory) -> None:
    with told.story.app.app_context(), writing() as work:
        clinic, technician, lead = (
            actor_named(work, f"demo.{who}") for who in ("clinic", "technician", "lead")
        )

        def unit(kind: Kind, name: str, inside: str | None = None, **more: object) -> str:
            new = NewUnit(kind=kind, name=name, site=programme.BIOBANK, inside=inside, **more)  # type: ignore[arg-type]  # as told
            return add_unit(work, new, by=lead, source=SCAN).identifier

        told.freezer = unit(Kind.FREEZER, "Freezer 77", temperature_celsius=-80)
        beside = unit(Kind.FREEZER, "Freezer 78", temperature_celsius=-80)
        unit(Kind.SHELF, "Spare shelf", beside, rows=4, columns=FREE // 4, allowed=(Kind.RACK,))
        told.chest = unit(Kind.DRY_ICE_CHEST, "Chest 1", temperature_celsius=-78)
        told.racks = [unit(Kind.RACK, f"Rack {at:02}", told.freezer) for at in range(1, RACKS + 1)]
        boxes = [
            unit(Kind.BOX, f"Box {at:02}", rack, rows=9, columns=9) for at, rack in enumerate(told.racks, 1)
        ]
        told.stranger = unit(Kind.RACK, "Rack 99 elsewhere", beside)
        given = {"details": {"participant": PARTICIPANT}}
        record(work, told.story.kit, Action.ASSIGN, by=clinic, source=SCAN, at=now(), **given)
        told.tubes = told.story.tubes[:3]
        for tube, box in zip(told.tubes, boxes, strict=False):
            record(work, tube, Action.COLLECT, by=clinic, source=SCAN, at=now(), details={"fill": "full"})
            record(work, tube, Action.RECEIVE, by=technician, source=SCAN, at=now())
            record(work, tube, Action.STORE, by=technician, source=SCAN, at=now(), place=box, position="A1")


def story(told: OutageStory, technician: Desk, lead: Desk) -> None:
    it_is_declared_at_the_freezer(told, technician)
    forty_racks_are_carried_out(told, technician)
    it_is_over(told, technician)
    a_lead_judges_by_day(told, lead)


def it_is_declared_at_the_freezer(told: OutageStory, desk: Desk) -> None:
    desk.page.goto(f"{desk.address}/outages")
    desk.seen("outages-none")
    desk.press("F2")
    desk.page.keyboard.type(told.freezer)
    desk.page.keyboard.press("Enter")  # nothing is declared yet: what it shows, and since when, is to be told
    expect(desk.page.locator("#temperature")).to_be_focused()
    desk.page.goto(f"{desk.address}/")
    desk.scan(told.freezer)
    desk.go(f".steps a[href^='/outages/declare?unit={told.freezer}']")
    desk.put("temperature", "-61")
    desk.seen("outage-declare")
    desk.press("F2")
    desk.hears(
        "Out of service", "All that lies in it is held, specimens: 3. Racks and boxes to be carried out: 40"
    )
    desk.seen("outage")
    assert all(told.is_held(tube) for tube in told.tubes)
    desk.press("F4")
    desk.seen("outage-places")
    expect(desk.page.locator("#places tbody tr")).to_have_count(RACKS)
    desk.page.go_back()
    desk.press("F2")


def forty_racks_are_carried_out(told: OutageStory, desk: Desk) -> None:
    desk.seen("outage-carry")
    for at, rack in enumerate(told.racks):
        _type(desk, rack)
        expect(desk.page.locator("#place-form input[name=piece]")).to_have_value(rack)
        if at == 0:
            desk.seen("outage-place")
        _type(desk, _proposed(desk) or told.chest)
        expect(desk.page.locator("#piece-form")).to_have_count(1)
        expect(desk.page.locator("#answer")).to_have_attribute("data-tone", "right")
    assert told.where(told.racks[0]) == ("Spare shelf", "A1")
    assert told.where(told.racks[FREE - 1]) == ("Spare shelf", f"D{FREE // 4}")
    assert told.where(told.racks[-1]) == ("Chest 1", None)
    _type(desk, told.stranger)
    expect(desk.page.locator("#place-form input[name=piece]")).to_have_value(told.stranger)
    _type(desk, told.chest)
    expect(desk.page.locator("#piece-form")).to_have_count(1)
    desk.seen("outage-all-out")
    desk.press("F7")


def _type(desk: Desk, code: str) -> None:
    """In place: nothing is loaded."""
    expect(desk.page.locator("#text")).to_be_focused()
    desk.page.keyboard.type(code)
    desk.page.keyboard.press("Enter")


def _proposed(desk: Desk) -> str | None:
    """The code of the place that the screen proposes."""
    return desk.page.locator("#spot").get_attribute("data-place")


def it_is_over(told: OutageStory, desk: Desk) -> None:
    desk.page.goto(f"{desk.page.url}?show=out")
    desk.seen("outage-out")
    desk.put("temperature", "-40")
    desk.go("#temperature-form button")
    desk.tick("how-given_up")
    desk.go("#end-form button")
    desk.hears("The outage is over", "Held until a biobank lead has decided, specimens: 3")
    expect(desk.page.locator("#end-form")).to_have_count(0)


def a_lead_judges_by_day(told: OutageStory, desk: Desk) -> None:
    desk.page.goto(f"{desk.address}/outages/1/judge?by=minutes")
    desk.seen("outage-judge-minutes")
    desk.page.goto(f"{desk.address}/outages/1/judge")
    desk.seen("outage-judge")
    _decide(told, desk, "released", "#group-1", "#group-2", sees="outage-decision")
    _decide(told, desk, "ended", "#group-3")
    assert [told.is_held(tube) for tube in told.tubes] == [False, False, True]
    with told.story.app.app_context(), reading() as work:
        assert item_now(work, told.tubes[2]).state == "broken"
    desk.seen("outage-decided")
    desk.page.goto(f"{desk.address}/outages?show=ended")
    desk.seen("outages-ended")


def _decide(told: OutageStory, desk: Desk, outcome: str, *groups: str, sees: str | None = None) -> None:
    desk.page.goto(f"{desk.address}/outages/1/judge")
    for group in groups:
        desk.tick(group.removeprefix("#"))
    desk.tick(f"outcome-{outcome}")
    desk.put("reason", "Minutes only, on dry ice.")
    desk.press("F2")
    if sees:
        desk.seen(sees)
    desk.put("signer", "demo.lead")
    desk.put("password", told.story.password("demo.lead"))
    desk.go("#sign-form button[type=submit]")
    desk.hears("Decided")
