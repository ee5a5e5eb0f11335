"""Background work of the vault: what a power cut left half written down is finished once a day."""

from biobank.core.database import writing
from biobank.identity.replay import finish_accesses
from biobank.settings import Settings


def finish_looks(_settings: Settings) -> int:
    """Looks that only the vault tells of get their entry in the ledger; how many there were."""
    with writing() as work:
        return finish_accesses(work)
