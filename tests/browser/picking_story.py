"""A study's request from pick to distribution: the walk, what is not there, who withdrew meanwhile, the manifest."""

from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

from playwright.sync_api import expect
from sqlalchemy import select

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.custody.operations import record
from biobank.custody.queries import item_now
from biobank.custody.states import Action, Kind
from biobank.demo.programme import BIOBANK
from biobank.items.models import Item
from biobank.participants.operations import record_consent
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from tests.browser import study_story
from tests.browser.clinic_ground import SCAN, drawn_kit, set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

STAYS, LEAVES = "A900000061", study_story.CODE


@dataclass
class PickingStory:
    story: Story
    tubes: list[str] = field(default_factory=list)
    """Of who stays; the oldest of all is of who leaves."""
    leaving: str = ""

    def state(self, tube: str) -> str:
        with self.story.app.app_context(), reading() as work:
            return item_now(work, tube).state.value


def tell(told: PickingStory) -> None:
    set_up(told)
    lead, compliance = told.story.seat("demo.lead"), told.story.seat("demo.compliance")
    study = study_story.StudyStory(told.story)
    study_story.somebody_registers_and_somebody_else_approves(study, lead, compliance)
    story(told, lead, study)


def story(told: PickingStory, lead: Desk, study: study_story.StudyStory) -> None:
    a_list_is_made_of_the_request(lead)
    the_walk_tells_right_from_wrong(told, lead)
    another_is_taken_for_what_is_not_there(told, lead)
    study_story.its_participant_leaves(study)
    who_left_is_a_stop(told, lead)
    two_pick_from_one_list(told, lead)
    what_was_picked_goes_to_the_study(told, lead)
    what_went_to_a_bench_comes_back(told, lead)


def set_up(told: PickingStory) -> None:
    """Four tubes in two freezers, of two participants who share."""
    set_up_clinic(told.story)
    _, oldest = drawn_kit(told.story, LEAVES, minutes_ago=120)
    _, others = drawn_kit(told.story, STAYS, minutes_ago=90)
    told.leaving, told.tubes = next(iter(oldest.values())), list(others.values())[:3]
    with told.story.app.app_context(), writing() as work:
        for code in (STAYS, LEAVES):
            record_consent(
                work, actor_named(work, "demo.clinic"), participant=code, form_version="demo-1", language="en",
                source="demo form", scopes=["blood", "urine", "sharing"],
                effective_at=moments.now() - timedelta(days=30),
            )  # fmt: skip
        put_away(work, "Freezer A", [told.leaving])
        put_away(work, "Freezer B", told.tubes)


def put_away(work: Work, name: str, tubes: list[str]) -> None:
    """Into a box of a freezer of their own."""
    lead = actor_named(work, "demo.lead")
    freezer = add_unit(
        work,
        NewUnit(kind=Kind.FREEZER, name=name, site=BIOBANK, temperature_celsius=-80),
        by=lead,
        source=SCAN,
    )
    inside = {"site": BIOBANK, "rows": 9, "columns": 9, "inside": freezer.identifier}
    box = add_unit(work, NewUnit(kind=Kind.BOX, name=f"Box {name[-1]}", **inside), by=lead, source=SCAN)
    for number, tube in enumerate(tubes, 1):
        told = {"by": lead, "source": SCAN, "at": moments.told(moments.now())}
        record(work, tube, Action.RECEIVE, **told)
        record(work, tube, Action.STORE, place=box.identifier, position=f"A{number}", **told)


def a_list_is_made_of_the_request(lead: Desk) -> None:
    lead.page.goto(f"{lead.address}{study_story.REQUEST}")
    lead.press("F4")
    lead.page.locator("#wishes input").first.fill("3")
    lead.seen("pick-list-new")
    lead.go("#list-form button[type=submit]")
    tone(lead, "right")
    expect(lead.page.locator("#pieces .piece")).to_have_count(1)
    lead.seen("pick-list")


