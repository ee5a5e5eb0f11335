"""A morning at the dock: forty parcels, two without a manifest, one warm, one tube twice, one extra, one missing."""

from dataclasses import dataclass, field
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, reading, writing
from biobank.custody.models import Discrepancy
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_now
from biobank.custody.states import Action, State
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from tests.browser.clinic_ground import _assigned, set_up_clinic
from tests.browser.desk import Desk, tone
from tests.browser.kit_story import Story

SCAN = Source("scan")
ANNOUNCED, WITHOUT_MANIFEST = 38, 2
FEDEX_BARCODE = "9622001900005931422100"
"""What stands on the carrier's label before the number."""
SENT = ("1ED04", "1ED10")
"""Tubes of each kit that are in its parcel."""


@dataclass
class Sent:
    """A parcel that came: its code, the carrier's number, and the tubes that lie in it."""

    parcel: str
    number: str
    tubes: list[str]


@dataclass
class DockStory:
    story: Story
    sent: list[Sent] = field(default_factory=list)
    loose: list[str] = field(default_factory=list)
    """Tubes that no manifest names."""

    def state(self, item: str) -> str:
        with self.story.app.app_context(), reading() as work:
            return str(item_now(work, item).state)

    def holds(self, item: str) -> set[str]:
        with self.story.app.app_context(), reading() as work:
            return {hold.value for hold in holds_on(work, item_now(work, item).id)}

    def cases(self) -> dict[str, int]:
        """How many were opened, by their kind."""
        with self.story.app.app_context(), reading() as work:
            kinds = [case.kind for case in work.session.query(Discrepancy)]
            return {kind: kinds.count(kind) for kind in kinds}


def tell(told: DockStory) -> None:
    set_up_clinic(told.story)
    parcels_are_sent(told)
    story(told, told.story.seat("demo.technician"))


def parcels_are_sent(told: DockStory) -> None:
    """Drawn yesterday, and on their way since."""
    yesterday = moments.now() - timedelta(hours=20)
    with told.story.app.app_context(), writing() as work, pytest.MonkeyPatch.context() as patch:
        patch.setattr(moments, "now", lambda: yesterday)
        for number in range(ANNOUNCED + WITHOUT_MANIFEST):
            tubes = drawn(work, f"A9100000{number:02}")
            if number < ANNOUNCED:
                told.sent.append(dispatched(work, f"7946000000{number:02}", tubes[: len(SENT)]))
                told.loose += tubes[len(SENT) :]
            else:
                told.sent.append(Sent("", f"79460000{number:02}11", tubes))


def drawn(work: Work, participant: str) -> list[str]:
    """The tubes that are sent, and one more that stays lying."""
    _, tubes = _assigned(work, participant)
    clinic, at = actor_named(work, "demo.clinic"), moments.told(moments.now())
    taken = [tubes[code] for code in (*SENT, "1HEP4")]
    for tube in taken:
        record(work, tube, Action.COLLECT, by=clinic, source=SCAN, at=at, details={"fill": "full"})
    return taken


def dispatched(work: Work, number: str, tubes: list[str]) -> Sent:
    clinic, at = actor_named(work, "demo.clinic"), moments.told(moments.now())
    new = NewShipment(origin=programme.CLINIC, destination=programme.BIOBANK)
    parcel = start_shipment(work, new, by=clinic, source=SCAN).identifier
    for tube in tubes:
        record(work, tube, Action.PACK, by=clinic, source=SCAN, at=at, place=parcel)
    details = {"carrier": "fedex", "tracking_number": number, "seal": f"S{number[-2:]}", "un3373": True}
    record(work, parcel, Action.DISPATCH, by=clinic, source=Source("paper", "list 1"), at=at, details=details)
    return Sent(parcel, number, tubes)


def story(told: DockStory, dock: Desk) -> None:
    dock.page.goto(f"{dock.address}/dock")
    dock.seen("dock-morning")
    parcels_come_off_the_truck(told, dock)
    plain, (warm, twice, extra, short, left, counted) = told.sent[:-8], told.sent[-8:-2]
    for each in plain:
        everything_is_there(dock, each)
    one_is_warm(told, dock, warm)
    one_tube_is_there_twice(told, dock, twice)
    one_has_an_extra(told, dock, extra)
    one_lacks_a_tube(told, dock, short)
    one_is_left_and_found_again(told, dock, left)
    one_is_counted_under_its_seal(told, dock, counted)
    for each in told.sent[-WITHOUT_MANIFEST:]:
        one_has_no_manifest(told, dock, each)
    the_morning_is_over(told, dock)


def count(dock: Desk, name: str, expected: int, section: str = "parcel") -> None:
    expect(dock.page.locator(f"#{section}")).to_have_attribute(f"data-{name}", str(expected))


def press(dock: Desk, selector: str) -> None:
    """By keyboard alone."""
    dock.page.locator(selector).first.focus()
    with dock.page.expect_navigation():
        dock.page.keyboard.press("Enter")


def parcels_come_off_the_truck(told: DockStory, dock: Desk) -> None:
    """Every third by the label of its carrier."""
    for number, each in enumerate(told.sent[:ANNOUNCED]):
        dock.scan(FEDEX_BARCODE + each.number if number % 3 == 0 else each.parcel)
        tone(dock, "right")
    count(dock, "arrived", ANNOUNCED, "dock")
    count(dock, "coming", 0, "dock")
    dock.scan(told.sent[0].parcel)
    dock.hears("It is here already")
    dock.scan("999999999999")
    tone(dock, "wrong")
    dock.seen("dock-unknown-number")


def opened(dock: Desk, each: Sent) -> None:
    """From wherever they stand: the dock, the mode in which one is opened, the parcel."""
    dock.page.goto(f"{dock.address}/dock?mode=open")
    dock.scan(each.parcel)
    count(dock, "unseen", len(each.tubes))


