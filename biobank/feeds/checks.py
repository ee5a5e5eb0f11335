"""What must hold before a delivery of the withdrawal feed is taken."""

from collections.abc import Sequence
from datetime import timedelta

from biobank.access.actors import Actor
from biobank.access.checks import at_all_sites
from biobank.core import moments
from biobank.feeds.formats import FeedRefused
from biobank.feeds.inputs import FeedRow
from biobank.participants.checks import FIRST_CONSENT


def works_at_all_sites(by: Actor) -> None:
    """Raises `AllSitesNeeded`."""
    at_all_sites(
        by,
        "The programme's feed is about participants of every site; somebody of compliance who works at all "
        "sites exchanges it.",
    )


def times_are_possible(rows: Sequence[FeedRow], skew: timedelta) -> None:
    """Raises `FeedRefused` with the line of the first that is to come, or from before anybody took part."""
    latest = moments.now() + skew
    for row in rows:
        if row.withdrawal_time.at > latest:
            raise FeedRefused(row.line, "withdrawal_time", "this time has not come yet; correct it")
        if row.withdrawal_time.at < FIRST_CONSENT:
            raise FeedRefused(
                row.line, "withdrawal_time", f"nobody took part before {FIRST_CONSENT.year}; correct it"
            )
