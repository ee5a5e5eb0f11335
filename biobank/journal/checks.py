"""What must hold before lines of the journal are applied to an older backup."""

from biobank.access.actors import Actor
from biobank.access.checks import at_all_sites
from biobank.core.errors import Conflict


class LineRefused(Conflict):
    """A line that this database cannot take over; nothing of the journal was applied."""

    title = "Line refused"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"Line {line} of the withdrawal journal cannot be applied: {why}.", line=line)


class NothingLost(Conflict):
    title = "Nothing to accept"


def works_at_all_sites(by: Actor) -> None:
    """Raises `AllSitesNeeded`."""
    at_all_sites(
        by,
        "The journal is about participants of every site; somebody of compliance who works at all sites "
        "applies it.",
    )
