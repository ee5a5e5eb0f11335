"""A date and a time typed on a page, in the zone of the reader: now, a moment, or not known."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta

from biobank.access.actors import Actor
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import NotAMoment, Told, told, zone_named
from biobank.web.frame import zone_of

NAME = "occurred_at"


def now_told(work: Work, by: Actor) -> Told:
    """This moment, as the clock at the reader's site shows it."""
    return told(moments.now(), zone_of(work, by))


def time_told(form: Mapping[str, str], zone: str, name: str = NAME) -> Told | None:
    """An empty field means now; None is *nobody knows*. Raises `NotAMoment`."""
    if form.get(f"{name}_unknown"):
        return None
    if not form.get(name, "").strip():
        return told(moments.now(), zone)
    return time_required(form, zone, name)


def time_required(form: Mapping[str, str], zone: str, name: str) -> Told:
    """Raises `NotAMoment`; of a wall time that came twice, with both offsets in minutes to choose from."""
    text = form.get(name, "").strip()
    if not text:
        raise NotAMoment("Say when it was.", field=name)
    try:
        typed = datetime.fromisoformat(text).replace(tzinfo=zone_named(zone))
    except ValueError as problem:
        raise NotAMoment("Give date and time, such as 2026-03-01 09:30.", field=name) from problem
    settled = _settled(typed, zone, name, form.get(f"{name}_offset", ""))
    try:
        return told(settled, zone)
    except NotAMoment as problem:
        raise NotAMoment(problem.detail, field=name) from problem


def day_required(form: Mapping[str, str], name: str) -> date:
    """Raises `NotAMoment`."""
    try:
        return date.fromisoformat(form.get(name, "").strip())
    except ValueError as problem:
        raise NotAMoment("Give the day, such as 2026-03-01.", field=name) from problem


def _settled(local: datetime, zone: str, name: str, offset: str) -> datetime:
    """Which of the two it was, in the night in which the clocks are changed."""
    both = [local.replace(fold=0), local.replace(fold=1)]
    if both[0].utcoffset() == both[1].utcoffset():
        return local
    if both[0].astimezone(UTC).astimezone(zone_named(zone)).replace(tzinfo=None) != local.replace(
        tzinfo=None
    ):
        sentence = f"{local:%H:%M} never came in {zone} that night: the clocks went past it. Look again."
        raise NotAMoment(sentence, field=name)
    chosen = [each for each in both if str(_minutes(each)) == offset]
    if not chosen:
        sentence = f"{local:%H:%M} came twice in {zone} that night: say below which of the two it was."
        raise NotAMoment(sentence, field=name, offsets=[_minutes(each) for each in both])
    return chosen[0]


def _minutes(local: datetime) -> int:
    return int((local.utcoffset() or timedelta()).total_seconds() // 60)
