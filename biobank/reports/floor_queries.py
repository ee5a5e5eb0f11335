"""Figures of the biobank floor: receipts, cases, how full freezers are, what is held for temperature."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from sqlalchemy import and_, case, func, select

from biobank.core.database import Work
from biobank.custody.models import Discrepancy, Hold
from biobank.custody.states import HoldKind, Kind, State
from biobank.items.identifiers import printed
from biobank.items.models import Item
from biobank.items.queries import is_of, with_all_around
from biobank.ledger.models import LedgerEntry
from biobank.reports.choices import Age, Step
from biobank.reports.inputs import Period
from biobank.reports.models import Milestone
from biobank.reports.queries import codes_by_zone, drawn_or_done, edges_of
from biobank.sites.models import Site
from biobank.storage.filling import filling

FREEZERS = frozenset({Kind.FREEZER, Kind.AUTOMATED_STORE})


@dataclass(frozen=True)
class Receipts:
    """Tubes of one site that were received on one day, each the first time."""

    day: date
    site: str
    tubes: int


@dataclass(frozen=True)
class CasesOpened:
    """Cases of one kind that ask one site; the site is empty where none is known."""

    kind: str
    site: str
    cases: int


@dataclass(frozen=True)
class FreezerFill:
    """Positions of all boxes in one freezer."""

    name: str
    taken: int
    free: int

    @property
    def percent(self) -> float:
        """Of its positions, to a tenth."""
        whole = self.taken + self.free
        return round(100 * self.taken / whole, 1) if whole else 0.0


@dataclass
class HeldAt:
    """Pieces held for their temperature in one freezer; without a name those that are in none."""

    name: str | None
    by_age: dict[Age, int] = field(default_factory=dict)


def receipts(work: Work, sites: Sequence[Site], period: Period) -> list[Receipts]:
    """By the day of the sending site's own calendar."""
    done = drawn_or_done(sites, period, [Step.RECEIVED], when=Milestone.at)
    question = (
        select(done.c.day, done.c.site, func.count())
        .group_by(done.c.day, done.c.site)
        .order_by(done.c.day, done.c.site)
    )
    return [
        Receipts(date.fromisoformat(day), site, tubes) for day, site, tubes in work.session.execute(question)
    ]


def cases_opened(work: Work, sites: Sequence[Site], period: Period) -> list[CasesOpened]:
    """Opened in the period, by the calendar of the site that is asked."""
    found: list[CasesOpened] = []
    for zone, codes in codes_by_zone(sites).items():
        begins, ends = edges_of(period, zone)
        question = (
            select(Discrepancy.kind, Discrepancy.site, func.count())
            .where(Discrepancy.opened_at >= begins, Discrepancy.opened_at < ends, Discrepancy.site.in_(codes))
            .group_by(Discrepancy.kind, Discrepancy.site)
        )
        found += [
            CasesOpened(kind, site or "", cases) for kind, site, cases in work.session.execute(question)
        ]
    return found


def freezers_filled(work: Work, sites: Sequence[Site]) -> list[FreezerFill]:
    """Of the freezers of these sites that are in service, by name."""
    question = select(Item).where(
        Item.kind.in_(sorted(FREEZERS)),
        Item.state == State.IN_SERVICE.value,
        Item.site.in_([site.code for site in sites]),
    )
    freezers = work.session.scalars(question).all()
    fills = filling(work, [freezer.id for freezer in freezers])
    found = [
        FreezerFill(_name(each), fills[each.id].held, max(0, fills[each.id].capacity - fills[each.id].held))
        for each in freezers
    ]
    return sorted(found, key=lambda each: each.name)


def _name(item: Item) -> str:
    return item.specification or printed(item.identifier)


def temperature_holds(work: Work, sites: Sequence[Site], now: datetime) -> list[HeldAt]:
    """Holds that stand on pieces of these sites, the place with most of them first."""
    since = LedgerEntry.recorded_at
    age = case(
        (since >= now - timedelta(days=1), Age.DAY.value),
        (since >= now - timedelta(days=7), Age.WEEK.value),
        (since >= now - timedelta(days=30), Age.MONTH.value),
        else_=Age.OLDER.value,
    )
    question = (
        select(Item.container_id, age, func.count())
        .join(Hold, Hold.item_id == Item.id)
        .join(
            LedgerEntry,
            and_(LedgerEntry.subject == Item.identifier, LedgerEntry.sequence == Hold.placed_sequence),
        )
        .where(
            Hold.kind == HoldKind.TEMPERATURE.value,
            Hold.lifted_sequence.is_(None),
            is_of(frozenset(site.code for site in sites)),
        )
        .group_by(Item.container_id, age)
    )
    rows = work.session.execute(question).all()
    freezer_of = _freezers_around(work, {container for container, _, _ in rows if container is not None})
    found: dict[str | None, HeldAt] = {}
    for container, told, pieces in rows:
        name = freezer_of.get(container)
        held = found.setdefault(name, HeldAt(name)).by_age
        held[Age(told)] = held.get(Age(told), 0) + pieces
    return sorted(found.values(), key=lambda each: (-sum(each.by_age.values()), each.name or ""))


def _freezers_around(work: Work, containers: Iterable[int]) -> dict[int | None, str]:
    """The name of the freezer that each container stands in or is; left out where it stands in none."""
    known = with_all_around(work, containers)
    found: dict[int | None, str] = {}
    for number in containers:
        around = known.get(number)
        while around is not None and around.kind not in FREEZERS:
            around = known.get(around.container_id) if around.container_id is not None else None
        if around is not None:
            found[number] = _name(around)
    return found
