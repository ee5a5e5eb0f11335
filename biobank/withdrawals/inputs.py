"""What recording a decision takes."""

from dataclasses import dataclass

from biobank.core.moments import Told
from biobank.destruction.choices import Ceremony
from biobank.participants.choices import InformationAnswer, SamplesAnswer
from biobank.withdrawals.choices import Capacity, Channel


@dataclass(frozen=True, kw_only=True)
class Decision:
    """A decision as it was told. The answers have no default: what was not answered is `undecided`."""

    participant: str
    leaves: bool
    information: InformationAnswer
    samples: SamplesAnswer
    requested_by: str
    """A code or a role, never a name."""
    capacity: Capacity
    ceremony: Ceremony
    channel: Channel
    decided_at: Told
    evidence: str | None = None
    """The number of a form, letter or recording."""
    language: str = "en"
    """Of the message that confirms it."""
