"""Which moments of a tube's life reports are made of, and which reports there are."""

from enum import StrEnum

from biobank.custody.states import Action


class Step(StrEnum):
    """A milestone."""

    COLLECTED = "collected"
    NOT_COLLECTED = "not_collected"
    DISPATCHED = "dispatched"
    RECEIVED = "received"
    STORED = "stored"


STEP_OF = {
    Action.COLLECT: Step.COLLECTED,
    Action.MARK_NOT_COLLECTED: Step.NOT_COLLECTED,
    Action.DISPATCH: Step.DISPATCHED,
    Action.RECEIVE: Step.RECEIVED,
    Action.STORE: Step.STORED,
}
"""The steps that are milestones, each the first time that it is taken."""
DRAWS = frozenset({Step.COLLECTED, Step.NOT_COLLECTED})
TRAVELS = (Step.DISPATCHED, Step.RECEIVED, Step.STORED)
"""What comes after a collection, in its order."""


class Report(StrEnum):
    """What there is to look at."""

    COLLECTIONS = "collections"
    TURNAROUND = "turnaround"
    SHORTFALLS = "shortfalls"
    LATE = "late"
    RECEIPTS = "receipts"
    CASES = "cases"
    FILL = "fill"
    HOLDS = "holds"


OF_NOW = frozenset({Report.FILL, Report.HOLDS})
"""Reports that tell how it is at this moment; no days are chosen for them."""


class Age(StrEnum):
    """How long a hold has stood."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    OLDER = "older"
