"""What the ledger says of every outage, compared with what is stored."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from biobank.core import moments
from biobank.core.database import Work
from biobank.items.models import Item
from biobank.ledger.findings import Finding
from biobank.ledger.replaying import Facts, events_of_kind, fact_findings, wrong
from biobank.outages.models import Outage, OutageDecision, OutageLine, OutagePiece
from biobank.outages.operations import KIND
from biobank.outages.queries import subject_of
from biobank.outages.records import stood, sum_of, told

OF_THE_FIRST = (
    *("unit", "site", "began_at", "temperature_celsius", "declared_by", "declared_at"),
    *("pieces", "specimens", "stood_sha256"),
)
OF_A_PROPOSAL = ("outcome", "grouping", "groups", "reason")
OF_A_DECISION = (*OF_A_PROPOSAL, "items", "approved_by", "approved_at", "signature", "record_sha256")


@dataclass
class Replayed:
    """An outage as its entries tell it: each fact under a name of its own."""

    facts: Facts = field(default_factory=dict)

    def take(self, event: Mapping[str, Any]) -> None:
        getattr(self, f"_{event['change']}", self._nothing)(event)

    def _nothing(self, event: Mapping[str, Any]) -> None:
        """Of what is told in a later version."""

    def _declared(self, event: Mapping[str, Any]) -> None:
        self.facts = {name: event.get(name) for name in OF_THE_FIRST}
        self.facts |= {
            "warmest_celsius": event.get("temperature_celsius"),
            "ended_at": None,
            "ended_by": None,
            "ended_how": None,
        }

    def _temperature(self, event: Mapping[str, Any]) -> None:
        warmest = self.facts.get("warmest_celsius")
        told_now = event["celsius"]
        self.facts["warmest_celsius"] = told_now if warmest is None else max(warmest, told_now)

    def _carried_out(self, event: Mapping[str, Any]) -> None:
        where = [event["place"], event.get("position"), event["recorded_by"], event["at"]]
        self.facts[f"piece {event['piece']}"] = where if event["out"] else None
        self.facts["specimens"] = self.facts.get("specimens", 0) + event["specimens"]
        if event.get("joined"):
            self.facts[f"joined {event['piece']}"] = event["joined"]

    def _ended(self, event: Mapping[str, Any]) -> None:
        self.facts |= {"ended_at": event["at"], "ended_how": event["how"]}
        self.facts |= {"ended_by": event["recorded_by"], "stood_sha256": event["stood_sha256"]}
        for name in ("pieces", "specimens"):
            self.facts[name] += event[name]

    def _proposed(self, event: Mapping[str, Any]) -> None:
        told = {name: event[name] for name in OF_A_PROPOSAL}
        told |= {"proposed_by": event["recorded_by"], "proposed_at": event["at"], "dropped_at": None}
        self.facts[f"proposal {event['decision']}"] = told

    def _dropped(self, event: Mapping[str, Any]) -> None:
        self.facts[f"proposal {event['decision']}"]["dropped_at"] = event["at"]

    def _decided(self, event: Mapping[str, Any]) -> None:
        self.facts[f"decision {event['decision']}"] = {name: event.get(name) for name in OF_A_DECISION}
        self.facts.setdefault("meant", {})[event["decision"]] = (event["items"], event["items_sha256"])


def outage_findings(work: Work) -> Iterator[Finding]:
    """Each outage that is not what the log tells of it."""
    work.flush()
    known: dict[str, Replayed] = {}
    for subject, event in events_of_kind(work, KIND):
        known.setdefault(subject, Replayed()).take(event)
    for outage in work.session.scalars(select(Outage).order_by(Outage.id)):
        name = subject_of(outage)
        replayed = known.pop(name, Replayed()).facts
        yield from _decided_otherwise(work, outage, replayed.pop("meant", {}))
        joined = sum(fact.startswith("joined ") for fact in replayed)
        if "pieces" in replayed:
            replayed["pieces"] += joined
        replayed = {fact: value for fact, value in replayed.items() if value is not None}
        yield from fact_findings(name, replayed, _stored(work, outage))
    for name in sorted(known):
        yield wrong(name, "has entries and is not stored")


def _decided_otherwise(work: Work, outage: Outage, meant: Mapping[int, tuple[int, str]]) -> Iterator[Finding]:
    """Of a decision those specimens are left that no later one was about: of the newest all of them."""
    lines = select(OutageLine.decision_id, Item.identifier).join(Item, Item.id == OutageLine.item_id)
    lines = lines.where(OutageLine.outage_id == outage.id, OutageLine.decision_id.is_not(None))
    decided: dict[int | None, list[str]] = {}
    for decision, code in work.session.execute(lines):
        decided.setdefault(decision, []).append(code)
    for decision in sorted({*meant, *filter(None, decided)}):
        count, sha256 = meant.get(decision, (0, ""))
        codes = decided.get(decision, [])
        is_less = len(codes) < count and decision != max(meant)
        if not is_less and (len(codes) != count or sum_of(codes) != sha256):
            yield wrong(f"decision {decision} of {subject_of(outage)}", "is about other specimens than told")


def _stored(work: Work, outage: Outage) -> Facts:
    unit = work.session.get_one(Item, outage.unit_id).identifier
    facts: Facts = told(outage, unit) | {
        "warmest_celsius": outage.warmest_celsius,
        "ended_at": moments.text_or_none(outage.ended_at),
        "ended_by": outage.ended_by,
        "ended_how": outage.ended_how,
        "stood_sha256": stood(work, outage),
    }
    facts |= {"pieces": _count(work, outage, OutagePiece), "specimens": _count(work, outage, OutageLine)}
    facts |= (
        _pieces(work, outage) | _joined(work, outage) | _proposals(work, outage) | _decisions(work, outage)
    )
    return {fact: value for fact, value in facts.items() if value is not None}


def _count(work: Work, outage: Outage, of: type[OutagePiece] | type[OutageLine]) -> int:
    return work.session.scalar(select(func.count()).select_from(of).where(of.outage_id == outage.id)) or 0


def _pieces(work: Work, outage: Outage) -> Facts:
    place = aliased(Item)
    question = (
        select(Item.identifier, place.identifier, OutagePiece)
        .join(OutagePiece, OutagePiece.item_id == Item.id)
        .join(place, place.id == OutagePiece.moved_to)
        .where(OutagePiece.outage_id == outage.id, OutagePiece.moved_at.is_not(None))
    )
    return {
        f"piece {code}": [to, piece.moved_position, piece.moved_by, moments.text_or_none(piece.moved_at)]
        for code, to, piece in work.session.execute(question)
    }


def _joined(work: Work, outage: Outage) -> Facts:
    around = aliased(Item)
    question = (
        select(Item.identifier, around.identifier, OutagePiece.stood_at)
        .join(OutagePiece, OutagePiece.item_id == Item.id)
        .outerjoin(around, around.id == OutagePiece.stood_in)
        .where(OutagePiece.outage_id == outage.id, OutagePiece.joined)
    )
    return {f"joined {code}": [place, at] for code, place, at in work.session.execute(question)}


def _proposals(work: Work, outage: Outage) -> Facts:
    """Signed or not: what waits for a signature is compared, too."""
    question = select(OutageDecision).where(OutageDecision.outage_id == outage.id)
    return {
        f"proposal {decision.id}": {
            "outcome": decision.outcome,
            "grouping": decision.grouping,
            "groups": decision.groups.splitlines(),
            "reason": decision.reason,
            "proposed_by": decision.proposed_by,
            "proposed_at": moments.to_text(decision.proposed_at),
            "dropped_at": moments.text_or_none(decision.dropped_at),
        }
        for decision in work.session.scalars(question)
    }


def _decisions(work: Work, outage: Outage) -> Facts:
    question = select(OutageDecision).where(
        OutageDecision.outage_id == outage.id, OutageDecision.approved_at.is_not(None)
    )
    return {
        f"decision {decision.id}": {
            "outcome": decision.outcome,
            "grouping": decision.grouping,
            "groups": decision.groups.splitlines(),
            "reason": decision.reason,
            "items": decision.items,
            "approved_by": decision.approved_by,
            "approved_at": moments.text_or_none(decision.approved_at),
            "signature": f"signature:{decision.approval_signature}",
            "record_sha256": decision.record_sha256,
        }
        for decision in work.session.scalars(question)
    }