def closed(dock: Desk, each: Sent) -> None:
    dock.scan(each.parcel)
    tone(dock, "right")


def everything_is_there(dock: Desk, each: Sent) -> None:
    opened(dock, each)
    for tube in each.tubes:
        dock.scan(tube)
        tone(dock, "right")
    closed(dock, each)


def one_is_warm(told: DockStory, dock: Desk, each: Sent) -> None:
    opened(dock, each)
    for tube in each.tubes:
        dock.scan(tube)
        expect(dock.page.locator("#in-hand")).to_have_attribute("data-tube", tube)
        press(dock, "#conditions button[value=too_warm]")
        tone(dock, "wrong")
    dock.seen("receipt-warm")
    press(dock, "#conditions button[value=leaked]")
    press(dock, "#noted button[value=leaked]")
    assert told.holds(each.tubes[0]) == {"temperature"}
    closed(dock, each)


def one_tube_is_there_twice(told: DockStory, dock: Desk, each: Sent) -> None:
    opened(dock, each)
    for tube in reversed(each.tubes):
        dock.scan(tube)
    beside = [
        dock.page.locator(each).bounding_box() or {} for each in ("#second summary", "#take-back button")
    ]
    assert beside[0]["y"] == beside[1]["y"]
    dock.page.keyboard.press("F4")
    press(dock, "#second button")
    tone(dock, "wrong")
    count(dock, "extra", 1)
    dock.seen("receipt-two-with-one-code")
    assert told.holds(each.tubes[0])
    closed(dock, each)


def one_has_an_extra(told: DockStory, dock: Desk, each: Sent) -> None:
    opened(dock, each)
    dock.scan(each.tubes[0])
    wrong, extra = told.loose[:2]
    dock.scan(wrong)
    tone(dock, "ask")
    dock.press("F8")
    count(dock, "extra", 0)
    assert told.state(wrong) == State.COLLECTED
    dock.scan(extra)
    dock.scan(each.tubes[1])
    count(dock, "extra", 1)
    dock.scan("FR00112233")
    tone(dock, "wrong")
    press(dock, "#answer a")
    dock.seen("receipt-without-record")
    dock.page.keyboard.type("FR00112233")
    dock.page.locator("#issuer").focus()
    dock.page.keyboard.type("FluidX")
    dock.press("F2")
    count(dock, "extra", 2)
    dock.seen("receipt-extra")
    closed(dock, each)


def one_lacks_a_tube(told: DockStory, dock: Desk, each: Sent) -> None:
    opened(dock, each)
    dock.scan(each.tubes[0])
    dock.press("F2")
    expect(dock.page.locator("[data-ask-back=not_all_seen]")).to_be_visible()
    dock.seen("receipt-closing")
    press(dock, "[data-confirm]")
    tone(dock, "ask")
    assert told.state(each.tubes[1]) == State.IN_TRANSIT


def one_is_left_and_found_again(told: DockStory, dock: Desk, each: Sent) -> None:
    opened(dock, each)
    dock.scan(each.tubes[0])
    dock.scan(each.tubes[0])
    dock.hears("Found already")
    dock.press("F7")
    count(dock, "open", 1, "dock")
    dock.seen("dock-half-way")
    press(dock, f"tr[data-parcel={each.parcel}] a")
    dock.scan(each.tubes[1])
    closed(dock, each)
    assert told.state(each.parcel) == State.RECEIVED


def one_is_counted_under_its_seal(told: DockStory, dock: Desk, each: Sent) -> None:
    opened(dock, each)
    dock.page.locator(".receipt__else summary").focus()
    dock.page.keyboard.press("Enter")
    dock.page.locator("#pieces").focus()
    dock.page.keyboard.type(str(len(each.tubes)))
    dock.page.keyboard.press("Tab")
    dock.page.keyboard.type(f"S{each.number[-2:]}")
    with dock.page.expect_navigation():
        dock.page.keyboard.press("Enter")
    count(dock, "found", len(each.tubes))
    closed(dock, each)
    assert [told.state(tube) for tube in each.tubes] == [State.RECEIVED] * len(each.tubes)


def one_has_no_manifest(told: DockStory, dock: Desk, each: Sent) -> None:
    dock.page.goto(f"{dock.address}/dock")
    dock.press("F6")
    dock.tick("carrier-fedex")
    dock.page.locator("#tracking_number").focus()
    dock.page.keyboard.type(each.number)
    dock.page.keyboard.press("Enter")
    dock.seen("dock-unannounced")
    dock.press("F2")
    each.parcel = str(dock.page.locator("#parcel").get_attribute("data-parcel"))
    dock.press("F2")
    for tube in each.tubes:
        dock.scan(tube)
    count(dock, "extra", len(each.tubes))
    dock.seen("receipt-without-manifest")
    closed(dock, each)


def the_morning_is_over(told: DockStory, dock: Desk) -> None:
    dock.page.goto(f"{dock.address}/dock")
    count(dock, "received", ANNOUNCED + WITHOUT_MANIFEST, "dock")
    count(dock, "open", 0, "dock")
    expect(dock.page.locator("#first-list li").first).to_be_visible()
    dock.seen("dock-noon")
    dock.page.goto(f"{dock.address}/shipments")
    dock.seen("parcels")
    assert {told.state(each.parcel) for each in told.sent} == {State.RECEIVED}
    cases = told.cases()
    assert cases["no_manifest"] == WITHOUT_MANIFEST
    assert cases["condition_too_warm"] == len(SENT)
    assert (cases["two_with_one_code"], cases["without_record"], cases["not_in_parcel"]) == (1, 1, 1)
