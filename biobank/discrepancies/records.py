"""A case as its entries tell it, and a proposal about two tubes as it is signed: content and hash."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from biobank.core.moments import to_text
from biobank.custody.models import Discrepancy
from biobank.discrepancies.models import CodeSeparation
from biobank.ledger.canonical import sha256_of

KIND = "code_separation"
"""Of the record that is signed."""
COLUMNS = (
    *("site", "state", "owner", "due_at", "asked_at", "answer", "answer_sentence", "answered_at"),
    *("answered_by", "resolved_at", "resolved_by", "resolved_as", "resolution"),
)
"""What changes of a case; each entry tells those that it set."""


def columns_told(case: Discrepancy, names: Iterable[str] = COLUMNS) -> dict[str, Any]:
    """As an entry holds them: moments are texts."""
    values = {name: getattr(case, name) for name in names}
    return {name: to_text(value) if isinstance(value, datetime) else value for name, value in values.items()}


def separation_content(found: CodeSeparation, item: str, other: str | None) -> dict[str, Any]:
    """What the ledger keeps of a proposal; `verify` compares the two."""
    return {
        "separation": found.id,
        "item": item,
        "other": other,
        "outcome": found.outcome,
        "sentence": found.sentence,
        "proposed_by": found.proposed_by,
    }


def separation_record(found: CodeSeparation, item: str, other: str | None) -> tuple[dict[str, Any], str]:
    """What the second person signs, and its SHA-256."""
    record = {"record": KIND, "case": found.case_id, **separation_content(found, item, other)}
    return record, sha256_of(record)
