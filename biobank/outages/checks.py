"""What must hold before an outage is declared or ended, something is carried out of it, or a lead decides."""

from biobank.access.actors import Actor
from biobank.access.checks import permitted
from biobank.access.permissions import Permission
from biobank.core import moments
from biobank.core.database import Work
from biobank.core.errors import Conflict, Forbidden, Invalid
from biobank.core.moments import Told
from biobank.core.personal_shapes import names_nobody
from biobank.custody.states import STORAGE
from biobank.custody.steps import Attempt, Flag, ItemNow
from biobank.items.identifiers import printed
from biobank.outages.choices import CARRIED, NOT_CARRIED
from biobank.outages.inputs import NewDecision
from biobank.outages.models import Outage, OutageDecision
from biobank.outages.queries import is_out_of_service, standing_outage_of

LONGEST_REASON = 500
COLDEST, WARMEST = -200, 60
NOTHING_IN_THEM = "There is nothing in these groups; choose others."


class OutageRefused(Invalid):
    title = "Outage refused"


class NotCarried(Invalid):
    title = "Scan what you carry"


class OutageStands(Conflict):
    title = "Declared already"


class OutageEnded(Conflict):
    title = "The outage is over"


class DecisionRefused(Invalid):
    title = "Decision refused"


class DecidedAlready(Conflict):
    title = "Decided already"


class NotYoursToDecide(Forbidden):
    title = "Not yours to decide"


def unit_can_fail(work: Work, unit: ItemNow) -> None:
    """Raises `OutageRefused`, `OutageStands`."""
    if unit.kind not in STORAGE or unit.site is None:
        raise OutageRefused(
            f"{printed(unit.identifier)} is no storage unit; scan the freezer, room or shelf that failed.",
            field="unit",
        )
    stands = standing_outage_of(work, unit.id)
    if stands is not None:
        raise OutageStands(
            f"Outage {stands.id} of {printed(unit.identifier)} stands since it was declared by "
            f"{stands.declared_by}; go on there.",
            outage=stands.id,
        )


def told_can_be_so(at: Told | None, celsius: int | None) -> None:
    """Raises `OutageRefused`."""
    if celsius is not None and not COLDEST <= celsius <= WARMEST:
        raise OutageRefused(
            f"A temperature lies between {COLDEST} and {WARMEST} °C; look at the display again.",
            field="temperature",
        )
    not_ahead(at)


def not_ahead(at: Told | None) -> None:
    """Raises `OutageRefused`."""
    if at is not None and at.at > moments.now():
        raise OutageRefused("This time has not come yet; check the time and the date.", field="occurred_at")


def still_stands(outage: Outage) -> None:
    """Raises `OutageEnded`."""
    if outage.ended_at is not None:
        raise OutageEnded(
            f"Outage {outage.id} was ended by {outage.ended_by}; move things by their own pages from now on."
        )


def ends_after_it_began(outage: Outage, at: Told) -> None:
    """Raises `OutageRefused`."""
    not_ahead(at)
    if outage.began_at is not None and at.at < outage.began_at:
        raise OutageRefused("It cannot end before it began; check the time.", field="occurred_at")


def can_be_proposed(new: NewDecision) -> None:
    """Raises `DecisionRefused`, `NamesSomebody`."""
    if not new.groups:
        raise DecisionRefused("Choose at least one group.", field="groups")
    if not new.reason:
        raise DecisionRefused("Say in one sentence why.", field="reason")
    if len(new.reason) > LONGEST_REASON:
        raise DecisionRefused(f"The reason has at most {LONGEST_REASON} characters.", field="reason")
    names_nobody("reason", new.reason)


def groups_are_known(new: NewDecision, known: set[str]) -> None:
    """What is no group of the outage is not written into a log for good. Raises `DecisionRefused`."""
    if not known.issuperset(new.groups):
        raise DecisionRefused(NOTHING_IN_THEM, field="groups")


def something_is_open(count: int) -> None:
    """Raises `DecisionRefused`."""
    if not count:
        raise DecisionRefused(NOTHING_IN_THEM, field="groups")


def can_be_decided(outage: Outage, decision: OutageDecision) -> None:
    """Raises `DecidedAlready`, `DecisionRefused`."""
    if decision.approved_at is not None:
        raise DecidedAlready(f"Decision {decision.id} was signed by {decision.approved_by} already.")
    if decision.dropped_at is not None:
        raise DecidedAlready(f"Decision {decision.id} was given up; propose it anew.")
    if outage.ended_at is None:
        raise DecisionRefused(
            f"Outage {outage.id} still stands; end it first: then it is known how long each piece was warm."
        )


def signer_may(outage: Outage, signer: Actor) -> None:
    """A biobank lead of the site. Raises `PermissionMissing`, `NotYoursToDecide`."""
    permitted(signer, Permission.DECIDE_OUTAGES)
    if not signer.works_at(outage.site):
        raise NotYoursToDecide(
            f"{signer.person} does not work at {outage.site}; a biobank lead of that site signs.",
            field="signer",
        )


def unit_is_in_service(work: Work, attempt: Attempt) -> list[Flag]:
    """Wired before something is put into a storage unit: asked back where it would grow warm."""
    if attempt.place is None or not is_out_of_service(work, attempt.place.id):
        return []
    return attempt.ask_back(
        "out_of_service", f"{printed(attempt.place.identifier)} is out of service; choose another place."
    )


def can_be_carried(item: ItemNow) -> None:
    """Raises `NotCarried` for what stands in no freezer, such as a parcel."""
    if item.kind not in CARRIED | NOT_CARRIED:
        kind = item.kind.replace("_", " ")
        raise NotCarried(
            f"{printed(item.identifier)} is the label of a {kind}; scan the rack, box or tube in your hands.",
            field="text",
        )
