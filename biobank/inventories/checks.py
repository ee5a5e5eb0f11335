"""What must hold before a unit is planned to be counted, read, ended or closed."""

from biobank.access.actors import Actor
from biobank.access.checks import at_own_site
from biobank.access.permissions import Role
from biobank.core.database import Work
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.personal_shapes import names_nobody
from biobank.custody.queries import is_or_holds
from biobank.custody.states import STORAGE, Kind, State
from biobank.custody.steps import ItemNow
from biobank.inventories.choices import FIRST, SECOND, CheckState
from biobank.inventories.comparing import Comparison
from biobank.inventories.models import InventoryCheck
from biobank.inventories.readings import readings_of
from biobank.items.identifiers import printed
from biobank.storage.checks import named

LONGEST_REASON = 500
LONGEST_SEED = 64
MOST_DRAWN = 500
MOST_NAMED = 8
MOST_WITHIN = 2000


class NotCountable(Invalid):
    """The code is of something in which nothing is counted."""

    title = "Nothing to count"


class CountedAlready(Conflict):
    """A check of this unit is planned or under way."""

    title = "Counted already"


class NotAtThisPoint(Conflict):
    """The check is not so far, or further."""

    title = "Not at this point"


class ReadingRefused(Invalid):
    """What was told of a position cannot be so."""

    title = "Not read"


class NotLookedAtAgain(Conflict):
    """Something changed while it was counted, or two counts differ: somebody has to look there once more."""

    title = "Look again"


class DifferencesChanged(Conflict):
    """The differences are not those that were shown."""

    title = "Changed since"


class SecondCountNeeded(Conflict):
    """Somebody else has to count, too."""

    title = "Second count needed"


class SecondCountByAnother(Forbidden):
    """Who counted first cannot be the second pair of eyes."""

    title = "Somebody else counts"


class TooMany(Invalid):
    """More than a request can plan at once."""

    title = "Too many at once"


class SampleRefused(Invalid):
    title = "Sample refused"


def can_be_counted(unit: ItemNow, by: Actor) -> str:
    """The site of the unit. Raises `NotCountable`, `SiteNotYours`."""
    if unit.kind not in STORAGE:
        raise NotCountable(
            f"{printed(unit.identifier)} is a {unit.kind.replace('_', ' ')}; scan a box or a rack.",
            field="unit",
        )
    if unit.state is State.VOIDED or unit.site is None:
        raise NotCountable(f"{named(unit)} is not in use any more; scan another.", field="unit")
    at_own_site(by, unit.site)
    return unit.site


def can_be_planned_together(units: int) -> None:
    """Raises `TooMany`."""
    if units > MOST_WITHIN:
        raise TooMany(f"{units} units stand in it; plan at most {MOST_WITHIN} at once, freezer by freezer.")


def is_at(check: InventoryCheck, *states: CheckState) -> None:
    """Raises `NotAtThisPoint`."""
    if check.state not in states:
        wanted = " or ".join(states)
        raise NotAtThisPoint(f"Check {check.id} is {check.state}; this can be done while it is {wanted}.")


def counts_as_another(work: Work, check: InventoryCheck, by: Actor, turn: int) -> None:
    """The second count is by nobody who made the first. Raises `SecondCountByAnother`."""
    if turn != SECOND:
        return
    if counted_first(work, check, by):
        raise SecondCountByAnother(
            f"You counted first in check {check.id}; somebody else makes the second count."
        )


def counted_first(work: Work, check: InventoryCheck, by: Actor) -> bool:
    return any(reading.turn == FIRST and reading.read_by == by.person for reading in readings_of(work, check))


def is_no_unit_around(work: Work, unit: ItemNow, item: ItemNow) -> None:
    """Nobody reads what is counted, or what stands around it. Raises `ReadingRefused`."""
    if item.kind in STORAGE and unit.kind is Kind.BOX:
        code = printed(item.identifier)
        if item.id == unit.id:
            raise ReadingRefused(f"{code} is the box that you count; scan a tube in it.", field="text")
        raise ReadingRefused(f"{code} is another place; end this count first.", field="text")
    if is_or_holds(work, item, unit):
        raise ReadingRefused(
            f"{named(item)} is what you count, or stands around it; scan what lies in it.", field="text"
        )


def is_as_shown(comparison: Comparison, expected: str | None) -> None:
    """Raises `DifferencesChanged`."""
    if expected is not None and expected != comparison.fingerprint:
        raise DifferencesChanged(
            f"Something in {named(comparison.unit)} changed since you saw it; look at the differences again."
        )


def everything_was_looked_at(comparison: Comparison) -> None:
    """Raises `NotLookedAtAgain`."""
    if comparison.disputed:
        shown = ", ".join(sorted(comparison.disputed)[:MOST_NAMED])
        raise NotLookedAtAgain(f"The two counts differ in {shown}; read each of these once more.")
    overtaken = [found for found in comparison.differences if found.is_overtaken]
    if overtaken:
        raise NotLookedAtAgain(
            f"The log changed while it was counted; look again: {overtaken[0].sentence}",
            positions=[found.position for found in overtaken],
        )


def was_counted_twice(
    work: Work, check: InventoryCheck, comparison: Comparison, by: Actor, because: str | None
) -> None:
    """From so many differences on somebody else counts, too, unless a lead says why not.

    Raises `SecondCountNeeded`.
    """
    least = work.settings.inventory_second_count_from
    if check.turn != FIRST or not least or len(comparison.differences) < least:
        return
    if not (because and by.has(Role.LEAD, check.site)):
        raise SecondCountNeeded(
            f"Check {check.id} has differences ({len(comparison.differences)}): somebody else counts, "
            "too, or a biobank lead says why not."
        )


def reason_is_fit(reason: str, field: str = "because") -> None:
    """Raises `Invalid`, `NamesSomebody`."""
    if not reason or len(reason) > LONGEST_REASON:
        raise Invalid(f"Say why, in 1 to {LONGEST_REASON} characters.", field=field)
    names_nobody(field, reason)


def can_be_drawn(size: int, seed: str) -> None:
    """Raises `SampleRefused`, `NamesSomebody`."""
    if not 1 <= size <= MOST_DRAWN:
        raise SampleRefused(f"Draw 1 to {MOST_DRAWN} boxes at a time.", field="size")
    if not seed or len(seed) > LONGEST_SEED or not seed.isprintable():
        raise SampleRefused(f"The seed has 1 to {LONGEST_SEED} characters.", field="seed")
    names_nobody("seed", seed)
