"""When a site works and when its carriers come: weekdays, cut-off times, closed days, public holidays."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from functools import lru_cache
from typing import Any, NoReturn

import holidays

from biobank.core.errors import Invalid
from biobank.core.personal_shapes import ADDRESS, PHONE, personal_shape

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
LOOKED_AHEAD = 30
"""Days in which a next pick-up or a next working day is looked for."""
CLOCK = re.compile(r"([01]?[0-9]|2[0-3]):[0-5][0-9]")
LONGEST_WHY = 80
LONGEST_JOURNEY = 14
"""Days that a parcel may be said to take."""
OBSERVED = " (observed)"


class CalendarRefused(Invalid):
    """What was told of a site's days cannot be so."""

    title = "Calendar refused"


@dataclass(frozen=True)
class Closure:
    """Days on which a site is closed, both included."""

    first: date
    last: date
    why: str


@dataclass(frozen=True)
class PickUps:
    """When a carrier comes to a site: the latest moment by weekday (0 is Monday), and days to the biobank."""

    cut_offs: Mapping[int, time]
    days: int = 1


@dataclass(frozen=True)
class Calendar:
    """A site's days, in its own zone. `country` and `state` say whose public holidays it keeps."""

    country: str | None = None
    state: str | None = None
    weekdays: frozenset[int] = frozenset(range(5))
    works_on: frozenset[str] = frozenset()
    """Public holidays, by name, on which it works all the same."""
    closures: tuple[Closure, ...] = ()
    carriers: Mapping[str, PickUps] = field(default_factory=dict)

    def closed_because(self, on: date) -> str | None:
        """Why the site is closed on a day, in a few words; None when it works."""
        closure = next((each for each in self.closures if each.first <= on <= each.last), None)
        if closure is not None:
            return closure.why
        holiday = self.holiday(on)
        if holiday is not None:
            return holiday
        return None if on.weekday() in self.weekdays else WEEKDAYS[on.weekday()].capitalize()

    def holiday(self, on: date) -> str | None:
        """The public holiday that is kept on a day."""
        if self.country is None:
            return None
        name = _holidays(self.country, self.state, on.year).get(on)
        return None if name is None or name.removesuffix(OBSERVED) in self.works_on else name

    def next_working_day(self, on: date) -> date | None:
        """The day itself, or the first after it on which the site works."""
        return next((day for day in _days_from(on) if self.closed_because(day) is None), None)

    def cut_off(self, carrier: str, on: date) -> time | None:
        """Until when the carrier takes parcels on a day; None when it does not come."""
        pick_ups = self.carriers.get(carrier)
        if pick_ups is None or self.closed_because(on) is not None:
            return None
        return pick_ups.cut_offs.get(on.weekday())

    def next_pick_up(self, carrier: str, moment: datetime) -> datetime | None:
        """The first cut-off that has not passed; `moment` is a wall time of the site, without a zone."""
        cut_offs = ((day, self.cut_off(carrier, day)) for day in _days_from(moment.date()))
        coming = (datetime.combine(day, cut_off) for day, cut_off in cut_offs if cut_off is not None)
        return next((each for each in coming if each >= moment), None)


def _days_from(on: date) -> Iterator[date]:
    return (on + timedelta(days=number) for number in range(LOOKED_AHEAD + 1))


@lru_cache(maxsize=64)
def _holidays(country: str, state: str | None, year: int) -> Mapping[date, str]:
    return dict(holidays.country_holidays(country, subdiv=state, years=year))


KEYS = frozenset({"country", "state", "weekdays", "works_on", "closed", "carriers"})


def read_calendar(told: Mapping[str, Any], carriers: frozenset[str]) -> Calendar:
    """As a file or the database has it; `carriers` are those there are. Raises `CalendarRefused`."""
    unknown = sorted(set(told) - KEYS)
    if unknown:
        _refuse(f"{unknown[0]!r} is no part of a calendar; use {', '.join(sorted(KEYS))}", unknown[0])
    country, state = _country(told.get("country"), told.get("state"))
    return Calendar(
        country,
        state,
        _weekdays(told.get("weekdays", list(WEEKDAYS[:5]))),
        frozenset(_texts(told.get("works_on", []), "works_on")),
        tuple(_closure(each) for each in _tables(told.get("closed", []), "closed")),
        {name: _pick_ups(name, hours, carriers) for name, hours in _table(told, "carriers").items()},
    )


