"""What the ledger keeps of a delivery and of acknowledged lines; `verify` compares the two."""

import hashlib
from collections.abc import Iterable, Sequence

from biobank.core.moments import to_text
from biobank.feeds.inputs import FeedRow
from biobank.feeds.models import FeedDelivery, FeedRowReceived
from biobank.ledger.canonical import canonical_bytes

Content = dict[str, object]


def told_content(row: FeedRow) -> Content:
    """What is kept of a row as it was told: the same rows again are the same delivery."""
    return {
        "participant": row.participant,
        "withdrawal_time": to_text(row.withdrawal_time.at),
        "information": row.information.value,
        "samples": row.samples.value,
        "ceremony": row.ceremony.value,
        "deceased": row.deceased,
        "site": row.site,
        "row": row.row,
    }


def delivery_content(delivery: FeedDelivery, rows: Sequence[FeedRowReceived]) -> Content:
    return {
        "delivery": delivery.id,
        "rows": delivery.row_count,
        "content_sha256": delivery.content_sha256,
        "rows_sha256": sha256_of(_row_content(row) for row in rows),
        "file": delivery.file,
        "recorded_by": delivery.received_by,
    }


def _row_content(row: FeedRowReceived) -> Content:
    return {
        "line": row.line,
        "called": row.called,
        "participant": row.participant,
        "decided_at": to_text(row.decided_at),
        "offset_minutes": row.offset_minutes,
        "information": row.information,
        "samples": row.samples,
        "ceremony": row.ceremony,
        "deceased": row.deceased,
        "site": row.site,
        "outcome": row.outcome,
        "new_participant": row.new_participant,
        "ceremony_differs": row.ceremony_differs,
        "decision": row.decision_id,
        "death": row.death_id,
    }


def sha256_of(contents: Iterable[Content]) -> str:
    """Hexadecimal, over the canonical bytes of all, one a line."""
    digest = hashlib.sha256()
    for content in contents:
        digest.update(canonical_bytes(content) + b"\n")
    return digest.hexdigest()
