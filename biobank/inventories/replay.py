"""What the ledger says of inventory checks and samples, compared with what is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from operator import attrgetter
from typing import Any

from sqlalchemy import select

from biobank.core import moments
from biobank.core.database import Work
from biobank.custody.queries import item_by_id
from biobank.inventories import sampling
from biobank.inventories.choices import CheckState
from biobank.inventories.models import (
    InventoryCheck,
    InventoryDifference,
    InventoryReading,
    InventorySample,
)
from biobank.inventories.operations import (
    KIND,
    sha256_of_readings,
    subject_of,
    told,
    told_of_readings,
)
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Facts, events_of_kind, fact_findings, record_findings, wrong

STATES = {
    "planned": CheckState.PLANNED,
    "begun": CheckState.COUNTING,
    "gone_on": CheckState.COUNTING,
    "counted": CheckState.COUNTED,
    "closed": CheckState.CLOSED,
    "cancelled": CheckState.CANCELLED,
}
KEPT = (
    *("unit", "site", "reason", "within", "sample", "due_on", "planned_by", "planned_at"),
    *("turn", "agreed", "because"),
)

BY = {"begun": "begun_by", "counted": "counted_by", "closed": "closed_by", "cancelled": "closed_by"}
COUNTED = ("readings", "read_sha256")
AT = {change: column.replace("_by", "_at") for change, column in BY.items()}
CHANGED = ("state", "turn", "agreed", "differences", "because", "begun_by", "counted_by", "closed_by")
"""Columns that say how far a check is, and by whom."""


@dataclass
class Replayed:
    """A check as its entries tell it."""

    facts: Facts = field(default_factory=lambda: dict.fromkeys((*CHANGED, *AT.values())) | {"turn": 1})

    def take(self, event: Mapping[str, Any]) -> None:
        change = event["change"]
        self.facts |= {name: event[name] for name in KEPT if name in event}
        if change in STATES:
            self.facts["state"] = STATES[change].value
        if change in BY:
            self.facts |= {BY[change]: event["recorded_by"], AT[change]: event["at"]}
        if change == "counted":
            self.facts |= {name: event[name] for name in COUNTED if name in event}
        if change == "closed":
            self.facts["differences"] = len(event["differences"])
            self.facts["found"] = sorted(map(_found_told, event["differences"]), key=str)


def _found_told(told: Mapping[str, Any]) -> list[Any]:
    return [told["kind"], told["item"], told["position"], told["code"], told["case"]]


def inventory_findings(work: Work) -> Iterator[Finding]:
    """Each check or sample that is not what the log tells of it."""
    work.flush()
    yield from _sample_findings(work)
    known: dict[str, Replayed] = {}
    for subject, event in events_of_kind(work, KIND):
        known.setdefault(subject, Replayed()).take(event)
    readings = _by_check(work)
    for check in work.session.scalars(select(InventoryCheck).order_by(InventoryCheck.id)):
        name = subject_of(check)
        replayed = known.pop(name, Replayed({}))
        yield from fact_findings(name, _looked_at(replayed, check), _stored(work, check, readings))
    for name in sorted(known):
        yield wrong(name, "has entries and is not stored")


def _looked_at(replayed: Replayed, check: InventoryCheck) -> Facts:
    """What was read is compared once a count stands: before, it still grows."""
    stands = check.state in (CheckState.COUNTED, CheckState.CLOSED)
    return {name: value for name, value in replayed.facts.items() if name not in COUNTED or stands}


def _stored(work: Work, check: InventoryCheck, readings: Mapping[int, list[InventoryReading]]) -> Facts:
    facts: Facts = told(check) | {
        "unit": item_by_id(work, check.unit_id).identifier,
        **{name: getattr(check, name) for name in CHANGED},
        **{name: moments.text_or_none(getattr(check, name)) for name in AT.values()},
    }
    if check.state in (CheckState.COUNTED, CheckState.CLOSED):
        seen = readings.get(check.id, [])
        facts |= {"readings": told_of_readings(seen, check.turn), "read_sha256": sha256_of_readings(seen)}
    if check.state == CheckState.CLOSED:
        facts["found"] = _found(work, check)
    return facts


def _by_check(work: Work) -> dict[int, list[InventoryReading]]:
    order = (InventoryReading.check_id, InventoryReading.id)
    found = work.session.scalars(select(InventoryReading).order_by(*order))
    return {number: list(rows) for number, rows in groupby(found, key=attrgetter("check_id"))}


def _found(work: Work, check: InventoryCheck) -> list[list[Any]]:
    found = InventoryDifference
    question = (
        select(found.kind, Item.identifier, found.position, found.code, found.discrepancy_id)
        .outerjoin(Item, Item.id == found.item_id)
        .where(found.check_id == check.id)
    )
    return sorted((list(row) for row in work.session.execute(question)), key=str)


def _sample_findings(work: Work) -> Iterator[Finding]:
    samples = work.session.scalars(select(InventorySample).order_by(InventorySample.id))
    stored = [(sampling.subject_of(sample.id), sampling.told(sample)) for sample in samples]
    yield from record_findings(work, sampling.KIND, lambda subject, _: subject, stored)
