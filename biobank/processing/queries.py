"""Questions about the bench: which tubes wait for the centrifuge, from which tubes a specimen stems."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import ColumnElement, Select, false, func, literal_column, or_, select
from sqlalchemy.orm import aliased

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.rows import row_numbered
from biobank.custody.states import Kind, State
from biobank.custody.steps import ItemNow
from biobank.items.models import Item
from biobank.items.queries import with_all_it_was_made_of
from biobank.kits.definitions import CentrifugeWindow, TubeSpecification
from biobank.kits.queries import definitions_of, specification_of_tube
from biobank.participants.choices import Scope
from biobank.processing.choices import Window, window_of
from biobank.processing.models import CentrifugeProgramme, Spin
from biobank.settings import Settings

Sites = Collection[str] | None
"""Codes of sites; None is all of them."""
MOST_AT_THE_CENTRIFUGE = 60
"""Tubes that one page lists; a clinic has fewer."""
LONGEST_AGO = timedelta(hours=12)
"""After which a run is no longer shown at the centrifuge."""


LAST = datetime.max.replace(tzinfo=UTC)


class ProgrammeUnknown(NotFound):
    title = "Programme unknown"


@dataclass(frozen=True)
class Waiting:
    """A tube that is to be spun, and when."""

    tube: Item
    specification: TubeSpecification
    window: Window


def programmes_of(work: Work, sites: Sites) -> list[CentrifugeProgramme]:
    """What may be chosen at these sites, by name."""
    question = select(CentrifugeProgramme).where(CentrifugeProgramme.retired_at.is_(None))
    if sites is not None:
        question = question.where(CentrifugeProgramme.site.in_(sorted(sites)))
    return list(work.session.scalars(question.order_by(CentrifugeProgramme.site, CentrifugeProgramme.name)))


def programme_numbered(work: Work, by: Actor, number: int) -> CentrifugeProgramme:
    """One of a site of theirs that is still used. Raises `ProgrammeUnknown`."""
    found = row_numbered(work, CentrifugeProgramme, number)
    if found is None or found.retired_at is not None or not by.works_at(found.site):
        raise ProgrammeUnknown(
            "Your site has no such centrifuge programme; choose one of the list.", field="programme"
        )
    return found


def programme_of(work: Work, by: Actor, site: str, name: str) -> CentrifugeProgramme:
    """By its name at a site of theirs, if it is still used. Raises `ProgrammeUnknown`."""
    found = programme_named(work, site, name)
    if found.retired_at is not None or not by.works_at(site):
        raise ProgrammeUnknown("Your site has no such centrifuge programme.", field="programme")
    return found


def programme_named(work: Work, site: str, name: str) -> CentrifugeProgramme:
    """Raises `ProgrammeUnknown`."""
    asked = select(CentrifugeProgramme).where(
        CentrifugeProgramme.site == site, CentrifugeProgramme.name == name
    )
    found = work.session.scalar(asked)
    if found is None:
        raise ProgrammeUnknown(f"{site} has no centrifuge programme {name!r}.", site=site)
    return found


def newest_spin(work: Work, item_id: int) -> Spin | None:
    """The run that a tube was in last, unless it was taken back."""
    asked = select(Spin).where(Spin.item_id == item_id, Spin.undone_sequence.is_(None))
    return work.session.scalar(asked.order_by(Spin.sequence.desc()).limit(1))


def was_spun() -> ColumnElement[bool]:
    """Of an `Item` in a question: whether it was in a centrifuge."""
    return select(Spin.id).where(Spin.item_id == Item.id, Spin.undone_sequence.is_(None)).exists()


def is_in_a_parcel() -> ColumnElement[bool]:
    around = aliased(Item)
    return select(around.id).where(around.id == Item.container_id, around.kind == Kind.PARCEL.value).exists()


def at_a_clinic(sites: Sites) -> list[ColumnElement[bool]]:
    """Collected, in the custody of these sites, in no parcel."""
    return _standing(State.COLLECTED, sites)


def _standing(state: State, sites: Sites) -> list[ColumnElement[bool]]:
    """Written so that the partial index of the state is used."""
    is_so = literal_column("items.state") == literal_column(f"'{state.value}'")
    here = [] if sites is None else [Item.custodian.in_([f"site:{site}" for site in sorted(sites)])]
    return [is_so, *here, Item.kind == Kind.TUBE.value, ~is_in_a_parcel()]


def codes_to_spin(settings: Settings) -> dict[str, int]:
    """Specifications that go to the centrifuge, with the most minutes after collection in any definition.

    A code of after the spin is none of them.
    """
    latest: dict[str, int] = {}
    for kit in definitions_of(settings).values():
        for tube in kit.tubes:
            if tube.centrifuge is not None:
                latest[tube.code] = max(latest.get(tube.code, 0), tube.centrifuge.latest_minutes)
    return latest


def to_spin(work: Work, sites: Sites) -> Select[Item]:
    """Tubes at these sites that are still to be spun."""
    return select(Item).where(
        *at_a_clinic(sites), Item.specification.in_(codes_to_spin(work.settings)), ~was_spun()
    )


def to_spin_late(work: Work, sites: Sites, now: datetime) -> Select[Item]:
    """Those of them whose window is over."""
    late = [
        (Item.specification == code) & (Item.collected_at < now - timedelta(minutes=minutes))
        for code, minutes in codes_to_spin(work.settings).items()
    ]
    return to_spin(work, sites).where(or_(false(), *late))


def tubes_waiting(work: Work, sites: Sites) -> list[Waiting]:
    """What is to be spun, the most urgent first; what was collected nobody knows when stands last."""
    asked = to_spin(work, sites).order_by(Item.collected_at, Item.id).limit(MOST_AT_THE_CENTRIFUGE)
    found = [waiting for tube in work.session.scalars(asked) if (waiting := waiting_for_spin(work, tube))]
    return sorted(found, key=lambda waiting: waiting.window.closes_at or LAST)


def count_waiting(work: Work, sites: Sites) -> int:
    """How many are to be spun in all: more than `tubes_waiting` gives when a site leaves them lying."""
    return work.session.scalar(select(func.count()).select_from(to_spin(work, sites).subquery())) or 0


def waiting_for_spin(work: Work, tube: Item) -> Waiting | None:
    """None for a tube that is not centrifuged, or was."""
    specification = specification_of_tube(work, tube)
    window = foreseen(specification, tube.specification)
    if specification is None or window is None or newest_spin(work, tube.id):
        return None
    return Waiting(tube, specification, window_of(window, tube.collected_at))


def foreseen(specification: TubeSpecification | None, code: str | None) -> CentrifugeWindow | None:
    """When a tube of this code goes into a clinic's centrifuge; one named after its spin was in it."""
    if specification is None or code != specification.code:
        return None
    return specification.centrifuge


