"""What is carried out of a failed unit, how an outage ends, what a lead may decide about its specimens."""

from dataclasses import dataclass
from enum import StrEnum

from biobank.custody.states import SPECIMENS, Kind


class EndedHow(StrEnum):
    """What became of the unit itself."""

    BACK_IN_SERVICE = "back_in_service"
    GIVEN_UP = "given_up"


class Outcome(StrEnum):
    """What a biobank lead decides about specimens that were in a failed unit."""

    RELEASED = "released"
    KEPT = "kept"
    ENDED = "ended"


class Grouping(StrEnum):
    """By what the specimens of an outage are taken together."""

    RACK = "rack"
    BOX = "box"
    SPECIFICATION = "specification"
    MINUTES = "minutes"


@dataclass(frozen=True)
class Band:
    """Minutes without cooling, from `least` up to but not with `below`; without bounds nobody knows."""

    code: str
    least: int | None
    below: int | None

    def holds(self, minutes: int | None) -> bool:
        if minutes is None or self.least is None:
            return minutes is None and self.least is None
        return self.least <= minutes and (self.below is None or minutes < self.below)


BANDS = (
    Band("under_30", 0, 30),
    Band("30_to_59", 30, 60),
    Band("60_to_119", 60, 120),
    Band("120_to_239", 120, 240),
    Band("240_and_more", 240, None),
    Band("not_known", None, None),
)

NOT_CARRIED = frozenset(
    {
        *(Kind.FACILITY, Kind.ROOM, Kind.FREEZER, Kind.SHELF),
        *(Kind.CABINET, Kind.BENCH, Kind.AUTOMATED_STORE),
    }
)
"""What stays where it is when a unit fails; what stands in it is carried out piece by piece."""
CARRIED = SPECIMENS | {
    *(Kind.RACK, Kind.BOX, Kind.BIN, Kind.BAG, Kind.DRY_ICE_CHEST, Kind.QUARANTINE_PLACE),
}

WARMER_BY = 5
"""Degrees Celsius by which a place may be warmer than the failed one was meant to be."""

DECISION = "I have judged these specimens after the outage and decide so."
"""What the signature of a biobank lead means."""
