"""What must hold before a station's queue is taken, and what is kept about its clock."""

from biobank.access.actors import Actor
from biobank.core.database import Work
from biobank.core.errors import Forbidden
from biobank.custody.states import Action, Kind
from biobank.custody.steps import Attempt, Flag
from biobank.custody.transitions import TRANSITIONS
from biobank.offline.station_clock import OFFSET

COLLECTORS = TRANSITIONS[Kind.TUBE, Action.COLLECT].roles
SECONDS = 60
MINUTES_OF_AN_HOUR = 60


class NotYourQueue(Forbidden):
    """The scans were taken at a site at which this person collects nothing."""

    title = "Not your queue"


def may_send(by: Actor, site: str) -> None:
    """Raises `NotYourQueue`; then the queue stays where it is."""
    if not any(role in COLLECTORS and at in (None, site) for role, at in by.grants):
        raise NotYourQueue(
            f"These scans were taken at {site}; somebody who collects there has to sign in and send them.",
            site=site,
        )


def station_clock_is_right(work: Work, attempt: Attempt) -> list[Flag]:
    """Nothing has to be explained about it; the flag says that the time was put right."""
    offset = attempt.details.get(OFFSET)
    if attempt.source.kind != "offline" or not isinstance(offset, int):
        return []
    minutes = abs(offset) // SECONDS
    if minutes < work.settings.station_clock_flag_minutes:
        return []
    direction = "ahead of" if offset > 0 else "behind"
    sentence = f"The station's clock was {_told(minutes)} {direction} ours; the time was put right by that."
    return [Flag("station_clock", sentence, is_doubt=False)]


def _told(minutes: int) -> str:
    hours, rest = divmod(minutes, MINUTES_OF_AN_HOUR)
    return f"{hours} h {rest} min" if hours else f"{rest} min"
