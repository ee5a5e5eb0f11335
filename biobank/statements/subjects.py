"""Everything in the log that is about one participant: which subjects there are, and how far each goes."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import orjson
from sqlalchemy import ColumnElement, Select, and_, func, or_, select, union

from biobank.access.models import SignedRecord
from biobank.core.database import Work
from biobank.core.rows import in_turns
from biobank.custodians.models import Attestation, AttestedPiece
from biobank.custodians.queries import subject_of as subject_of_attestation
from biobank.custody.cases import subject_of_case
from biobank.custody.models import Discrepancy
from biobank.destruction.ceremonies import subject_of as subject_of_ceremony
from biobank.destruction.models import (
    CeremonyEvent,
    CeremonyOrder,
    Certificate,
    DestructionLine,
    DestructionOrder,
    WasteBatch,
)
from biobank.disclosures.choices import listed
from biobank.disclosures.models import BreachPerson, Disclosure, LegalDemand
from biobank.disclosures.records import BREACH, DEMAND, DISCLOSURE
from biobank.downtime.models import DowntimeForm
from biobank.exchange.models import ImportedOrder
from biobank.items.models import Item
from biobank.items.queries import with_all_made_of
from biobank.ledger.models import LedgerEntry, LedgerLeaf
from biobank.participants.choices import LINKED_AWAY
from biobank.participants.queries import codes_of, subject_of
from biobank.supplies.models import SupplyOrder
from biobank.supplies.versions import subject_of as subject_of_mailed_kit
from biobank.visits.models import Visit, VisitKit
from biobank.visits.queries import subject_of as subject_of_visit


@dataclass(frozen=True)
class Subject:
    """One subject of the log; what is about the participant are its entries from 1 to `last`."""

    name: str
    what: str
    """`participant`, the kind of an item, `visit`, `order`, `form`, `mailed_kit`, `case`,
    `destruction_order`, `certificate`, `ceremony`, `attestation`, `disclosure`, `legal_demand`, `breach`,
    `signature`; `place` is what an item lay in."""
    last: int
    head: bytes
    """Leaf hash of entry `last`."""
    is_theirs: bool = True
    """False for a place, and for a specimen that turned out to be somebody else's."""


@dataclass(frozen=True)
class Theirs:
    """All of it, as of one moment."""

    participant: str
    codes: tuple[str, ...]
    subjects: tuple[Subject, ...]

    @cached_property
    def of_others(self) -> frozenset[str]:
        """Specimens and kits that turned out to be somebody else's, and places."""
        return frozenset(subject.name for subject in self.subjects if not subject.is_theirs)

    @property
    def names(self) -> frozenset[str]:
        """Every code that a paper of this participant may show; places are nobody's."""
        subjects = [subject.name for subject in self.subjects]
        return frozenset({*self.codes, *subjects, *(name.partition(":")[2] for name in subjects)})


def subjects_of(work: Work, participant: str) -> Theirs:
    """`participant` is their own code, not one that was linked to it."""
    work.flush()
    codes = tuple(codes_of(work, participant))
    items = _items_of(work, codes)
    formerly = _formerly_theirs(work, codes, {item.id for item in items})
    named = {
        **{subject_of(code): "participant" for code in codes},
        **{item.identifier: item.kind for item in items},
        **dict(_records_about(work, codes, [item.id for item in items])),
    }
    subjects = [*_newest(work, named), *_until_linked_away(work, formerly, codes)]
    return Theirs(participant, codes, (*subjects, *_places(work, subjects)))


def _items_of(work: Work, codes: Sequence[str]) -> list[Item]:
    """Kits, tubes and everything made of them, pools too; and a kit of nobody that their tubes came in."""
    of_person = select(Item.id).where(Item.participant.in_(codes))
    came_in = select(Item.kit_id).where(Item.participant.in_(codes), Item.kit_id.is_not(None))
    kits = select(Item.id).where(Item.id.in_(came_in), Item.participant.is_(None))
    found = with_all_made_of(select(union(of_person, kits).subquery().c[0]))
    return list(work.session.scalars(select(Item).where(Item.id.in_(select(found.c.id))).order_by(Item.id)))


def _formerly_theirs(work: Work, codes: Sequence[str], known: set[int]) -> list[Item]:
    """What their own history, an order or a visit of theirs names, and that turned out to be another's."""
    on_orders = (
        select(DestructionLine.item_id)
        .join(DestructionOrder, DestructionOrder.id == DestructionLine.order_id)
        .where(DestructionOrder.participant.in_(codes))
    )
    of_visits = (
        select(VisitKit.kit_id).join(Visit, Visit.id == VisitKit.visit_id).where(Visit.participant.in_(codes))
    )
    linked = Item.identifier.in_(_linked_away(work, codes))
    question = select(Item).where(
        or_(Item.id.in_(on_orders), Item.id.in_(of_visits), Item.kit_id.in_(of_visits), linked)
    )
    return [item for item in work.session.scalars(question.order_by(Item.id)) if item.id not in known]


