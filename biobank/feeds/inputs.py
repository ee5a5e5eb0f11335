"""A row of the withdrawal feed, whether it came in a file or over HTTP."""

from dataclasses import dataclass

from biobank.core.moments import Told
from biobank.destruction.choices import Ceremony
from biobank.participants.choices import InformationAnswer, SamplesAnswer


@dataclass(frozen=True, kw_only=True)
class FeedRow:
    """That somebody withdrew, as the programme tells it. No race, no reason, no number of the programme."""

    line: int
    """In its file, the header being 1; over HTTP the row's place in the list, from 1."""
    participant: str
    """A participant code, perhaps of another environment."""
    withdrawal_time: Told
    ceremony: Ceremony
    information: InformationAnswer = InformationAnswer.UNDECIDED
    samples: SamplesAnswer = SamplesAnswer.UNDECIDED
    deceased: bool = False
    site: str | None = None
    """Where the participant is paired, as the programme calls it; kept where it is a site of ours."""
    row: str | None = None
    """What the sender calls the row."""
