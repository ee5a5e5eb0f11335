"""Moments in UTC that refuse naive times, with the zone in which they were told."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from biobank.core.errors import Invalid

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
LONGEST_SHOWN = 40
"""Of a text that is no time, in the sentence that says so."""


class NotAMoment(Invalid):
    """A text that names no moment, or one without its offset."""

    title = "Time not understood"


@dataclass(frozen=True)
class Told:
    """A moment as a person told it: UTC, and the zone and offset of the telling."""

    at: datetime
    zone: str
    offset_minutes: int


def now() -> datetime:
    return datetime.now(UTC)


def in_utc(moment: datetime) -> datetime:
    if moment.tzinfo is UTC:
        return moment
    if moment.tzinfo is None:
        raise NotAMoment(f"The time {moment.isoformat()} has no offset; add one, for example -06:00 or Z.")
    try:
        return moment.astimezone(UTC)
    except OverflowError as problem:
        raise NotAMoment(f"The year of {moment.isoformat()} cannot be; check the date.") from problem


def to_microseconds(moment: datetime) -> int:
    """Microseconds since 1970 in UTC: the form in which the database keeps every moment."""
    return (in_utc(moment) - EPOCH) // MICROSECOND


def from_microseconds(value: int) -> datetime:
    return EPOCH + value * MICROSECOND


def to_text(moment: datetime) -> str:
    """RFC 3339 in UTC with six decimals and `Z`: the form in which the ledger keeps every moment."""
    return in_utc(moment).isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"


def text_or_none(moment: datetime | None) -> str | None:
    return to_text(moment) if moment else None


def zone_named(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as problem:
        raise NotAMoment(f"There is no time zone {name!r}; use a name such as America/Chicago.") from problem


def told(moment: datetime, zone: str | None = None) -> Told:
    """Keep `moment` with the zone of its telling; without a zone its own offset is the zone."""
    at = in_utc(moment)
    local = at.astimezone(zone_named(zone)) if zone else moment
    offset = local.utcoffset() or timedelta()
    return Told(at, zone or offset_name(offset), int(offset.total_seconds() // 60))


def offset_name(offset: timedelta) -> str:
    return timezone(offset).tzname(None)


def read_moment(text: str, zone: str | None = None) -> Told:
    """Read an ISO 8601 text with its offset; `zone` names where it was told. Raises `NotAMoment`."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as problem:
        raise NotAMoment(
            f"{text[:LONGEST_SHOWN]!r} is not a time; write it like 2026-03-01T09:30:00-06:00.",
        ) from problem
    return told(moment, zone)


def shown(moment: datetime, zone: str) -> str:
    """For people: the moment in a site's zone with its offset, to the minute."""
    return moment.astimezone(zone_named(zone)).strftime("%Y-%m-%d %H:%M %z")
