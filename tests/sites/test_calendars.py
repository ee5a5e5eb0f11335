"""A site's days: weekends, public holidays of its state, closures, and until when a carrier takes parcels."""

from datetime import date, datetime

import pytest

from biobank.sites.calendars import CalendarRefused, as_document, read_calendar
from biobank.sites.operations import add_site, set_calendar
from biobank.sites.queries import SiteUnknown, calendar_of

CARRIERS = frozenset({"fedex", "courier"})
TOLD = {
    "country": "US",
    "state": "IL",
    "works_on": ["Columbus Day"],
    "closed": [{"first": "2026-11-27", "last": "2026-11-29", "why": "Inventory"}],
    "carriers": {"fedex": {"monday": "16:30", "wednesday": "16:30", "friday": "15:00"}},
}
CALENDAR = read_calendar(TOLD, CARRIERS)


@pytest.mark.parametrize(
    ("on", "why"),
    [
        (date(2026, 11, 23), None),
        (date(2026, 11, 21), "Saturday"),
        (date(2026, 11, 26), "Thanksgiving Day"),
        (date(2026, 11, 27), "Inventory"),
        (date(2026, 7, 3), "Independence Day (observed)"),
        (date(2026, 2, 12), "Lincoln's Birthday"),  # of Illinois, not of the whole country
        (date(2026, 10, 12), None),  # Columbus Day, on which it works
    ],
)
def test_a_day_is_open_or_says_why_it_is_not(on, why):
    assert CALENDAR.closed_because(on) == why


@pytest.mark.parametrize(
    ("moment", "picked_up"),
    [
        ("2026-11-23 16:30", "2026-11-23 16:30"),
        ("2026-11-23 16:31", "2026-11-25 16:30"),  # nothing comes on Tuesdays
        ("2026-11-25 17:00", "2026-11-30 16:30"),  # Thanksgiving, closure, weekend
        ("2026-11-21 09:00", "2026-11-23 16:30"),
    ],
)
def test_the_next_pick_up_is_the_first_cut_off_that_has_not_passed(moment, picked_up):
    assert CALENDAR.next_pick_up("fedex", datetime.fromisoformat(moment)) == datetime.fromisoformat(picked_up)


def test_a_carrier_without_hours_never_comes():
    assert CALENDAR.next_pick_up("courier", datetime.fromisoformat("2026-11-23 09:00")) is None


def test_a_day_of_another_country_is_no_holiday():
    assert read_calendar({}, CARRIERS).closed_because(date(2026, 11, 26)) is None


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"opens": "09:00"}, "opens"),
        ({"country": "XX"}, "country"),
        ({"country": "US", "state": "XX"}, "state"),
        ({"state": "IL"}, "country"),
        ({"weekdays": ["someday"]}, "weekdays"),
        ({"weekdays": "monday"}, "weekdays"),
        ({"closed": [{"first": "2026-12-24", "last": "2026-12-20", "why": "Feast"}]}, "closed"),
        ({"closed": [{"first": "Christmas", "why": "Feast"}]}, "closed"),
        ({"closed": [{"first": "2026-12-24"}]}, "closed"),
        ({"closed": [{"first": "2026-12-24", "why": "ask testa@example.org"}]}, "closed"),
        ({"closed": ["2026-12-24"]}, "closed"),
        ({"carriers": {"pigeon": {"monday": "16:30"}}}, "carriers"),
        ({"carriers": {"fedex": {"monday": "4 pm"}}}, "carriers"),
        ({"carriers": {"fedex": {"days": 1}}}, "carriers"),
        ({"carriers": {"fedex": {"days": 99, "monday": "16:30"}}}, "carriers"),
        ({"carriers": ["fedex"]}, "carriers"),
    ],
)
def test_what_is_no_calendar_is_refused_with_its_place(wrong, field):
    with pytest.raises(CalendarRefused) as refusal:
        read_calendar(wrong, CARRIERS)
    assert refusal.value.extra["field"] == field


def test_the_calendar_that_was_set_last_counts(work):
    add_site(work, by="setup", code="clinic-1", name="Clinic", kind="clinic", zone="America/Chicago")
    assert calendar_of(work, "clinic-1") is None
    set_calendar(work, by="setup", site="clinic-1", told={"country": "US"}, carriers=CARRIERS)
    set_calendar(work, by="setup", site="clinic-1", told=TOLD, carriers=CARRIERS)
    assert calendar_of(work, "clinic-1") == CALENDAR
    assert read_calendar(as_document(CALENDAR), CARRIERS) == CALENDAR
    with pytest.raises(SiteUnknown):
        set_calendar(work, by="setup", site="clinic-9", told=TOLD, carriers=CARRIERS)
