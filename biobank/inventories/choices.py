"""Why a unit is counted, how far a check is, what was seen at a position, how count and log may differ."""

from collections.abc import Mapping
from enum import StrEnum

from biobank.custody.states import Action, State
from biobank.discrepancies.choices import TWO_WITH_ONE_CODE


class Reason(StrEnum):
    """Why somebody counts what lies in a unit."""

    ROUTINE = "routine"
    AFTER_OUTAGE = "after_outage"
    BEFORE_SHIPPING = "before_shipping"
    AUDIT_SAMPLE = "audit_sample"
    SUSPICION = "suspicion"


class CheckState(StrEnum):
    """How far a check is; what is neither closed nor cancelled can be left and found again."""

    PLANNED = "planned"
    COUNTING = "counting"
    COUNTED = "counted"
    CLOSED = "closed"
    CANCELLED = "cancelled"


UNFINISHED = (CheckState.PLANNED, CheckState.COUNTING, CheckState.COUNTED)


class Seen(StrEnum):
    """What one reading says; the newest of a position or code counts."""

    CODE = "code"
    EMPTY = "empty"
    """Nothing stands there; with a code, that this was looked for and is not there."""
    NO_READ = "no_read"
    """Something stands there whose code cannot be read."""
    TAKEN_BACK = "taken_back"
    """The reading before was a mistake: as if nobody had looked yet."""


class Difference(StrEnum):
    """How what was counted and what the log has may differ."""

    MISSING = "missing"
    WRONG_POSITION = "wrong_position"
    ELSEWHERE = "elsewhere"
    """Found here, and the log has it in another place."""
    NOT_PLACED = "not_placed"
    """Found here, and the log has it in no place: received and never stored, checked out, displaced."""
    NOT_EXPECTED = "not_expected"
    """Found here, and it should not be there at all: destroyed, handed over, voided, lost and so on."""
    UNKNOWN_CODE = "unknown_code"
    NOT_FOR_HERE = "not_for_here"
    """A kit, a parcel or a waste bag, which is no content of storage."""
    UNREAD = "unread"
    SAME_CODE = "same_code"
    """Two things that bear one code."""


CASES: Mapping[Difference, str] = {each: f"inventory_{each.value}" for each in Difference} | {
    Difference.SAME_CODE: TWO_WITH_ONE_CODE
}
"""The kind of the case that each of them opens."""

IN_PLACE = frozenset({State.RECEIVED, State.STORED, State.CHECKED_OUT})
"""States in which a specimen is in the house: found in a unit, it only lay elsewhere."""

STEPS: Mapping[State, Action] = {
    State.STORED: Action.MOVE,
    State.RECEIVED: Action.STORE,
    State.CHECKED_OUT: Action.CHECK_IN,
    State.COLLECTED: Action.RECEIVE,
    State.IN_TRANSIT: Action.RECEIVE,
    State.LOST: Action.FIND,
    State.NEVER_RECEIVED: Action.FIND,
    State.IN_SERVICE: Action.MOVE,
}
"""The step that says of something found where it lies; from any other state it goes into quarantine there."""

FIRST, SECOND, LAST = 1, 2, 3
"""Turns of a check: the count, the second one by somebody else, the look where the two differ."""
