"""A study's request as it is approved: canonical JSON and its SHA-256, and what its log tells of it."""

from typing import Any

from biobank.distribution.models import StudyRequest
from biobank.ledger.canonical import sha256_of

Record = dict[str, Any]
KIND = "study_request"
"""Of the record that is signed, and of the ledger's entries."""


def request_content(request: StudyRequest) -> Record:
    """What was registered; `verify` compares it with the log."""
    return {
        "number": request.number,
        "study": request.study,
        "receiver": request.receiver,
        "agreement": request.agreement,
        "purpose": request.purpose,
        "valid_from": request.valid_from.isoformat(),
        "valid_until": request.valid_until.isoformat(),
        "portions": [
            {"kind": each.kind, "specification": each.specification, "most": each.most}
            for each in request.portions
        ],
        "registered_by": request.registered_by,
    }


def request_record(request: StudyRequest) -> tuple[Record, str]:
    """What an approver signs, and its SHA-256."""
    record = {"record": KIND, **request_content(request)}
    return record, sha256_of(record)
