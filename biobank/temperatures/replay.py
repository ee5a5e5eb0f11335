"""What the ledger says of every logger's file, compared with what is stored."""

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import select

from biobank.core.database import Work
from biobank.core.moments import text_or_none
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Facts, content_told, events_of_kind, fact_findings, wrong
from biobank.temperatures.models import TakenLoggerFile
from biobank.temperatures.operations import KIND
from biobank.temperatures.queries import excursions_of, subject_of
from biobank.temperatures.records import excursion_told, told

RELEASE = ("reason", "released_by", "released_at")


def temperature_findings(work: Work) -> Iterator[Finding]:
    """Each file that is not what the log tells of it."""
    work.flush()
    known: dict[str, Facts] = {}
    for subject, event in events_of_kind(work, KIND):
        _take(known.setdefault(subject, {}), event)
    for file in work.session.scalars(select(TakenLoggerFile).order_by(TakenLoggerFile.id)):
        name = subject_of(file)
        yield from fact_findings(name, known.pop(name, {}), _stored(work, file))
    for name in sorted(known):
        yield wrong(name, "has entries and is not stored")


def _take(facts: Facts, event: Mapping[str, Any]) -> None:
    if event["change"] == "taken":
        facts |= content_told(event)
        for each in facts.pop("excursions", ()):
            facts[f"{each['item']} {each['limit']}"] = {**each, **dict.fromkeys(RELEASE)}
        return
    for name, each in facts.items():
        if isinstance(each, dict) and each.get("item") in event["items"] and each["reason"] is None:
            facts[name] = {
                **each,
                "reason": event["reason"],
                "released_by": event["recorded_by"],
                "released_at": event["at"],
            }


def _stored(work: Work, file: TakenLoggerFile) -> Facts:
    parcel = work.session.get_one(Item, file.parcel_id).identifier
    facts: Facts = dict(told(file, parcel))
    for excursion, item in excursions_of(work, file):
        each = excursion_told(excursion, item.identifier)
        release = {name: getattr(excursion, name) for name in ("reason", "released_by")}
        release["released_at"] = text_or_none(excursion.released_at)
        facts[f"{item.identifier} {each['limit']}"] = each | release
    return facts