def the_walk_tells_right_from_wrong(told: PickingStory, lead: Desk) -> None:
    lead.scan(told.tubes[2])
    tone(lead, "wrong")
    lead.seen("pick-list-wrong")
    lead.scan(told.tubes[0])
    tone(lead, "right")
    assert told.state(told.tubes[0]) == "checked_out"


def another_is_taken_for_what_is_not_there(told: PickingStory, lead: Desk) -> None:
    """The page stays at the box from which the last piece was taken."""
    piece = lead.page.locator(f".piece[data-item='{told.tubes[1]}']")
    piece.locator("summary").click()
    with lead.page.expect_navigation():
        piece.locator("button").click()
    tone(lead, "ask")
    lead.seen("pick-list-not-there")
    with lead.page.expect_navigation():
        lead.page.locator(".gap form button").first.click()
    expect(lead.page.locator(".gap")).to_have_count(0)
    lead.go(".stops li a.usa-button")
    expect(lead.page.locator(f".piece[data-item='{told.tubes[2]}']")).to_be_visible()


def who_left_is_a_stop(told: PickingStory, lead: Desk) -> None:
    lead.page.reload()
    expect(lead.page.locator("#gone-form")).to_be_visible()
    lead.seen("pick-list-gone")
    lead.scan(told.leaving)
    tone(lead, "wrong")
    assert told.state(told.leaving) == "stored"
    lead.seen("pick-list-stop")


def two_pick_from_one_list(told: PickingStory, lead: Desk) -> None:
    technician = told.story.seat("demo.technician")
    technician.page.goto(lead.page.url)
    technician.scan(told.tubes[2])
    tone(technician, "right")
    lead.scan(told.tubes[2])
    tone(lead, "wrong")
    lead.seen("pick-list-picked")


def what_was_picked_goes_to_the_study(told: PickingStory, lead: Desk) -> None:
    lead.page.keyboard.press("F2")
    lead.seen("pick-list-handing-over")
    lead.go("#hand-over-form button")
    tone(lead, "right")
    expect(lead.page.locator("#items tbody tr")).to_have_count(2)
    lead.seen("distribution-picked")
    lead.tick("dates-year")
    lead.tick("format-csv")
    with lead.page.expect_download() as sent:
        lead.page.locator("#manifest-form button[type=submit]").click()
    rows = Path(sent.value.path()).read_text(encoding="utf-8-sig").splitlines()
    assert len(rows) == 3
    assert not [code for code in (*told.tubes, STAYS, LEAVES) if code in "".join(rows)]
    lead.go("#close-form button[type=submit]")
    assert [told.state(told.tubes[at]) for at in (0, 2)] == ["distributed", "distributed"]


def what_went_to_a_bench_comes_back(told: PickingStory, lead: Desk) -> None:
    """What was thought not to be there turned up, and is stored again."""
    with told.story.app.app_context(), writing() as work:
        box = next(each for each in boxes_named(work, "Box B"))
        lead_of_it, at = actor_named(work, "demo.lead"), moments.told(moments.now())
        place = {"place": box, "position": "B1"}
        record(work, told.tubes[1], Action.MOVE, by=lead_of_it, source=SCAN, at=at, **place)
    lead.page.goto(f"{lead.address}/pick-lists")
    lead.seen("pick-lists")
    lead.press("F2")
    lead.tick("purpose-bench")
    lead.put("goes_to", "BENCH-4")
    lead.put("codes", told.tubes[1])
    lead.seen("pick-list-bench")
    lead.go("#list-form button[type=submit]")
    lead.scan(told.tubes[1])
    tone(lead, "right")
    lead.press("F7")
    lead.seen("check-outs")
    lead.scan(told.tubes[1])
    lead.seen("check-outs-back")
    lead.press("F2")
    tone(lead, "right")
    assert told.state(told.tubes[1]) == "stored"


def boxes_named(work: Work, name: str) -> list[str]:
    named = select(Item.identifier).where(Item.specification == name, Item.kind == Kind.BOX.value)
    return list(work.session.scalars(named))
