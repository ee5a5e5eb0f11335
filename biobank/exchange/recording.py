"""An order becomes a kit, its tubes and their events, with the times, people and sites in it."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any

from biobank.access.actors import Actor
from biobank.access.operations import outsider
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.moments import Told
from biobank.custody.births import Birth, register
from biobank.custody.operations import record
from biobank.custody.states import Action, Kind
from biobank.custody.steps import ItemNow, Source
from biobank.exchange.checks import (
    is_cancelled,
    is_kept_as_alias,
    odd_of_the_order,
    odd_of_the_tube,
    person_known,
)
from biobank.exchange.choices import HANDLINGS, OUR_PEOPLE, Fate
from biobank.exchange.inputs import Author, Handling, OrderedTube, ProgrammeOrder, SiteReference
from biobank.exchange.pseudonyms import Pseudonyms
from biobank.exchange.versions import SaltedNote
from biobank.kits.cancelling import cancel_collection
from biobank.kits.choices import AS_ORDERED, CancelReason, Fill, NotCollectedReason
from biobank.kits.definitions import TubeSpecification
from biobank.kits.queries import definitions, specification_of_tube
from biobank.processing.choices import Rotor
from biobank.sites.models import Site, SiteKind
from biobank.sites.operations import add_site

NOBODY_TOLD = "unknown"
"""Who performed a step that an order tells of without saying who did it."""


@dataclass(frozen=True)
class OrderAtHand:
    """An order with what is looked up for it once: its name in events, its people and its sites."""

    order: ProgrammeOrder
    file: str
    by: Actor
    people: Mapping[str, str]
    sites: Mapping[str, str]
    latest: Told

    def source(self, where: str) -> Source:
        return Source("file", f"{self.file}:{where.removeprefix('$.')}")

    def person(self, handling: str) -> str:
        return self.people.get(handling, NOBODY_TOLD)

    def when(self, told: Told | None) -> Told | None:
        """A time that has not come yet is nobody's time."""
        return told if told and told.at <= self.latest.at else None


def take_in_hand(
    work: Work, order: ProgrammeOrder, file: str, *, by: Actor, pseudonyms: Pseudonyms
) -> OrderAtHand:
    """Add the people and sites that are new, by keyed hash and by code. Raises `FileRefused`."""
    told: dict[str, Handling] = {name: info for name in HANDLINGS if (info := order.info(name))}
    people = {
        name: person_told(work, info.author, f"$.{name}Info.author.value", file=order.file, keyed=pseudonyms)
        for name, info in told.items()
        if info.author
    }
    sites = {name: site_told(work, info.site, by) for name, info in told.items() if info.site}
    latest = moments.told(moments.now() + timedelta(minutes=work.settings.clock_skew_minutes))
    return OrderAtHand(order, file, for_sites(by, sites.values()), people, sites, latest)


def person_told(work: Work, author: Author, where: str, *, file: str, keyed: Pseudonyms) -> str:
    """Who stands for them here; an author as we gave one back is looked up and not hashed again."""
    if author.system == OUR_PEOPLE:
        return person_known(work, author, where, file)
    return outsider(work, keyed.person(author)).username


def site_told(work: Work, reference: SiteReference, by: Actor) -> str:
    """Its code; a site that is new is added as a clinic."""
    if work.session.get(Site, reference.value) is None:
        add_site(
            work, by=by.person, code=reference.value, name=f"{reference.value} (told by an order)",
            kind=SiteKind.CLINIC.value, zone=work.settings.time_zone,
        )  # fmt: skip
    return reference.value


def for_sites(by: Actor, sites: Iterable[str]) -> Actor:
    """A file carries the word of its sites, so whoever may import it records for them."""
    return replace(by, grants=by.grants | {(role, site) for role in by.roles for site in sites})


def record_order(work: Work, at_hand: OrderAtHand, participant: str, notes: Sequence[SaltedNote]) -> ItemNow:
    """Register the kit and its tubes, and take every step that the order tells of; returns the kit."""
    kit = _register_kit(work, at_hand)
    tubes = [(tube, register_tube(work, at_hand, kit, tube)) for tube in at_hand.order.tubes]
    _issue_and_assign(work, at_hand, kit, participant, notes)
    for tube, item in tubes:
        record_tube(work, at_hand, tube, item)
    if is_cancelled(at_hand.order):
        cancel_collection(
            work, kit.identifier, CancelReason.OTHER, by=at_hand.by, source=at_hand.source("$"), at=None
        )
    return kit


def _register_kit(work: Work, at_hand: OrderAtHand) -> ItemNow:
    order = at_hand.order
    birth = Birth(
        kind=Kind.KIT,
        specification=order.definition or AS_ORDERED,
        aliases=tuple((each.system, each.value) for each in order.identifiers if is_kept_as_alias(each)),
        details={"told_by": "order"},
    )
    return register(work, birth, by=at_hand.by, source=at_hand.source("$"), at=at_hand.when(order.created))


