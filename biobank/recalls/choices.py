"""Why a lot is recalled, how each thing of it stands, and which states are past holding."""

from enum import StrEnum

from biobank.custody.states import State


class Cause(StrEnum):
    """Why its maker, or the biobank, calls a lot back."""

    DEFECT = "defect"
    CONTAMINATION = "contamination"
    STERILITY = "sterility"
    MISLABELLED = "mislabelled"
    WRONG_ADDITIVE = "wrong_additive"
    RECALLED_BY_MAKER = "recalled_by_maker"


class RecallStanding(StrEnum):
    """How one thing that a recall covers stands."""

    TO_FIND = "to_find"
    FOUND = "found"
    RETURNED = "returned"
    VOIDED = "voided"
    DESTROYED = "destroyed"
    USED_UP = "used_up"
    HANDED_OVER = "handed_over"
    MISSING = "missing"
    NEVER_FILLED = "never_filled"
    WITH_ITS_KIT = "with_its_kit"
    USED_KIT = "used_kit"


LOOKED_FOR = frozenset({RecallStanding.TO_FIND, RecallStanding.MISSING})
"""What somebody still has to find."""
NOT_COUNTED = frozenset({RecallStanding.WITH_ITS_KIT, RecallStanding.USED_KIT})
"""An empty tube comes with its kit, and of a used kit its tubes are looked for."""

BY_STATE: dict[State, RecallStanding] = {
    State.VOIDED: RecallStanding.VOIDED,
    State.RETURNED: RecallStanding.RETURNED,
    State.IN_WASTE: RecallStanding.DESTROYED,
    State.DESTROYED: RecallStanding.DESTROYED,
    State.CONSUMED: RecallStanding.USED_UP,
    State.DISTRIBUTED: RecallStanding.HANDED_OVER,
    State.GIVEN_BACK: RecallStanding.HANDED_OVER,
    State.BROKEN: RecallStanding.USED_UP,
    State.NOT_COLLECTED: RecallStanding.NEVER_FILLED,
    State.EXPECTED: RecallStanding.WITH_ITS_KIT,
    State.ASSIGNED: RecallStanding.USED_KIT,
}
"""States that say by themselves how it stands."""
GONE_FROM_SIGHT = frozenset({State.LOST, State.NEVER_RECEIVED})

NOT_HELD = frozenset(
    {
        *(State.VOIDED, State.DESTROYED, State.CONSUMED, State.BROKEN, State.NOT_COLLECTED, State.ASSIGNED),
        *(State.DISTRIBUTED, State.GIVEN_BACK),
    }
)
"""What is past any use; whatever else there is of the lot is put under a hold."""
