"""The answers a participant can give, and what they mean for collection and use: plain rules."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

LINKED_AWAY = "linked_away"
"""The kind of a participant's entry that says which item turned out to be somebody else's."""


class InformationAnswer(StrEnum):
    KEEP = "keep"
    REMOVE = "remove"
    UNDECIDED = "undecided"


class SamplesAnswer(StrEnum):
    KEEP = "keep"
    DESTROY = "destroy"
    UNDECIDED = "undecided"


class Scope(StrEnum):
    """What a consent covers."""

    BLOOD = "blood"
    URINE = "urine"
    DNA = "dna"
    SHARING = "sharing"


class Signer(StrEnum):
    """Who signed a consent."""

    PARTICIPANT = "participant"
    GUARDIAN = "guardian"
    REPRESENTATIVE = "representative"


@dataclass(frozen=True)
class Standing:
    """What a participant's decisions come to now. Empty answers: nothing was ever decided."""

    left: bool = False
    information: InformationAnswer | None = None
    samples: SamplesAnswer | None = None
    decided_at: datetime | None = None
    decision_recorded_at: datetime | None = None
    deceased: bool = False
    deceased_on: date | None = None
    """Empty also where nobody told the day."""

    @property
    def died(self) -> bool:
        return self.deceased or self.deceased_on is not None

    @property
    def collection_stopped(self) -> bool:
        """Who left or died gives nothing more; destroying samples without leaving stops nothing."""
        return self.left or self.died

    @property
    def use_blocked(self) -> bool:
        """Of everything: who left and did not answer *keep* twice. Else items are blocked by holds."""
        kept = self.information == InformationAnswer.KEEP and self.samples == SamplesAnswer.KEEP
        return self.left and not kept
