"""Why destruction is paused and goes on: reasons of a legal hold, and how a ceremony stands; plain data."""

from enum import StrEnum

LONGEST_REFERENCE = 120


class HeldBecause(StrEnum):
    """Whose duty it is to keep what an order would destroy; a code, since the paper itself may be sealed."""

    COURT_ORDER = "court_order"
    SUBPOENA = "subpoena"
    LITIGATION = "litigation"
    INVESTIGATION = "investigation"
    REGULATOR = "regulator"


class LiftedBecause(StrEnum):
    """Why nothing has to be kept any more."""

    DUTY_ENDED = "duty_ended"
    WITHDRAWN = "withdrawn"
    PLACED_BY_MISTAKE = "placed_by_mistake"


class CeremonyState(StrEnum):
    PLANNED = "planned"
    HELD = "held"
    CALLED_OFF = "called_off"


OUTSIDE = "outside"
"""A place of a ceremony that we need not know."""