def _refuse(problem: str, name: str) -> NoReturn:
    raise CalendarRefused(f"{problem}.", field=name)


def _country(country: Any, state: Any) -> tuple[str | None, str | None]:
    if country is None and state is None:
        return None, None
    known = holidays.list_supported_countries()
    if country not in known:
        _refuse(f"The holidays of country {country!r} are not known; use two letters such as US", "country")
    if state is not None and state not in known[country]:
        _refuse(f"{country} has no state {state!r} with holidays of its own; leave it out", "state")
    return country, state


def _weekdays(told: Any) -> frozenset[int]:
    return frozenset(_weekday(name) for name in _texts(told, "weekdays"))


def _weekday(name: str) -> int:
    if name not in WEEKDAYS:
        _refuse(f"{name!r} is no weekday; use {', '.join(WEEKDAYS)}", "weekdays")
    return WEEKDAYS.index(name)


def _closure(told: Mapping[str, Any]) -> Closure:
    first, why = _day(told.get("first")), told.get("why")
    last = _day(told.get("last", told.get("first")))
    if last < first:
        _refuse(f"A closure ends before it begins: {first} to {last}", "closed")
    if not isinstance(why, str) or not why.strip() or len(why) > LONGEST_WHY:
        _refuse(f"Say in at most {LONGEST_WHY} characters why the site is closed on {first}", "closed")
    if personal_shape(why, frozenset({ADDRESS, PHONE})):
        _refuse(f"Why the site is closed on {first} names nobody; leave addresses and numbers out", "closed")
    return Closure(first, last, why.strip())


def _day(told: Any) -> date:
    if isinstance(told, date) and not isinstance(told, datetime):
        return told
    try:
        return date.fromisoformat(told)
    except (TypeError, ValueError) as problem:
        raise CalendarRefused(f"{told!r} is no day; write it like 2026-12-24.", field="closed") from problem


def _pick_ups(carrier: str, told: Any, carriers: frozenset[str]) -> PickUps:
    if carrier not in carriers:
        _refuse(f"{carrier!r} is no carrier; use {', '.join(sorted(carriers))}", "carriers")
    hours = dict(told) if isinstance(told, Mapping) else {}
    days = hours.pop("days", 1)
    if type(days) is not int or not 0 <= days <= LONGEST_JOURNEY:
        _refuse(f"{carrier} takes a whole number of days up to {LONGEST_JOURNEY}", "carriers")
    if not hours:
        _refuse(f"Say on which weekdays {carrier} comes, such as monday = '16:30'", "carriers")
    return PickUps({_weekday(name): _clock(carrier, clock) for name, clock in hours.items()}, days)


def _clock(carrier: str, told: Any) -> time:
    if not isinstance(told, str) or not CLOCK.fullmatch(told):
        _refuse(f"{told!r} is no time at which {carrier} comes; write it like 16:30", "carriers")
    hours, minutes = told.split(":")
    return time(int(hours), int(minutes))


def _texts(told: Any, name: str) -> list[str]:
    if not isinstance(told, list | tuple) or not all(isinstance(each, str) for each in told):
        _refuse(f"{name} is a list of words", name)
    return list(told)


def _tables(told: Any, name: str) -> list[Mapping[str, Any]]:
    if not isinstance(told, list) or not all(isinstance(each, Mapping) for each in told):
        _refuse(f"{name} is a list of tables with first, last and why", name)
    return told


def _table(told: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    found = told.get(name, {})
    if not isinstance(found, Mapping):
        _refuse(f"{name} is a table", name)
    return found


def as_document(calendar: Calendar) -> dict[str, Any]:
    """What `read_calendar` reads back, in plain words and texts."""
    return {
        **({"country": calendar.country} if calendar.country else {}),
        **({"state": calendar.state} if calendar.state else {}),
        "weekdays": [WEEKDAYS[day] for day in sorted(calendar.weekdays)],
        "works_on": sorted(calendar.works_on),
        "closed": [
            {"first": each.first.isoformat(), "last": each.last.isoformat(), "why": each.why}
            for each in calendar.closures
        ],
        "carriers": {name: _hours(pick_ups) for name, pick_ups in sorted(calendar.carriers.items())},
    }


def _hours(pick_ups: PickUps) -> dict[str, Any]:
    cut_offs = {WEEKDAYS[day]: f"{at:%H:%M}" for day, at in sorted(pick_ups.cut_offs.items())}
    return {"days": pick_ups.days, **cut_offs}
