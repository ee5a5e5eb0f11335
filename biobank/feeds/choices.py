"""Words of the feeds: what became of a row, and what the programme's own file says as which of ours."""

from collections.abc import Mapping
from enum import StrEnum

from biobank.destruction.choices import Ceremony


class Outcome(StrEnum):
    """What became of a row of the withdrawal feed; each is an acknowledgement."""

    RECORDED = "recorded"
    KNOWN = "known"
    """The participant had left already and this row says nothing further."""
    COMPLIANCE_DECIDES = "compliance_decides"
    """It would take back what was to be removed or destroyed, which only two people do."""
    NOT_OURS = "not_ours"
    """A code of another environment of the programme."""


SENTENCES: Mapping[Outcome, str] = {
    Outcome.RECORDED: "The withdrawal is recorded.",
    Outcome.KNOWN: "The participant had left already; nothing changed.",
    Outcome.COMPLIANCE_DECIDES: "It would take an earlier answer back; compliance decides.",
    Outcome.NOT_OURS: "The code is of another environment; nothing was recorded.",
}

CEREMONIES: Mapping[str, Ceremony] = {
    "Y": Ceremony.YES,
    "N": Ceremony.NO,
    "U": Ceremony.UNANSWERED,
    "NA": Ceremony.NOT_APPLICABLE,
}
DECEASED: Mapping[str, bool] = {"": False, "UNSET": False, "PENDING": True, "APPROVED": True}
"""A report that the programme has not approved yet was told all the same."""


class ResultStatus(StrEnum):
    """What a line of the destruction feed says of its certificate."""

    STANDS = "stands"
    IN_QUESTION = "in_question"