def _linked_away(work: Work, codes: Sequence[str]) -> list[str]:
    question = select(LedgerEntry.body).where(
        LedgerEntry.subject.in_([subject_of(code) for code in codes]), LedgerEntry.kind == LINKED_AWAY
    )
    return [orjson.loads(body)["item"] for body in work.session.scalars(question)]


def _records_about(work: Work, codes: Sequence[str], items: Sequence[int]) -> Iterator[tuple[str, str]]:
    orders = work.session.scalars(
        select(DestructionOrder).where(DestructionOrder.participant.in_(codes)).order_by(DestructionOrder.id)
    ).all()
    visits = select(Visit.id).where(Visit.participant.in_(codes)).order_by(Visit.id)
    yield from ((subject_of_visit(number), "visit") for number in work.session.scalars(visits))
    mailed = select(SupplyOrder.id).where(SupplyOrder.participant.in_(codes)).order_by(SupplyOrder.id)
    yield from ((subject_of_mailed_kit(number), "mailed_kit") for number in work.session.scalars(mailed))
    for some in in_turns(items):
        imported = select(ImportedOrder.id).where(ImportedOrder.kit_id.in_(some)).order_by(ImportedOrder.id)
        yield from ((f"order:{number}", "order") for number in work.session.scalars(imported))
        forms = select(DowntimeForm.number).where(DowntimeForm.kit_id.in_(some)).order_by(DowntimeForm.id)
        yield from ((f"form:{number}", "form") for number in work.session.scalars(forms))
        cases = select(Discrepancy.id).where(Discrepancy.item_id.in_(some)).order_by(Discrepancy.id)
        yield from ((subject_of_case(number), "case") for number in work.session.scalars(cases))
    yield from ((order.identifier, "destruction_order") for order in orders)
    numbers = [order.id for order in orders]
    issued = select(Certificate.identifier).where(Certificate.order_id.in_(numbers)).order_by(Certificate.id)
    yield from ((identifier, "certificate") for identifier in work.session.scalars(issued))
    outside, given = list(_about_their_end(work, items, numbers)), list(_given_out(work, codes))
    yield from (*outside, *given)
    disclosed = [name.partition(":")[2] for name, what in given if what == DISCLOSURE]
    signed = _signatures(codes, orders, [name for name, _ in outside], disclosed)
    yield from ((f"signature:{number}", "signature") for number in work.session.scalars(signed))


def _about_their_end(work: Work, items: Sequence[int], orders: Sequence[int]) -> Iterator[tuple[str, str]]:
    """What custodians outside attested of them, and ceremonies that their orders joined."""
    joined = select(CeremonyOrder.ceremony_id).where(CeremonyOrder.order_id.in_(orders)).distinct()
    for ceremony in work.session.scalars(select(CeremonyEvent).where(CeremonyEvent.id.in_(joined))):
        yield subject_of_ceremony(ceremony), "ceremony"
    for some in in_turns(items):
        theirs = select(AttestedPiece.attestation_id).where(AttestedPiece.item_id.in_(some)).distinct()
        for attestation in work.session.scalars(select(Attestation).where(Attestation.id.in_(theirs))):
            yield subject_of_attestation(attestation), "attestation"


def _given_out(work: Work, codes: Sequence[str]) -> Iterator[tuple[str, str]]:
    """Disclosures of them, legal demands that name them, breaches that concern them."""
    theirs = select(Disclosure.id).where(Disclosure.participant.in_(codes)).order_by(Disclosure.id)
    yield from ((f"{DISCLOSURE}:{number}", DISCLOSURE) for number in work.session.scalars(theirs))
    for code in codes:
        naming = select(LegalDemand).where(LegalDemand.participants.contains(code, autoescape=True))
        for demand in work.session.scalars(naming.order_by(LegalDemand.id)):
            if code in listed(demand.participants):
                yield f"{DEMAND}:{demand.id}", DEMAND
    reports = select(BreachPerson.report_id).where(BreachPerson.participant.in_(codes)).distinct()
    yield from ((f"{BREACH}:{number}", BREACH) for number in work.session.scalars(reports))


