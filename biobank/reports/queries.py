"""Figures of a period at some sites: collections, turnaround, what fell short, what is late or missing."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any

from sqlalchemy import (
    CTE,
    BigInteger,
    ColumnElement,
    Integer,
    String,
    and_,
    case,
    column,
    func,
    literal,
    or_,
    select,
    type_coerce,
    union_all,
    values,
)
from sqlalchemy.orm import aliased

from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import zone_named
from biobank.custody.models import Hold
from biobank.custody.states import HoldKind, State
from biobank.items.models import Item
from biobank.kits.choices import Fill
from biobank.reports.choices import TRAVELS, Step
from biobank.reports.inputs import Period
from biobank.reports.models import Milestone
from biobank.sites.models import Site

HOUR = 3_600_000_000
"""Microseconds."""
TENTH = HOUR // 10


@dataclass(frozen=True)
class Collections:
    """Kits from which something was drawn at one site on one day, and how many tubes."""

    day: date
    site: str
    kits: int
    tubes: int


@dataclass(frozen=True)
class Turnaround:
    """Hours from collection to a later step, of what was collected on one day: the median and the slowest."""

    day: date
    step: Step
    tubes: int
    median: float
    ninetieth: float
    """Nine of ten tubes were at least as quick: the nearest rank."""


@dataclass(frozen=True)
class Shortfall:
    """Tubes that are short, or that stayed empty for one reason."""

    step: Step
    answer: str
    tubes: int


@dataclass(frozen=True)
class Late:
    """Of what was collected on one day: sent late, received late, and nowhere to be found."""

    day: date
    tubes: int
    sent_late: int
    received_late: int
    missing: int


def collections(work: Work, sites: Sequence[Site], period: Period) -> list[Collections]:
    """A kit is counted on each day on which a tube of it was collected, unless all of it was cancelled."""
    drawn = _drawn(sites, period, [Step.COLLECTED])
    question = (
        select(drawn.c.day, drawn.c.site, func.count(drawn.c.kit_id.distinct()), func.count())
        .group_by(drawn.c.day, drawn.c.site)
        .order_by(drawn.c.day, drawn.c.site)
    )
    rows = work.session.execute(question)
    return [Collections(date.fromisoformat(day), site, kits, tubes) for day, site, kits, tubes in rows]


def turnaround(work: Work, sites: Sequence[Site], period: Period) -> list[Turnaround]:
    """By the day of collection; steps that were told to lie before it are left out.

    Counted by tenths of an hour, begun ones left out: so the database sorts nothing, whatever the number.
    """
    drawn = _drawn(sites, period, TRAVELS)
    tenth = ((drawn.c.at - drawn.c.drawn_at) // TENTH).label("tenth")
    question = (
        select(drawn.c.day, drawn.c.step, tenth, func.count())
        .where(drawn.c.at >= drawn.c.drawn_at)
        .group_by(drawn.c.day, drawn.c.step, tenth)
    )
    counted: dict[tuple[str, str], list[tuple[int, int]]] = {}
    for day, step, tenths, tubes in work.session.execute(question):
        counted.setdefault((day, step), []).append((tenths, tubes))
    return [
        Turnaround(date.fromisoformat(day), Step(step), *_ranks(sorted(spans)))
        for (day, step), spans in sorted(counted.items())
    ]


def _ranks(spans: Sequence[tuple[int, int]]) -> tuple[int, float, float]:
    """How many, and the hours at the nearest rank of the half and of nine tenths."""
    tubes = sum(count for _, count in spans)
    return tubes, _at_rank(spans, (tubes + 1) // 2), _at_rank(spans, (tubes * 9 + 9) // 10)


def _at_rank(spans: Sequence[tuple[int, int]], rank: int) -> float:
    passed = 0
    for tenths, count in spans:
        passed += count
        if passed >= rank:
            return tenths / 10
    raise ValueError(f"there are not {rank} of them")


def shortfalls(work: Work, sites: Sequence[Site], period: Period) -> list[Shortfall]:
    """What was not collected in full, the most frequent reason first."""
    drawn = _drawn(sites, period, [Step.COLLECTED, Step.NOT_COLLECTED])
    answer = func.coalesce(drawn.c.answer, Fill.UNKNOWN.value)
    fell_short = or_(drawn.c.step == Step.NOT_COLLECTED.value, drawn.c.answer == Fill.SHORT.value)
    question = (
        select(drawn.c.step, answer, func.count())
        .where(fell_short)
        .group_by(drawn.c.step, answer)
        .order_by(func.count().desc(), answer)
    )
    return [Shortfall(Step(step), told, tubes) for step, told, tubes in work.session.execute(question)]


def late(work: Work, sites: Sequence[Site], period: Period, now: datetime) -> list[Late]:
    """Later than the settings' hours after the collection, or not yet although those are over."""
    drawn = _drawn(sites, period, [Step.COLLECTED])
    sent, received = aliased(Milestone), aliased(Milestone)
    waits = Item.state == State.COLLECTED.value
    travels = Item.state.in_([State.COLLECTED.value, State.IN_TRANSIT.value])
    settings = work.settings
    sent_late = _is_late(drawn, sent, settings.late_dispatch_hours, waits, now)
    received_late = _is_late(drawn, received, settings.late_receipt_hours, travels, now)
    question = (
        select(drawn.c.day, func.count(), _number(sent_late), _number(received_late), _number(_is_missing()))
        .join(Item, Item.id == drawn.c.item_id)
        .outerjoin(sent, and_(sent.item_id == drawn.c.item_id, sent.step == Step.DISPATCHED.value))
        .outerjoin(received, and_(received.item_id == drawn.c.item_id, received.step == Step.RECEIVED.value))
        .group_by(drawn.c.day)
        .order_by(drawn.c.day)
    )
    return [Late(date.fromisoformat(row[0]), *row[1:]) for row in work.session.execute(question)]


