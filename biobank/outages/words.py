"""Outages, outcomes and groups in the words that pages show."""

from collections.abc import Mapping

from biobank.outages.choices import Outcome
from biobank.outages.models import Outage

Sign = dict[str, str]
OUTCOME_SIGNS: Mapping[str, Sign] = {
    Outcome.RELEASED: {"word": "Released", "tone": "right"},
    Outcome.KEPT: {"word": "Kept under the hold", "tone": "late"},
    Outcome.ENDED: {"word": "Ended by accident", "tone": "wrong"},
    "open": {"word": "Not decided", "tone": "wait"},
}
BAND_NAMES: Mapping[str, str] = {
    "under_30": "Under 30 minutes",
    "30_to_59": "From 30 to 59 minutes",
    "60_to_119": "From 1 to 2 hours",
    "120_to_239": "From 2 to 4 hours",
    "240_and_more": "From 4 hours on",
    "not_known": "Nobody knows how long",
}


def outage_sign(outage: Outage, undecided: int) -> Sign:
    if outage.ended_at is None:
        return {"word": "Out of service", "tone": "wrong"}
    if undecided:
        return {"word": "Over, waits for a lead", "tone": "late"}
    return {"word": "Over and decided", "tone": "right"}