def _signatures(
    codes: Sequence[str], orders: Sequence[DestructionOrder], outside: Sequence[str], disclosed: Sequence[str]
) -> Select[int]:
    """Those under their orders, the bags of these, changes of their decisions, attestations, disclosures."""
    bags = (
        select(Item.identifier)
        .join(WasteBatch, WasteBatch.item_id == Item.id)
        .join(DestructionLine, DestructionLine.batch_id == WasteBatch.id)
        .where(DestructionLine.order_id.in_([order.id for order in orders]))
    )
    named = SignedRecord.identifier
    theirs: list[ColumnElement[bool]] = [
        named.in_([*(order.identifier for order in orders), *outside]),
        named.in_(bags),
    ]
    theirs.append(and_(SignedRecord.kind == DISCLOSURE, named.in_(disclosed)))
    signed = [named.startswith(f"{code}:", autoescape=True) for code in codes]
    return (
        select(SignedRecord.signature_id)
        .where(or_(*theirs, *signed))
        .distinct()
        .order_by(SignedRecord.signature_id)
    )


def items_named(work: Work, names: Iterable[str]) -> Iterator[Item]:
    """Those of these subjects that are items."""
    for some in in_turns(names):
        yield from work.session.scalars(select(Item).where(Item.identifier.in_(some)))


def _newest(work: Work, named: dict[str, str]) -> Iterator[Subject]:
    """Each subject with its newest entry, in the order in which they were named."""
    found: dict[str, tuple[int, bytes]] = {}
    for some in in_turns(named):
        last = (
            select(LedgerEntry.subject, func.max(LedgerEntry.sequence).label("last"))
            .where(LedgerEntry.subject.in_(some))
            .group_by(LedgerEntry.subject)
            .subquery()
        )
        question = select(LedgerEntry.subject, LedgerEntry.sequence, LedgerEntry.hash).join(
            last, (last.c.subject == LedgerEntry.subject) & (last.c.last == LedgerEntry.sequence)
        )
        found |= {name: (sequence, bytes(head)) for name, sequence, head in work.session.execute(question)}
    for name, what in named.items():
        if name in found:
            yield Subject(name, what, *found[name])


def _until_linked_away(work: Work, items: Iterable[Item], codes: Sequence[str]) -> Iterator[Subject]:
    """Up to the entry that says whose it is; what came after is that participant's."""
    for item in items:
        question = select(LedgerEntry).where(
            LedgerEntry.subject == item.identifier, LedgerEntry.kind == "custody"
        )
        parting = _parting(work.session.scalars(question.order_by(LedgerEntry.sequence)), codes)
        if parting is not None:
            yield Subject(item.identifier, item.kind, parting.sequence, bytes(parting.hash), is_theirs=False)


def _parting(entries: Iterable[LedgerEntry], codes: Sequence[str]) -> LedgerEntry | None:
    """The last entry with which something that was theirs became another's."""
    whose: str | None = None
    parting = None
    for entry in entries:
        before, whose = whose, orjson.loads(entry.body).get("participant", whose)
        if before in codes and whose not in codes:
            parting = entry
    return parting


def _places(work: Work, subjects: Sequence[Subject]) -> Iterator[Subject]:
    """What their items ever lay in, and what that lay in: boxes, parcels, freezers, waste bags."""
    known = {subject.name for subject in subjects}
    around = subjects
    while around:
        new = {place for place in _places_named(work, around) if place not in known}
        known |= new
        around = [
            replace(each, is_theirs=False) for each in _newest(work, dict.fromkeys(sorted(new), "place"))
        ]
        yield from around


def _places_named(work: Work, subjects: Sequence[Subject]) -> Iterator[str]:
    last = {subject.name: subject.last for subject in subjects}
    for some in in_turns(last):
        question = select(LedgerEntry.subject, LedgerEntry.sequence, LedgerEntry.body).where(
            LedgerEntry.subject.in_(some), LedgerEntry.kind == "custody"
        )
        for name, sequence, body in work.session.execute(question):
            place = orjson.loads(body).get("place")
            if place and sequence <= last[name]:
                yield place


def entries_about(work: Work, subjects: Iterable[Subject]) -> Iterator[tuple[LedgerEntry, int | None]]:
    """Their entries as far as they are theirs, subject by subject, each with its leaf once it has one.

    A few hundred subjects are in memory at a time.
    """
    for some in in_turns(subjects):
        last = {subject.name: subject.last for subject in some}
        question = (
            select(LedgerEntry, LedgerLeaf.leaf_index)
            .outerjoin(LedgerLeaf, LedgerLeaf.entry_id == LedgerEntry.id)
            .where(LedgerEntry.subject.in_(last))
            .order_by(LedgerEntry.subject, LedgerEntry.sequence)
        )
        rows = work.session.execute(question).all()
        yield from ((row, index) for row, index in rows if row.sequence <= last[row.subject])
        for row, _ in rows:
            work.session.expunge(row)
