"""What the ledger says of every visit, compared with what is stored; answers only while they are kept."""

from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import groupby, islice
from operator import itemgetter
from typing import Any

from sqlalchemy import String, cast, exists, literal, select

from biobank.core.database import Work
from biobank.core.moments import to_text
from biobank.core.sealed_fields import FieldDamaged
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.queries import entries
from biobank.ledger.replaying import events_of_kind, wrong
from biobank.visits.choices import Change
from biobank.visits.entries import ENTRY, in_the_log
from biobank.visits.models import SafetyAnswers, Visit, VisitKit
from biobank.visits.queries import subject_of
from biobank.visits.sealed_answers import answers_ring, unsealed

COLUMNS = (
    "site", "participant", "on", "state", "version", "opened_at", "opened_by", "identity_attested_at",
    "identity_attested_by", "question_set", "clearance", "answers_sha256", "cleared_at", "cleared_by",
    "compensation", "compensated_at", "compensated_by",
)  # fmt: skip
VISITS_AT_ONCE = 500
WITHOUT_ENTRY = (
    select(Visit.id)
    .where(~exists().where(entries.c.subject == literal("visit:").concat(cast(Visit.id, String))))
    .order_by(Visit.id)
)
Labels = tuple[str, str] | None
"""When the labels of a kit were read with the participant, and by whom."""


@dataclass
class Replayed:
    """A visit as its entries tell it: columns by name, and its kits."""

    columns: dict[str, Any] = field(default_factory=dict)
    kits: dict[str, Labels] = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        self.columns |= event["set"]
        if event["change"] == Change.KIT_ASSIGNED.value:
            self.kits[event["details"]["kit"]] = None
        if event["change"] == Change.LABELS_CONFIRMED.value:
            self.kits[event["details"]["kit"]] = (event["details"]["at"], event["details"]["by"])


def visit_findings(work: Work) -> Iterator[Finding]:
    """Each visit, kit of one, and set of answers that is not what the log tells of it."""
    work.flush()
    by_subject = groupby(events_of_kind(work, ENTRY), key=itemgetter(0))
    told = ((subject, _replayed(event for _, event in events)) for subject, events in by_subject)
    while batch := dict(islice(told, VISITS_AT_ONCE)):
        visits, kits = _stored(work, batch)
        for subject, known in batch.items():
            if subject in visits:
                yield from _differences(subject, visits[subject], known, kits.get(visits[subject].id, {}))
            else:
                yield wrong(subject, "is in the log and not stored")
    for number in work.session.scalars(WITHOUT_ENTRY):
        yield wrong(subject_of(number), "is stored and has no entry in the log")
    yield from _answers_findings(work)


def _replayed(events: Iterable[Mapping[str, Any]]) -> Replayed:
    known = Replayed()
    for event in events:
        with suppress(KeyError, TypeError):  # an entry that is none of ours is found by the log's audit
            known.take(event)
    return known


def _stored(work: Work, subjects: Iterable[str]) -> tuple[dict[str, Visit], dict[int, dict[str, Labels]]]:
    numbers = [int(number) for subject in subjects if (number := subject.partition(":")[2]).isdecimal()]
    visits = work.session.scalars(select(Visit).where(Visit.id.in_(numbers)))
    question = select(VisitKit, Item.identifier).join(Item, Item.id == VisitKit.kit_id)
    kits: dict[int, dict[str, Labels]] = {}
    for link, identifier in work.session.execute(question.where(VisitKit.visit_id.in_(numbers))):
        at, by = link.labels_confirmed_at, link.labels_confirmed_by
        kits.setdefault(link.visit_id, {})[identifier] = (to_text(at), by) if at and by else None
    return {subject_of(visit.id): visit for visit in visits}, kits


def _differences(subject: str, visit: Visit, told: Replayed, kits: Mapping[str, Labels]) -> Iterator[Finding]:
    for name in COLUMNS:
        stored = in_the_log(getattr(visit, name))
        if told.columns.get(name) != stored:
            yield wrong(subject, f"is stored with {name} {stored}, not {told.columns.get(name)}")
    for kit in sorted(told.kits.keys() | kits.keys()):
        if told.kits.get(kit, ()) != kits.get(kit, ()):
            yield wrong(subject, f"has {kit} stored otherwise than the log tells")


def _answers_findings(work: Work) -> Iterator[Finding]:
    question = select(SafetyAnswers, Visit).join(Visit, Visit.id == SafetyAnswers.visit_id)
    ring = answers_ring(work)
    for kept, visit in work.session.execute(question.order_by(Visit.id)):
        try:
            cleared = unsealed(kept, ring.data_key(kept.key_number)).digest == visit.answers_sha256
        except FieldDamaged:
            cleared = False
        if not cleared:
            yield wrong(subject_of(visit.id), "has other safety answers than those that were cleared")