def register_tube(work: Work, at_hand: OrderAtHand, kit: ItemNow, tube: OrderedTube) -> ItemNow:
    """A tube of the kit; of a kit that was assigned before, its participant and site are the tube's too."""
    definition = definitions(work).get(kit.specification or "")
    specification = definition.tube(tube.code) if definition else None
    birth = Birth(
        kind=Kind.TUBE,
        specification=tube.code,
        kit=kit,
        site=kit.site,
        custodian=kit.custodian,
        participant=kit.participant,
        draw_order=specification.draw_order if specification else at_hand.order.tubes.index(tube) + 1,
        details={"told_by": "order", "tests": list(tube.tests)},
    )
    source = at_hand.source(tube.samples[0].where)
    return register(work, birth, by=at_hand.by, source=source, at=at_hand.when(at_hand.order.created))


def _issue_and_assign(
    work: Work, at_hand: OrderAtHand, kit: ItemNow, participant: str, notes: Sequence[SaltedNote]
) -> None:
    source = at_hand.source("$")
    record(
        work, kit.identifier, Action.ISSUE, by=at_hand.by, source=source, at=None, performed_by=NOBODY_TOLD,
        details={"site": at_hand.sites["created"], "told_by": "order"},
    )  # fmt: skip
    odd = odd_of_the_order(at_hand.order)
    told = {
        "participant": participant,
        "told_by": "order",
        "tests": [sample.test for sample in at_hand.order.samples],
        "notes": [{"about": note.about, "sha256": note.sha256} for note in notes],
        "odd": odd,
    }
    record(
        work, kit.identifier, Action.ASSIGN, by=at_hand.by, source=source,
        at=at_hand.when(at_hand.order.created), performed_by=at_hand.person("created"), details=told,
    )  # fmt: skip


def record_tube(work: Work, at_hand: OrderAtHand, tube: OrderedTube, item: ItemNow) -> None:
    """Each step of a tube that the order tells of."""
    specification = specification_of_tube(work, item)
    if tube.fate is Fate.COLLECTED:
        _collect(work, at_hand, tube, item, specification)
    if tube.fate is Fate.NOT_COLLECTED:
        details = {"reason": NotCollectedReason.UNKNOWN.value, "odd": odd_of_the_tube(at_hand.order, tube)}
        _step(work, at_hand, tube, item, Action.MARK_NOT_COLLECTED, None, "finalized", details)
    record_spin(work, at_hand, tube, item, specification)


def record_spin(
    work: Work,
    at_hand: OrderAtHand,
    tube: OrderedTube,
    item: ItemNow,
    specification: TubeSpecification | None,
) -> None:
    if tube.processed and specification and specification.centrifuge:
        spin = {"spun_as": tube.spun_as, "rotor": _rotor(tube, specification)}
        told = {name: value for name, value in spin.items() if value}
        _step(work, at_hand, tube, item, Action.CENTRIFUGE, tube.processed, "processed", told)


def _collect(
    work: Work,
    at_hand: OrderAtHand,
    tube: OrderedTube,
    item: ItemNow,
    specification: TubeSpecification | None,
) -> None:
    details: dict[str, Any] = {
        "fill": Fill.UNKNOWN.value,
        "tests": list(tube.tests),
        "told": _told_times(at_hand, tube, specification),
        "odd": odd_of_the_tube(at_hand.order, tube),
    }
    site = at_hand.sites.get("collected", at_hand.sites["created"])
    # The last site that the order names is where the tube was when the clinic was done with it.
    last = at_hand.sites.get("finalized", site) if tube.finalized else site
    changes = {"site": site, "custodian": f"site:{last}"}
    _step(work, at_hand, tube, item, Action.COLLECT, tube.collected, "collected", details, changes)


def _told_times(
    at_hand: OrderAtHand, tube: OrderedTube, specification: TubeSpecification | None
) -> dict[str, str]:
    """What no step says: who finalized the order when and where; a time to come; a spin of any other tube."""
    told: dict[str, str] = {}
    if tube.collected and not at_hand.when(tube.collected):
        told["collected_at"] = moments.to_text(tube.collected.at)
    if tube.processed and not (specification and specification.centrifuge):
        told |= {
            "processed_at": moments.to_text(tube.processed.at),
            "processed_by": at_hand.person("processed"),
        }
    if tube.finalized:
        told |= {
            "finalized_at": moments.to_text(tube.finalized.at),
            "finalized_by": at_hand.person("finalized"),
        }
    if tube.finalized and "finalized" in at_hand.sites:
        told["finalized_site"] = at_hand.sites["finalized"]
    return told


def _rotor(tube: OrderedTube, specification: TubeSpecification) -> str | None:
    """The lab's name after the spin says in which rotor the tube was."""
    rotors = {
        specification.code_swinging_bucket: Rotor.SWINGING_BUCKET,
        specification.code_fixed_angle: Rotor.FIXED_ANGLE,
    }
    rotor = rotors.get(tube.spun_as) if tube.spun_as else None
    return rotor.value if rotor else None


def _step(
    work: Work,
    at_hand: OrderAtHand,
    tube: OrderedTube,
    item: ItemNow,
    action: Action,
    at: Told | None,
    handling: str,
    details: Mapping[str, Any],
    changes: Mapping[str, Any] | None = None,
) -> None:
    record(
        work, item.identifier, action, by=at_hand.by, source=at_hand.source(tube.samples[0].where),
        at=at_hand.when(at), performed_by=at_hand.person(handling), details=details, changes=changes,
    )  # fmt: skip
