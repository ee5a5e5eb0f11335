"""Three weeks of a floor as figures: what two clinics sent, what was wrong with it, how full freezers are, what is held."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest
from playwright.sync_api import expect

from biobank.access.actors import Actor
from biobank.access.queries import actor_named
from biobank.core import moments
from biobank.core.database import Work, writing
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Source
from biobank.demo import programme
from biobank.items.queries import tubes_of_kit
from biobank.kits.operations import make_kits, take_consent
from biobank.participants.operations import register_participant
from biobank.reports.choices import Report
from biobank.shipments.inputs import NewShipment
from biobank.shipments.operations import start_shipment
from biobank.storage.inputs import NewUnit
from biobank.storage.operations import add_unit
from tests.browser.clinic_ground import set_up_clinic
from tests.browser.desk import Desk
from tests.browser.kit_story import Story

SOURCE = Source("scan")
WEEKS = 3
CLINICS: Mapping[str, tuple[str, Sequence[int]]] = {
    programme.CLINIC: ("demo.clinic", (0, 0, 4, 3, 5, 2, 4)),
    programme.OTHER_CLINIC: ("demo.hillside", (0, 0, 2, 0, 3, 4, 1)),
}
"""Who collects at each, and how many tubes of a kit on each day of a week."""
WRONG: Mapping[int, tuple[str, ...]] = {
    3: ("haemolysed",), 9: ("low_volume",), 14: ("too_warm",), 21: ("haemolysed", "low_volume"), 27: ("too_warm",),
    34: ("leaked",), 38: ("too_warm",), 47: ("haemolysed",), 66: ("too_warm",), 75: ("low_volume",), 83: ("too_warm",),
}  # fmt: skip
"""What is the matter with a tube, by the number under which it is received."""
MISSING = {11, 30}
"""Tubes that are on the manifest and not in the parcel."""
FIGURES = (Report.RECEIPTS, Report.CASES, Report.TURNAROUND, Report.FILL, Report.HOLDS)
FREEZERS = (("Freezer 3", 8, 8), ("Freezer 4", 9, 9))
"""Their names, and the rows and columns of the one box in each."""


@dataclass
class FiguresStory:
    story: Story
    boxes: list[str] = field(default_factory=list)
    received: int = 0
    stored: list[int] = field(default_factory=lambda: [0] * len(FREEZERS))


def tell(told: FiguresStory) -> None:
    set_up(told)
    story(told, told.story.seat("demo.lead"))


def set_up(told: FiguresStory) -> None:
    """Every day's kits are drawn, sent six hours later, received the next morning and stored before noon."""
    set_up_clinic(told.story)
    began = moments.now() - timedelta(weeks=WEEKS, hours=1)
    with told.story.app.app_context(), writing() as work, pytest.MonkeyPatch.context() as patch:
        _at(patch, began)
        told.boxes = [_box(work, *freezer) for freezer in FREEZERS]
        for day in range(7 * WEEKS):
            _day(told, work, patch, began + timedelta(days=day), day)


def _at(patch: pytest.MonkeyPatch, moment: datetime) -> None:
    patch.setattr(moments, "now", lambda: moment)


def _box(work: Work, name: str, rows: int, columns: int) -> str:
    lead = actor_named(work, "demo.lead")
    cold = NewUnit(kind=Kind.FREEZER, name=name, site=programme.BIOBANK, temperature_celsius=-80)
    freezer = add_unit(work, cold, by=lead, source=SOURCE).identifier
    box = NewUnit(
        kind=Kind.BOX,
        name=f"Box of {name}",
        site=programme.BIOBANK,
        rows=rows,
        columns=columns,
        inside=freezer,
    )
    return add_unit(work, box, by=lead, source=SOURCE).identifier


def _day(told: FiguresStory, work: Work, patch: pytest.MonkeyPatch, morning: datetime, day: int) -> None:
    sent: dict[str, tuple[str, list[str]]] = {}
    for number, (site, (person, week)) in enumerate(CLINICS.items()):
        if not (count := week[day % 7]):
            continue
        _at(patch, morning)
        by = actor_named(work, person)
        tubes = _drawn(work, by, site, f"A93{number}{day:06}", count)
        _at(patch, morning + timedelta(hours=4 + day % 3))
        sent[site] = (_parcel(work, by, site, tubes), tubes)
    for late, (parcel, tubes) in enumerate(sent.values()):
        _at(patch, morning + timedelta(hours=18 + day % 4, minutes=late))
        here = _received(told, work, parcel, tubes)
        for turn, tube in enumerate(here):
            _at(patch, morning + timedelta(hours=21 + late, minutes=11 * turn + 13 * (day % 5)))
            _stored(told, work, tube)


