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


class Standing(StrEnum):
    """How one thing that a recall covers stands."""

    TO_FIND = "to_find"
    FOUND = "found"
    RETURNED = "returned"
    VOIDED = "voided"
    DESTROYED = "destroyed"
    USED_UP = "used_up"
    MISSING = "missing"
    NEVER_FILLED = "never_filled"
    WITH_ITS_KIT = "with_its_kit"
    USED_KIT = "used_kit"


LOOKED_FOR = frozenset({Standing.TO_FIND, Standing.MISSING})
"""What somebody still has to find."""
NOT_COUNTED = frozenset({Standing.WITH_ITS_KIT, Standing.USED_KIT})
"""An empty tube comes with its kit, and of a used kit its tubes are looked for."""

BY_STATE: dict[State, Standing] = {
    State.VOIDED: Standing.VOIDED,
    State.RETURNED: Standing.RETURNED,
    State.IN_WASTE: Standing.DESTROYED,
    State.DESTROYED: Standing.DESTROYED,
    State.CONSUMED: Standing.USED_UP,
    State.BROKEN: Standing.USED_UP,
    State.NOT_COLLECTED: Standing.NEVER_FILLED,
    State.EXPECTED: Standing.WITH_ITS_KIT,
    State.ASSIGNED: Standing.USED_KIT,
}
"""States that say by themselves how it stands."""
GONE_FROM_SIGHT = frozenset({State.LOST, State.NEVER_RECEIVED})

NOT_HELD = frozenset(
    {State.VOIDED, State.DESTROYED, State.CONSUMED, State.BROKEN, State.NOT_COLLECTED, State.ASSIGNED}
)
"""What is past any use; whatever else there is of the lot is put under a hold."""
