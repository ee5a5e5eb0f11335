"""Questions about the withdrawal feed: what was delivered, and how each row is acknowledged."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Select, func, select

from biobank.core.database import Work
from biobank.core.errors import NotFound
from biobank.core.moments import text_or_none, to_text
from biobank.core.rows import row_numbered
from biobank.feeds.choices import Outcome
from biobank.feeds.models import FeedDelivery, FeedRowReceived
from biobank.withdrawals.models import RecordedDecision


class DeliveryUnknown(NotFound):
    title = "Delivery unknown"


@dataclass(frozen=True)
class Delivered:
    """A delivery with its rows; `already` says that the very same had come before."""

    delivery: FeedDelivery
    rows: Sequence[FeedRowReceived]
    already: bool = False

    def counted(self) -> dict[str, int]:
        """Rows by outcome, every outcome named."""
        return {outcome.value: sum(row.outcome == outcome for row in self.rows) for outcome in Outcome}

    @property
    def to_look_at(self) -> list[FeedRowReceived]:
        """Rows that somebody should read: not ours, new to us, for compliance, told otherwise before."""
        return [
            row
            for row in self.rows
            if row.outcome in (Outcome.COMPLIANCE_DECIDES, Outcome.NOT_OURS)
            or row.new_participant
            or row.ceremony_differs
        ]


def delivery_saying(work: Work, content_sha256: str) -> FeedDelivery | None:
    question = select(FeedDelivery).where(FeedDelivery.content_sha256 == content_sha256)
    return work.session.scalar(question)


def delivery_numbered(work: Work, number: int) -> FeedDelivery:
    """Raises `DeliveryUnknown`."""
    found = row_numbered(work, FeedDelivery, number)
    if found is None:
        raise DeliveryUnknown(f"There is no delivery {number}; look it up in the list of deliveries.")
    return found


def rows_of(work: Work, delivery: FeedDelivery) -> Sequence[FeedRowReceived]:
    question = select(FeedRowReceived).where(FeedRowReceived.delivery_id == delivery.id)
    return work.session.scalars(question.order_by(FeedRowReceived.line)).all()


def acknowledgements(number: int | None = None) -> Select[FeedRowReceived]:
    """Of all rows ever received, or of one delivery; their numbers are the order in which they came."""
    question = select(FeedRowReceived)
    return question if number is None else question.where(FeedRowReceived.delivery_id == number)


def newest_deliveries(work: Work, limit: int) -> list[tuple[FeedDelivery, dict[str, int]]]:
    """Newest first, each with its rows by outcome."""
    question = select(FeedDelivery).order_by(FeedDelivery.id.desc()).limit(limit)
    found = work.session.scalars(question).all()
    counts: dict[int, dict[str, int]] = {delivery.id: {} for delivery in found}
    counted = (
        select(FeedRowReceived.delivery_id, FeedRowReceived.outcome, func.count())
        .where(FeedRowReceived.delivery_id.in_(counts))
        .group_by(FeedRowReceived.delivery_id, FeedRowReceived.outcome)
    )
    for number, outcome, count in work.session.execute(counted):
        counts[number][outcome] = count
    return [(delivery, counts[delivery.id]) for delivery in found]


@dataclass(frozen=True)
class Receipt:
    """A row with the moment at which its decision was entered; None where there is no decision."""

    row: FeedRowReceived
    entered_at: datetime | None


def acknowledgement_rows(work: Work, rows: Sequence[FeedRowReceived]) -> list[Receipt]:
    """Rows as they are acknowledged."""
    numbers = {row.decision_id for row in rows if row.decision_id is not None}
    question = select(RecordedDecision.id, RecordedDecision.recorded_at)
    found = work.session.execute(question.where(RecordedDecision.id.in_(numbers)))
    entered = {row.id: row.recorded_at for row in found}
    return [Receipt(row, entered.get(row.decision_id or 0)) for row in rows]


def told_row(receipt: Receipt) -> dict[str, object]:
    """An acknowledgement as the programme reads it."""
    row = receipt.row
    return {
        "acknowledgement": row.id,
        "delivery": row.delivery_id,
        "line": row.line,
        "row": row.called,
        "participant": row.participant,
        "withdrawal_time": to_text(row.decided_at),
        "outcome": row.outcome,
        "decision": row.decision_id,
        "death": row.death_id,
        "new_participant": row.new_participant,
        "ceremony_differs": row.ceremony_differs,
        "entered_at": text_or_none(receipt.entered_at),
    }