def _step(work: Work, by: Actor, item: str, action: Action, **more: object) -> None:
    at = moments.told(moments.now(), "America/Chicago")
    record(work, item, action, by=by, source=SOURCE, at=at, confirmation="It is so", **more)  # type: ignore[arg-type]  # as told


def _drawn(work: Work, by: Actor, site: str, participant: str, count: int) -> list[str]:
    """The first tubes of a kit; for the rest the vein gave nothing."""
    lead, pattern = actor_named(work, "demo.lead"), work.settings.participant_code_pattern
    [kit] = make_kits(work, "adult-3.2", 1, by=lead, site=programme.BIOBANK)
    _step(work, lead, kit.identifier, Action.ISSUE, details={"site": site})
    register_participant(work, by, code=participant, pattern=pattern, site=site)
    take_consent(
        work, by, participant=participant, form_version="demo-1", language="en", scopes=["blood", "urine", "dna"],
        effective_at=moments.now() - timedelta(days=1), source="demo form",
    )  # fmt: skip
    _step(work, by, kit.identifier, Action.ASSIGN, details={"participant": participant})
    tubes = [tube.identifier for tube in tubes_of_kit(work, kit.id)]
    for at, tube in enumerate(tubes[:count]):
        _step(work, by, tube, Action.COLLECT, details={"fill": "short" if at == 3 else "full"})
    for tube in tubes[count:]:
        _step(work, by, tube, Action.MARK_NOT_COLLECTED, details={"reason": "flow_stopped"})
    return tubes[:count]


def _parcel(work: Work, by: Actor, site: str, tubes: Sequence[str]) -> str:
    new = NewShipment(origin=site, destination=programme.BIOBANK)
    parcel = start_shipment(work, new, by=by, source=SOURCE).identifier
    for tube in tubes:
        _step(work, by, tube, Action.PACK, place=parcel)
    _step(work, by, parcel, Action.DISPATCH, details={"carrier": "courier", "un3373": True})
    return parcel


def _received(told: FiguresStory, work: Work, parcel: str, tubes: Sequence[str]) -> list[str]:
    """All but what is missing."""
    technician, here = actor_named(work, "demo.technician"), []
    for action in (Action.ARRIVE, Action.OPEN):
        _step(work, technician, parcel, action)
    for tube in tubes:
        told.received += 1
        if told.received not in MISSING:
            wrong = list(WRONG.get(told.received, ()))
            _step(work, technician, tube, Action.RECEIVE, details={"conditions": wrong} if wrong else {})
            here.append(tube)
    _step(work, technician, parcel, Action.RECEIVE)
    return here


def _stored(told: FiguresStory, work: Work, tube: str) -> None:
    """The first freezer takes two of three."""
    number = 1 if sum(told.stored) % 3 == 2 else 0
    columns = FREEZERS[number][2]
    row, column = divmod(told.stored[number], columns)
    told.stored[number] += 1
    technician = actor_named(work, "demo.technician")
    place = {"place": told.boxes[number], "position": f"{'ABCDEFGHI'[row]}{column + 1}"}
    _step(work, technician, tube, Action.STORE, **place)


def story(told: FiguresStory, lead: Desk) -> None:
    for report in FIGURES:
        lead.page.goto(f"{lead.address}/reports/{report}")
        columns = lead.page.locator("#figures th[data-drawn]").count()
        chart = lead.page.locator("figure[data-chart]")
        expect(chart).to_have_attribute("data-drawn", str(columns))
        expect(chart.locator("canvas")).to_have_count(1)
        lead.seen(f"report-{report}")
    one_clinic_is_looked_at(lead)


def one_clinic_is_looked_at(lead: Desk) -> None:
    lead.page.goto(f"{lead.address}/reports/{Report.RECEIPTS}")
    lead.page.locator("details:has(#choose) summary").click()
    lead.page.locator("#site").select_option(programme.OTHER_CLINIC)
    lead.go("#choose button[type=submit]")
    expect(lead.page.locator("#figures")).to_be_visible()
    lead.seen("report-receipts-one-site")