def spins_shown(work: Work, sites: Sites, now: datetime) -> list[tuple[Spin, Item]]:
    """Tubes in the centrifuge, or come out of it and not packed or stored yet, the first in first."""
    asked = (
        select(Spin, Item)
        .join(Item, Item.id == Spin.item_id)
        .where(Spin.undone_sequence.is_(None), Spin.began_at > now - LONGEST_AGO)
        .order_by(Spin.began_at, Spin.id)
        .limit(MOST_AT_THE_CENTRIFUGE)
    )
    found = [
        (spin, tube)
        for state in (State.COLLECTED, State.RECEIVED)
        for spin, tube in work.session.execute(asked.where(*_standing(state, sites)))
    ]
    return sorted(found, key=lambda run: (run[0].began_at, run[0].id))[:MOST_AT_THE_CENTRIFUGE]


def ends_at(spin: Spin) -> datetime | None:
    """When the run is over; None when nobody knows when it began or how long it takes."""
    if spin.began_at is None or spin.minutes is None:
        return None
    return spin.began_at + timedelta(minutes=spin.minutes)


def tubes_behind(work: Work, item: ItemNow) -> list[Item]:
    """The tubes that a specimen was made from, at any depth; a tube is its own."""
    above = with_all_it_was_made_of(select(Item.id).where(Item.id == item.id))
    question = select(Item).where(Item.id.in_(select(above.c.id)), Item.kind == Kind.TUBE.value)
    return list(work.session.scalars(question.order_by(Item.id)))


def scopes_of(work: Work, item: ItemNow) -> list[Scope]:
    """What a consent has to cover for this material to be worked on; none where no definition knows it."""
    return sorted({scope for scopes in scopes_by_participant(work, item).values() for scope in scopes})


def scopes_by_participant(work: Work, item: ItemNow) -> dict[str | None, set[Scope]]:
    """The same of each whose material is in it: of a pool everybody's consent has to cover their own."""
    found: dict[str | None, set[Scope]] = {}
    for tube in tubes_behind(work, item):
        specification = specification_of_tube(work, tube)
        known = {Scope(specification.scope)} if specification else set()
        found.setdefault(tube.participant, set()).update(known)
    return found
