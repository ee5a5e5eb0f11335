"""Figures of the floor: receipts, cases by kind and site, how full freezers are, what is held for its temperature."""

import csv
import io
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from biobank.core import moments
from biobank.custody.states import Action, Kind
from biobank.reports.checks import period_told
from biobank.reports.choices import Age
from biobank.reports.floor_queries import cases_opened, freezers_filled, receipts, temperature_holds
from biobank.sites.queries import sites
from tests.floor import CODE
from tests.pages.conftest import Seat

NOON = datetime(2026, 3, 10, 18, tzinfo=UTC)


def test_receipts_and_cases_are_of_the_day_and_of_the_site_that_sent_them(floor, monkeypatch):
    monkeypatch.setattr(moments, "now", lambda: NOON)
    floor.collected_at = NOON - timedelta(days=2)
    tubes = floor.collected(participant=CODE)
    for code in list(tubes)[:3]:
        conditions = {"conditions": ["haemolysed"]} if code == next(iter(tubes)) else {}
        floor.step(tubes[code], Action.RECEIVE, details=conditions)
    period = period_told(NOON.date(), NOON.date())
    told = receipts(floor.work, sites(floor.work), period)
    assert [(row.day, row.site, row.tubes) for row in told] == [(NOON.date(), "clinic-1", 3)]
    before = period_told(NOON.date() - timedelta(days=2), NOON.date() - timedelta(days=1))
    assert receipts(floor.work, sites(floor.work), before) == []
    found = {row.kind: (row.site, row.cases) for row in cases_opened(floor.work, sites(floor.work), period)}
    assert found["condition_haemolysed"] == ("clinic-1", 1)
    assert cases_opened(floor.work, sites(floor.work), before) == []


def test_freezers_are_as_full_as_their_boxes_and_holds_are_where_their_pieces_are(floor):
    freezer = floor.unit(Kind.FREEZER, "Freezer 1", temperature_celsius=-80).identifier
    box = floor.box("Box 1", rows=2, columns=2, inside=freezer)
    tubes = floor.received()
    for code, position in zip(list(tubes)[:3], ("A1", "A2", None), strict=False):
        if position:
            floor.step(tubes[code], Action.STORE, place=box, position=position, confirmation="it lies there")
        details = {"hold": "temperature", "reason": "logger"}
        floor.step(tubes[code], Action.QUARANTINE, details=details)
    [fill] = freezers_filled(floor.work, sites(floor.work))
    assert (fill.name, fill.taken, fill.free, fill.percent) == ("Freezer 1", 2, 2, 50.0)
    held = temperature_holds(floor.work, sites(floor.work), moments.now())
    assert [(each.name, each.by_age) for each in held] == [("Freezer 1", {Age.DAY: 2}), (None, {Age.DAY: 1})]
    later = moments.now() + timedelta(days=8)
    assert temperature_holds(floor.work, sites(floor.work), later)[0].by_age == {Age.MONTH: 2}


def test_the_page_the_file_and_the_answer_of_each_are_one_table(programme):
    _, tubes = programme.collected_kit()
    programme.taken("biobank_technician", tubes[0], "receive", details={"conditions": ["too_warm"]})
    seat = Seat(programme, "lead.here")
    for report, first in (
        ("holds", "Where"),
        ("cases", "What differs"),
        ("receipts", "Day"),
        ("fill", "Freezer"),
    ):
        days = (
            ""
            if report in ("holds", "fill")
            else f"?first={moments.now():%Y-%m-%d}&last={moments.now():%Y-%m-%d}"
        )
        told = programme.get("biobank_lead", f"/reports/{report}{days}").json
        file = seat.client.get(f"/reports/{report}.csv{days}").get_data().decode("utf-8-sig")
        head, *rows = csv.reader(io.StringIO(file))
        assert head == [first, *told["columns"]]
        assert len(rows) == len(told["rows"])
        page = seat.get(f"/reports/{report}{days}")
        assert page.status == 200
        assert ("data-chart" in page.text) == any(cell for row in told["rows"] for cell in row["cells"])
    assert programme.get("biobank_lead", "/reports/holds").json["rows"][0]["cells"][0] == 1
    assert programme.get("biobank_lead", "/reports/cases").status == 422, "days are needed"


def test_figures_of_one_site_have_its_column_alone(programme):
    _, tubes = programme.collected_kit()
    programme.taken("biobank_technician", tubes[0], "receive", details={"conditions": ["too_warm"]})
    here = moments.now().astimezone(ZoneInfo("America/Chicago"))
    days = f"first={here:%Y-%m-%d}&last={here:%Y-%m-%d}"
    for report in ("receipts", "cases"):
        every = programme.get("biobank_lead", f"/reports/{report}?{days}").json
        assert sorted(every["columns"]) == ["All sites", "clinic-1"]
        one = programme.get("biobank_lead", f"/reports/{report}?{days}&site=clinic-1").json
        assert (one["columns"], one["rows"][0]["cells"]) == (["clinic-1"], [1])
