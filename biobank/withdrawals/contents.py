"""What the ledger keeps of each record about a participant; `verify` compares the two."""

from biobank.core.moments import to_text
from biobank.withdrawals.models import (
    Asked,
    Death,
    RecordedDecision,
    RequestEnding,
    SignedChange,
    WaitingRequest,
)

Content = dict[str, object]


def decision_content(recorded: RecordedDecision) -> Content:
    return {
        "decision": recorded.id,
        "leaves": recorded.leaves,
        "information": recorded.information,
        "samples": recorded.samples,
        "ceremony": recorded.ceremony,
        "proved": recorded.proved,
        "due_on": recorded.due_on.isoformat() if recorded.due_on else None,
        **_asked(recorded),
    }


def _asked(row: Asked | RecordedDecision) -> Content:
    return {
        "requested_by": row.requested_by,
        "capacity": row.capacity,
        "channel": row.channel,
        "evidence": row.evidence,
        "decided_at": to_text(row.decided_at),
        "zone": row.zone,
        "offset_minutes": row.offset_minutes,
        "recorded_by": row.recorded_by,
    }


def death_content(death: Death) -> Content:
    return {
        "death": death.id,
        "died_on": death.died_on.isoformat() if death.died_on else None,
        **_asked(death),
    }


def request_content(request: WaitingRequest) -> Content:
    return {
        "request": request.id,
        "leaves": request.leaves,
        "information": request.information,
        "samples": request.samples,
        "ceremony": request.ceremony,
        "language": request.language,
        "due_on": request.due_on.isoformat(),
        **_asked(request),
    }


def ending_content(ending: RequestEnding) -> Content:
    return {
        "request": ending.request_id,
        "ending": ending.ending,
        "decision": ending.decision_id,
        "evidence": ending.evidence,
        "reason": ending.reason,
        "recorded_by": ending.recorded_by,
    }


def change_content(change: SignedChange) -> Content:
    return {
        "change": change.id,
        "of": change.kind,
        "decisions": sorted(change.undone),
        "death": change.death_id,
        "other": change.other,
        "order": change.order_identifier,
        "record_sha256": change.record_sha256,
        "signatures": [f"signature:{change.first_signature}", f"signature:{change.second_signature}"],
        **_asked(change),
    }
