"""What the log tells of an outage, and a decision about its specimens as it is signed."""

import hashlib
from collections.abc import Iterable
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import aliased

from biobank.core import moments
from biobank.core.database import Work
from biobank.items.models import Item
from biobank.ledger.canonical import sha256_of
from biobank.outages.groups import of_groups
from biobank.outages.models import Outage, OutageDecision, OutageLine, OutagePiece

Record = dict[str, Any]
KIND = "outage_decision"


def told(outage: Outage, unit: str) -> Record:
    """What its first entry says of an outage; `verify` compares the two."""
    return {
        "unit": unit,
        "site": outage.site,
        "began_at": moments.text_or_none(outage.began_at),
        "temperature_celsius": outage.temperature_celsius,
        "declared_by": outage.declared_by,
        "declared_at": moments.to_text(outage.declared_at),
    }


def stood(work: Work, outage: Outage) -> str:
    """SHA-256 over what was listed, each piece with where it stood then; an entry tells it of what joined."""
    around = aliased(Item)
    question = (
        select(Item.identifier, around.identifier, OutagePiece.stood_at)
        .join(OutagePiece, OutagePiece.item_id == Item.id)
        .outerjoin(around, around.id == OutagePiece.stood_in)
        .where(OutagePiece.outage_id == outage.id, OutagePiece.joined.is_(False))
    )
    return sha256_of(
        {
            "stood": sorted(
                [piece, place or "", at or ""] for piece, place, at in work.session.execute(question)
            )
        }
    )


def decision_content(work: Work, outage: Outage, decision: OutageDecision) -> Record:
    """What is decided about which specimens, those by a sum over their codes in order."""
    codes = (
        select(Item.identifier)
        .join(OutageLine, OutageLine.item_id == Item.id)
        .where(OutageLine.outage_id == outage.id, of_groups(work, outage, decision))
    )
    found = list(work.session.scalars(codes))
    return {
        "decision": decision.id,
        "outcome": decision.outcome,
        "grouping": decision.grouping,
        "groups": decision.groups.splitlines(),
        "reason": decision.reason,
        "items": len(found),
        "items_sha256": sum_of(found),
    }


def sum_of(codes: Iterable[str]) -> str:
    """SHA-256 over them in order, a line each."""
    return hashlib.sha256("\n".join(sorted(codes)).encode()).hexdigest()


def decision_record(work: Work, outage: Outage, decision: OutageDecision) -> tuple[Record, str]:
    """What a biobank lead signs, and its SHA-256."""
    content = decision_content(work, outage, decision)
    record = {"record": KIND, "outage": outage.id, **content}
    return record, sha256_of(record)
