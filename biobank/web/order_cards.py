"""A destruction order as several pages show it: its stage, how far it is, whether it can be confirmed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from biobank.core.database import Work
from biobank.destruction import queries
from biobank.destruction.choices import LineEnd, Stage
from biobank.destruction.line_counts import LinesCounted, lines_counted
from biobank.destruction.models import DestructionLine, DestructionOrder
from biobank.destruction.words import OUTCOMES
from biobank.items.identifiers import printed
from biobank.web.words import Sign, in_zone, spoken

STAGE_TONES: Mapping[Stage, str] = {
    Stage.CLOSED: "right",
    Stage.REOPENED: "wrong",
    Stage.CANCELLED: "plain",
    Stage.LEGAL_HOLD: "ask",
}
OUTCOME_TONES: Mapping[str, str] = {
    LineEnd.DESTROYED: "right",
    LineEnd.DESTROYED_BY_CUSTODIAN: "right",
    LineEnd.REPORTED_BY_FILE: "right",
    LineEnd.DISTRIBUTED_BEFORE_ENTRY: "late",
    LineEnd.LOST: "late",
    LineEnd.CONSUMED_BEFORE_ENTRY: "late",
    LineEnd.CONSUMED_AFTER_DECISION: "wrong",
    LineEnd.BROKEN_AFTER_DECISION: "late",
}


def stage_sign(stage: Stage) -> Sign:
    return {"word": spoken(stage).capitalize(), "tone": STAGE_TONES.get(stage, "wait")}


def outcome_sign(outcome: str, grade: str | None) -> Sign:
    known = f", {grade}" if grade in ("witnessed", "attested") else ""
    return {"word": OUTCOMES[LineEnd(outcome)] + known, "tone": OUTCOME_TONES.get(outcome, "plain")}


def progress_of(lines: Iterable[DestructionLine]) -> dict[str, Any]:
    """How many lines have an end, and which."""
    counts = Counter(line.outcome or "" for line in lines)
    still_open = counts.pop("", 0)
    return {
        "total": counts.total() + still_open,
        "ended": counts.total(),
        "outcomes": [
            {"label": OUTCOMES[LineEnd(name)], "count": count, "tone": OUTCOME_TONES.get(name, "plain")}
            for name, count in counts.items()
        ],
    }


def listed(work: Work, orders: Sequence[DestructionOrder], zone: str) -> list[dict[str, Any]]:
    """Rows of a list of orders."""
    counted = lines_counted(work, orders)
    return [_row(order, counted[order.id], zone) for order in orders]


def _row(order: DestructionOrder, lines: LinesCounted, zone: str) -> dict[str, Any]:
    return {
        "printed": printed(order.identifier),
        "url": f"/destruction-orders/{order.identifier}",
        "participant": order.participant,
        "state": stage_sign(queries.stage(order)),
        "opened_at": in_zone(order.opened_at, zone),
        "due_on": in_zone(order.due_at, zone).date(),
        "overdue": queries.is_overdue(order),
        "total": lines.total,
        "ended": lines.ended,
        "late_arrivals": lines.late_and_open,
        "note": "Waits for a handling instruction." if queries.is_unsettled(order) else None,
    }
