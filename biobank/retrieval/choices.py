"""Words and plain rules of retrieval: what a pick list is for, how pieces are chosen, how each one stands."""

from enum import StrEnum

from biobank.custody.states import ENDS, State


class PickPurpose(StrEnum):
    """What a list is picked for."""

    STUDY = "study"
    """For an approved request; what was picked is handed over for good."""
    CONTRACT_WORK = "contract_work"
    """For a laboratory outside; it stays ours and comes back."""
    BENCH = "bench"
    """For work in the house."""


class Rule(StrEnum):
    """Which pieces are taken first when there are more than wanted."""

    OLDEST = "oldest"
    NEWEST = "newest"
    FEWEST_THAWS = "fewest_thaws"
    WHOLE_BOXES = "whole_boxes"
    """From the boxes that hold most of it: few doors are opened."""


class LineState(StrEnum):
    """How one piece of a list stands."""

    TO_PICK = "to_pick"
    PICKED = "picked"
    NOT_THERE = "not_there"
    """It was not where it should be; a case looks for it."""
    REMOVED = "removed"
    """It may not be picked any more; why stands beside it."""
    RETURNED = "returned"
    SENT_OUT = "sent_out"
    HANDED_OVER = "handed_over"
    USED_UP = "used_up"
    ENDED = "ended"
    """Picked, and then broken, lost, or put in waste."""


class RemovedBecause(StrEnum):
    """Why a piece is not picked any more."""

    HELD = "held"
    LEFT = "left"
    """It is in storage no more."""
    NOT_ALLOWED = "not_allowed"
    """Its participant does not let it be used so."""
    CANCELLED = "cancelled"
    """The whole list was."""


class CancelledBecause(StrEnum):
    NOT_NEEDED = "not_needed"
    MADE_BY_MISTAKE = "made_by_mistake"
    REQUEST_ENDED = "request_ended"
    FREEZER_OUT_OF_SERVICE = "freezer_out_of_service"


class ListStanding(StrEnum):
    """How a list stands as a whole; it is never stored."""

    TO_PICK = "to_pick"
    OUT = "out"
    """All is picked, and some of it is neither back nor gone."""
    DONE = "done"
    CANCELLED = "cancelled"


class LabDid(StrEnum):
    """What a laboratory outside did with a piece that came back."""

    ANALYSED = "analysed"
    PART_TAKEN = "part_taken"
    NOT_USED = "not_used"
    NOT_KNOWN = "not_known"


class Dates(StrEnum):
    """How finely a manifest tells when something was collected."""

    NONE = "none"
    YEAR = "year"
    MONTH = "month"


GAPS = frozenset({LineState.NOT_THERE, LineState.REMOVED})
"""For these another piece may be taken."""
PICKABLE = GAPS | {LineState.TO_PICK}
"""What somebody has in hand after all can still be picked, if it may be."""
COUNTED = frozenset({LineState.TO_PICK, LineState.PICKED})
"""Pieces of a list that nobody else is promised."""
OUT = frozenset({LineState.PICKED, LineState.SENT_OUT})
"""Pieces that are expected back or onwards."""


def line_after(state: State) -> LineState | None:
    """How a picked piece stands once it is in this state; None where that says nothing of it."""
    if state in AFTER:
        return AFTER[state]
    return LineState.ENDED if state in ENDS or state is State.IN_WASTE else None


AFTER: dict[State, LineState] = {
    State.CHECKED_OUT: LineState.PICKED,
    State.STORED: LineState.RETURNED,
    State.RECEIVED: LineState.RETURNED,
    State.SENT_OUT: LineState.SENT_OUT,
    State.DISTRIBUTED: LineState.HANDED_OVER,
    State.CONSUMED: LineState.USED_UP,
}


def list_standing(*, cancelled: bool, states: frozenset[str]) -> ListStanding:
    """From the states that its lines are in."""
    if cancelled:
        return ListStanding.CANCELLED
    if LineState.TO_PICK in states:
        return ListStanding.TO_PICK
    return ListStanding.OUT if states & OUT else ListStanding.DONE
