"""A parcel that misses its carrier, or would come to a closed door, is asked about once and goes all the same."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest

from biobank.core import moments
from biobank.core.moments import told
from biobank.custody.states import Action, State
from biobank.custody.steps import AskedBack
from biobank.shipments.choices import Carrier, read_tracking_number
from biobank.sites.operations import set_calendar
from tests.floor import PAPER

CHICAGO = ZoneInfo("America/Chicago")
COURIER = {"carrier": "courier"}
CARRIERS = frozenset({"courier"})
EVERY_DAY = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday")
CLINIC = {"country": "US", "carriers": {"courier": {"days": 1, **dict.fromkeys(EVERY_DAY, "16:30")}}}


def at(text):
    return told(datetime.fromisoformat(text).replace(tzinfo=CHICAGO), "America/Chicago")


@pytest.fixture
def parcel(floor, monkeypatch):
    """One tube of a courier's parcel, in a week with Thanksgiving."""
    tube = floor.collected()["1ED04"]
    parcel = floor.parcel()
    floor.step(tube, Action.PACK, floor.clinic, place=parcel)
    monkeypatch.setattr(moments, "now", lambda: at("2036-12-24 12:00").at)
    calendars = {"clinic-1": CLINIC | {"weekdays": list(EVERY_DAY)}, "biobank-1": {"country": "US"}}
    for site, calendar in calendars.items():
        set_calendar(floor.work, by="setup", site=site, told=calendar, carriers=CARRIERS)
    return parcel


def sent(floor, parcel, moment, **asked):
    return floor.step(parcel, Action.DISPATCH, floor.clinic, at=at(moment), **({"details": COURIER} | asked))


# Mondays to Wednesday of the week of 24 November 2036; Thanksgiving is the 27th.
@pytest.mark.parametrize(
    ("moment", "sentence"),
    [
        ("2036-11-24 16:31", "takes parcels until 16:30 at clinic-1; the next pick-up is 2036-11-25 16:30"),
        ("2036-11-23 10:00", "does not come on Sunday at clinic-1; the next pick-up is 2036-11-24 16:30"),
        ("2036-11-26 10:00", "arrive on 2036-11-27, when biobank-1 receives nothing .Thanksgiving Day."),
        ("2036-11-28 10:00", "arrive on 2036-11-29, when biobank-1 receives nothing .Saturday."),
    ],
)
def test_what_the_calendar_says_is_asked_once_and_kept(floor, parcel, moment, sentence):
    with pytest.raises(AskedBack, match=sentence) as question:
        sent(floor, parcel, moment)
    assert question.value.extra["reason_code"] == "outside_the_calendar"
    gone = sent(floor, parcel, moment, confirmation="the courier waited for it")
    assert (gone.item.state, gone.event["flags"]) == (State.IN_TRANSIT, ["outside_the_calendar"])
    assert floor.cases(parcel) == []


def test_in_time_nothing_is_asked_and_paper_never_is(floor, parcel):
    assert "flags" not in sent(floor, parcel, "2036-11-24 16:30").event
    other = floor.parcel()
    floor.step(floor.collected()["1ED04"], Action.PACK, floor.clinic, place=other, at=at("2036-11-24 09:00"))
    late = sent(floor, other, "2036-11-24 18:00", source=PAPER)
    assert "outside_the_calendar" in late.event["flags"]


def test_a_time_that_nobody_knows_is_not_judged(floor, parcel):
    gone = floor.step(parcel, Action.DISPATCH, floor.clinic, at=None, details=COURIER)
    assert "flags" not in gone.event


def test_un3373_that_nobody_stated_and_too_much_dry_ice_are_asked_back(floor, parcel):
    details = COURIER | {"un3373": False, "dry_ice_grams": 250_000}
    with pytest.raises(AskedBack, match="packed and marked as UN 3373"):
        sent(floor, parcel, "2036-11-24 10:00", details=details)
    with pytest.raises(AskedBack, match="250 kg of dry ice"):
        sent(floor, parcel, "2036-11-24 10:00", details=details | {"un3373": True})
    gone = sent(floor, parcel, "2036-11-24 10:00", details=details, confirmation="it is so")
    assert gone.event["flags"] == ["un3373_not_stated", "much_dry_ice"]
    assert floor.cases(parcel) == ["un3373_not_stated"]


@pytest.mark.parametrize(
    ("carrier", "scanned", "number"),
    [
        (Carrier.FEDEX, "]C19622001900005931422100794612345678", "794612345678"),
        (Carrier.FEDEX, "(96)22001900005931422100794612345678", "794612345678"),
        (Carrier.USPS, "420606019205500000000000000000", "9205500000000000000000"),
        (Carrier.USPS, "(420)60601\x1d(92)05500000000000000000", "9205500000000000000000"),
    ],
)
def test_a_carriers_barcode_is_read_as_its_scanner_sends_it(carrier, scanned, number):
    assert read_tracking_number(carrier, scanned) == number
