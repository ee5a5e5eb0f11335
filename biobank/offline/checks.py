"""What must hold before a station's queue is taken, and what is kept about its clock."""

from sqlalchemy import or_, select

from biobank.access.actors import Actor
from biobank.access.models import RoleGrant
from biobank.core.database import Work
from biobank.core.errors import Conflict, Forbidden, Invalid
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


class KeyUsedBefore(Conflict):
    """Two scans under one key: the first one counts, and the second is looked at."""

    title = "Sent before"

    def __init__(self) -> None:
        super().__init__(
            "The key of this scan was used for something else before, so this one was not recorded; look at "
            "the tube, and record on its page what is missing."
        )


class NobodyWhoCollects(Invalid):
    """A queue names somebody as having drawn what they cannot have drawn."""

    title = "Nobody who collects here"


def may_send(by: Actor, site: str) -> None:
    """Raises `NotYourQueue`; then the queue stays where it is."""
    if not any(role in COLLECTORS and at in (None, site) for role, at in by.grants):
        raise NotYourQueue(
            f"These scans were taken at {site}; somebody who collects there has to sign in and send them.",
            site=site,
        )


def collects_there(work: Work, person: str | None, site: str) -> None:
    """Raises `NobodyWhoCollects`, unless they do or did: who left since may have drawn what is sent late."""
    if person is None:
        return
    held = select(RoleGrant.id).where(
        RoleGrant.person == person,
        RoleGrant.role.in_([role.value for role in COLLECTORS]),
        or_(RoleGrant.site == site, RoleGrant.site.is_(None)),
    )
    if work.session.scalar(held.limit(1)) is None:
        raise NobodyWhoCollects(
            f"Whoever is named as having done this never collected at {site}, so it was not recorded; record "
            "it on the page of the tube, with the name of who did it.",
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
