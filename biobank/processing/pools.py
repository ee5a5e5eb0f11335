"""Pools: several specimens mixed in one tube, each parent by a step of its own, all of it or nothing."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Conflict, Invalid
from biobank.core.moments import Told
from biobank.core.quantities import in_millilitres
from biobank.custody.births import Birth, register
from biobank.custody.checks import is_specimen
from biobank.custody.codes import bearer_of, names_no_person, on_another
from biobank.custody.holds import place_hold
from biobank.custody.locking import lock_in_order
from biobank.custody.operations import record
from biobank.custody.queries import holds_on, item_if_known, item_now, newest_events
from biobank.custody.states import MADE, Action, Kind
from biobank.custody.steps import (
    SEEN_ALREADY,
    Alert,
    AskedBack,
    Attempt,
    Done,
    Flag,
    ItemNow,
    Recorded,
    Source,
)
from biobank.items.identifiers import printed
from biobank.items.queries import parents_of, participants_behind
from biobank.participants.operations import lock
from biobank.participants.own_names import own_name_is_not_in
from biobank.processing.amounts import adds_up
from biobank.processing.choices import LARGEST_MICROLITRES, SPECIFICATION
from biobank.processing.freezing import thaws_are_inherited, thaws_to_inherit
from biobank.processing.inputs import NewPool, Part
from biobank.processing.reactions import holds_to_inherit

MOST_PARTS = 200


class PoolRefused(Invalid):
    """What was told of a pool cannot be so."""

    title = "Pool"


class OnlyWithItsPool(Conflict):
    title = "Pooled with others"


@dataclass(frozen=True)
class Pooled:
    """A pool that was made, and the step of each of its parts."""

    pool: ItemNow
    steps: tuple[Recorded, ...]

    @property
    def alerts(self) -> list[Alert]:
        """Each sentence once."""
        return list(dict.fromkeys(alert for step in self.steps for alert in step.alerts))


def make_pool(
    work: Work,
    new: NewPool,
    *,
    by: Actor,
    source: Source,
    at: Told | None,
    confirmation: str | None = None,
) -> Pooled:
    """Mix specimens in one tube: it is born with all holds of its parents, and each parent has less.

    Everybody whose material goes in is locked first, in order of code. Raises `PoolRefused`,
    `OwnNameWritten`, and of each part what `record` does.
    """
    parents = _parents(work, new)
    if not confirmation and source.kind not in SEEN_ALREADY:
        _adds_up(new)
    for code in sorted({code for parent in parents for code in whose(work, parent)}):
        lock(work, code)
        own_name_is_not_in(work, by, code, new.specification, "specification")
    lock_in_order(work, [parent.id for parent in parents])
    thawed = thaws_to_inherit(work, parents)
    birth = replace(_birth(work, new, parents, by), details={**thawed, **_differs(new)})
    pool = register(work, birth, by=by, source=source, at=at)
    thaws_are_inherited(work, pool, thawed)
    steps = []
    for part, parent in zip(new.parts, parents, strict=True):
        told: dict[str, Any] = {"by": by, "source": source, "at": at, "confirmation": confirmation}
        steps.append(record(work, parent.identifier, Action.POOL, details=_details(part, pool), **told))
        if part.used_up:
            steps.append(record(work, parent.identifier, Action.CONSUME, **told))
    return Pooled(item_now(work, pool.identifier), tuple(steps))


def whose(work: Work, item: ItemNow) -> list[str]:
    """Codes of everybody whose material is in it."""
    return [item.participant] if item.participant else participants_behind(work, item.id)


def _parents(work: Work, new: NewPool) -> list[ItemNow]:
    if not 1 < len(new.parts) <= MOST_PARTS:
        raise PoolRefused(f"A pool is made of 2 to {MOST_PARTS} specimens; scan each.", field="parts")
    if not SPECIFICATION.fullmatch(new.specification):
        raise PoolRefused("Say what it is, such as serum pool.", field="specification")
    for volume in (new.volume_microlitres, *(part.volume_microlitres for part in new.parts)):
        if volume is not None and not 0 < volume <= LARGEST_MICROLITRES:
            raise PoolRefused(
                f"A volume is told in whole microlitres, up to {LARGEST_MICROLITRES}, or left out.",
                field="volume_microlitres",
            )
    parents = [item_now(work, part.item) for part in new.parts]
    if len({parent.id for parent in parents}) < len(parents):
        raise PoolRefused("The same specimen was scanned twice; scan each once.", field="parts")
    for parent in parents:
        if not is_specimen(parent):
            raise PoolRefused(f"{printed(parent.identifier)} is no specimen.", field="parts")
    return parents


def _birth(work: Work, new: NewPool, parents: Sequence[ItemNow], by: Actor) -> Birth:
    """Of one participant when all of it is; the collection of a mixture has no time of its own."""
    if new.alias is not None:
        names_no_person(work, new.alias)
        bearer = bearer_of(work, new.alias)
        if bearer is not None:
            raise PoolRefused(f"{on_another(new.alias, bearer, by)} Take another tube.", field="code")
    codes = {parent.participant for parent in parents}
    times = {parent.collected_at for parent in parents}
    site = by.bench_site or parents[0].site
    return Birth(
        kind=Kind.POOL,
        specification=new.specification,
        site=site,
        custodian=f"site:{site}" if site else parents[0].custodian,
        participant=next(iter(codes)) if len(codes) == 1 else None,
        parents=tuple(parents),
        volume_microlitres=new.volume_microlitres or _together(new.parts),
        collected_at=next(iter(times)) if len(times) == 1 else None,
        aliases=((new.alias.issuer, new.alias.value),) if new.alias else (),
    )


def _together(parts: Sequence[Part]) -> int | None:
    volumes = [part.volume_microlitres for part in parts if part.volume_microlitres is not None]
    return sum(volumes) if len(volumes) == len(parts) else None


def _adds_up(new: NewPool) -> None:
    """Raises `AskedBack` for more than went in: a number is wrong, or something else came to it."""
    went_in, told = _differs(new).get("went_in_microlitres"), new.volume_microlitres
    if went_in is not None and told is not None:
        raise AskedBack(
            f"{in_millilitres(went_in)} went into the pool, and {in_millilitres(told)} are said to be in it. "
            "If it really is so, confirm it with a reason.",
            confirmable=True,
            reason_code="more_than_went_in",
        )


def _differs(new: NewPool) -> dict[str, int]:
    """What went in, of a pool that is said to hold more."""
    together = _together(new.parts)
    is_more = together is not None and (new.volume_microlitres or 0) > together
    return {"went_in_microlitres": together} if is_more and together is not None else {}


def _details(part: Part, pool: ItemNow) -> dict[str, Any]:
    told: dict[str, Any] = {"pool": pool.identifier}
    if part.volume_microlitres is not None:
        told["volume_microlitres"] = part.volume_microlitres
    return told


def goes_into_its_pool(work: Work, attempt: Attempt) -> None:
    """Wired before `pool`: a pool is made of all its parts at once. Raises `OnlyWithItsPool`."""
    named = attempt.details.get("pool")
    pool = item_if_known(work, named) if isinstance(named, str) else None
    parents = parents_of(work, pool.id) if pool is not None and pool.kind is Kind.POOL else []
    events = newest_events(work, attempt.item.identifier)
    in_it = any(event["action"] == Action.POOL and event["details"]["pool"] == named for event in events)
    if attempt.item.id not in {parent.id for parent in parents} or in_it:
        raise OnlyWithItsPool(
            f"{printed(attempt.item.identifier)} is not pooled by itself: make the pool of all its parts "
            "at once.",
            item=attempt.item.identifier,
        )


def link_is_of_its_parts(work: Work, attempt: Attempt) -> None:
    """Wired before `link`: whose a pool is follows from what is in it. Raises `PoolRefused`."""
    item = attempt.item
    if item.kind in MADE and item.participant is None and participants_behind(work, item.id):
        raise PoolRefused(
            f"{printed(item.identifier)} is of several participants; link the specimen that it was made of.",
            field="item",
        )


def enough_is_left(work: Work, attempt: Attempt) -> list[Flag]:
    """More than was in it as far as known is asked back, and then a case to look into."""
    return adds_up(work, attempt, attempt.details.get("volume_microlitres") or 0)


def what_is_left_of_it(_: Work, attempt: Attempt) -> Mapping[str, Any]:
    """Never less than nothing; unknown when nobody knows how much was taken."""
    available, taken = attempt.item.volume_microlitres, attempt.details.get("volume_microlitres")
    if available is None:
        return {}
    return {"volume_microlitres": None if taken is None else max(0, available - taken)}


def pool_has_its_holds(work: Work, done: Done) -> list[Alert]:
    """Wired after `pool`: what stands on one parent stands on the pool."""
    pool = item_now(work, str(done.attempt.details["pool"]))
    done.born.append(pool)
    holds = holds_to_inherit(work, done)
    for hold in holds:
        if hold not in holds_on(work, pool.id):
            place_hold(work, pool, hold, f"as its parent {done.item.identifier}", by=done.attempt.by)
    if not holds:
        return []
    reasons = " and ".join(hold.value for hold in holds)
    return [
        Alert(
            "quarantine",
            f"Put pool {printed(pool.identifier)} in quarantine: {reasons} hold, as on one of its parts.",
        )
    ]