def _is_late(
    drawn: CTE, step: Any, hours: int, still_waits: ColumnElement[bool], now: datetime
) -> ColumnElement[bool]:
    limit = drawn.c.drawn_at + hours * HOUR
    over = limit < moments.to_microseconds(now)
    return or_(_number_of(step.at) > limit, and_(step.at.is_(None), still_waits, over))


def _number_of(moment: Any) -> ColumnElement[int]:
    """Microseconds as they are stored, to be compared with a sum."""
    return type_coerce(moment, BigInteger)


def _is_missing() -> ColumnElement[bool]:
    gone = [State.LOST.value, State.NEVER_RECEIVED.value]
    return or_(Item.state.in_(gone), Item.place_unknown_since.is_not(None))


def _number(condition: ColumnElement[bool]) -> ColumnElement[int]:
    return func.sum(case((condition, 1), else_=0))


def _drawn(sites: Sequence[Site], period: Period, steps: Iterable[Step]) -> CTE:
    """Milestones of these sites by the day of their site's own calendar on which the tube was drawn."""
    return drawn_or_done(sites, period, steps, when=Milestone.drawn_at)


def drawn_or_done(sites: Sequence[Site], period: Period, steps: Iterable[Step], *, when: Any) -> CTE:
    """The same by the day of `when`: the draw, or the step itself."""
    wanted = [step.value for step in steps]
    parts = [
        _drawn_in(_days(zone, number, period), codes, wanted, when)
        for number, (zone, codes) in enumerate(codes_by_zone(sites).items())
    ]
    return union_all(*parts).cte("drawn") if parts else _nothing()


def codes_by_zone(sites: Sequence[Site]) -> dict[str, list[str]]:
    """Codes of sites by the zone that their days are in."""
    by_zone: dict[str, list[str]] = {}
    for site in sorted(sites, key=lambda site: site.zone):
        by_zone.setdefault(site.zone, []).append(site.code)
    return by_zone


def edges_of(period: Period, zone: str) -> tuple[datetime, datetime]:
    """When its first day begins there, and when the one after its last does."""
    first, after = (
        datetime.combine(day, time(), zone_named(zone))
        for day in (period.first, period.last + timedelta(days=1))
    )
    return first, after


def _drawn_in(days: CTE, sites: Sequence[str], steps: Sequence[str], when: Any) -> Any:
    m = Milestone
    return select(
        days.c.day, m.item_id, m.step, m.site, func.coalesce(m.kit_id, -m.item_id).label("kit_id"), m.answer,
        _number_of(m.drawn_at).label("drawn_at"), _number_of(m.at).label("at"),
    ).join_from(
        days, m,
        and_(
            m.step.in_(steps),
            _number_of(when) >= days.c.begins,
            _number_of(when) < days.c.ends,
            m.site.in_(sites),
        ),
    ).where(~_is_cancelled())  # fmt: skip


def _is_cancelled() -> ColumnElement[bool]:
    """Of a milestone: its kit's collection does not count, as long as it is not restored."""
    standing = (Hold.item_id == Milestone.kit_id, Hold.lifted_sequence.is_(None))
    return select(Hold.id).where(*standing, Hold.kind == HoldKind.CANCELLED.value).exists()


def _nothing() -> CTE:
    names = ("day", "step", "site", "answer")
    texts = [literal("", String).label(name) for name in names]
    numbers = [literal(0, Integer).label(name) for name in ("item_id", "kit_id", "drawn_at", "at")]
    return select(*texts, *numbers).where(literal(1) == 0).cte("drawn")


def _days(zone: str, number: int, period: Period) -> CTE:
    """Where each day begins and ends in a zone; written into the statement, since they are ours."""
    rows = [
        (day.isoformat(), _midnight(day, zone), _midnight(day + timedelta(days=1), zone))
        for day in period.days
    ]
    told = values(
        column("day", String), column("begins", BigInteger), column("ends", BigInteger),
        name=f"days_{number}", literal_binds=True,
    )  # fmt: skip
    return told.data(rows).cte(f"calendar_{number}")


def _midnight(day: date, zone: str) -> int:
    return moments.to_microseconds(datetime.combine(day, time(), zone_named(zone)))


def by_day(rows: Iterable[Any]) -> Mapping[date, list[Any]]:
    found: dict[date, list[Any]] = {}
    for row in rows:
        found.setdefault(row.day, []).append(row)
    return found
