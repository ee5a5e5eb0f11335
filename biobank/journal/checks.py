"""What must hold before lines of the journal are applied to an older backup."""

from biobank.access.actors import Actor
from biobank.core.errors import Conflict, Forbidden


class AllSitesNeeded(Forbidden):
    title = "All sites"


class LineRefused(Conflict):
    """A line that this database cannot take over; nothing of the journal was applied."""

    title = "Line refused"

    def __init__(self, line: int, why: str) -> None:
        super().__init__(f"Line {line} of the withdrawal journal cannot be applied: {why}.", line=line)


class NothingLost(Conflict):
    title = "Nothing to accept"


def works_at_all_sites(by: Actor) -> None:
    """Raises `AllSitesNeeded`."""
    if by.sites is not None:
        raise AllSitesNeeded(
            "The journal is about participants of every site; somebody of compliance who works at all sites "
            "applies it."
        )
