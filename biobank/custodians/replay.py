"""What the ledger says of every custodian outside, compared with what is stored."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.custodians.choices import custody_of
from biobank.custodians.models import Custodian
from biobank.custodians.operations import TOLD, told
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import events_of_kind, wrong


def custodian_findings(work: Work) -> Iterator[Finding]:
    """Each custodian that is not what the log tells of it."""
    work.flush()
    known: dict[str, dict[str, Any]] = {}
    for subject, event in events_of_kind(work, "custodian"):
        known.setdefault(subject, {}).update({name: event[name] for name in TOLD if name in event})
    for custodian in work.session.scalars(select(Custodian).order_by(Custodian.id)):
        name = custody_of(custodian.code)
        log = known.pop(name, {})
        for column, value in told(custodian).items():
            if log.get(column) != value:
                yield wrong(name, f"is stored with {column} {value}, not {log.get(column)}")
    for name in sorted(known):
        yield wrong(name, "is in the log and not stored")
